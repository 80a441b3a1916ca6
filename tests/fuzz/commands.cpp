// Any octets as what a member says: taken apart once, nothing is left to take off.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "chat/commands.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const bb::chat::Spoken spoken = bb::chat::parse_spoken(std::string(data, data + size));
  const bool word_is_one = spoken.word.find_first_of(" \t\r\n") == std::string::npos;
  const bool spaced_once = spoken.arguments.find("  ") == std::string::npos;
  const bb::chat::Spoken again = bb::chat::parse_spoken(spoken.word);
  if (!word_is_one || !spaced_once || again.word != spoken.word || !again.arguments.empty()) {
    std::abort();
  }
  return 0;
}

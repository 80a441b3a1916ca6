// The body of a Slack event, as it is after its signature was found right.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "chat/slack/events.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  static_cast<void>(bb::chat::slack::parse_event(body));
  return 0;
}

// Whatever Slack text arrives, the terminal gets no control characters from it.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "sim/slack_view.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string shown = bb::sim::show_mrkdwn(text, {}, bb::sim::Ansi::never);
  if (shown.find('\x1b') != std::string::npos) {
    std::abort();
  }
  return 0;
}

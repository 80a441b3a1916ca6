// Any octets as a recording, and that what was read is written and read again unchanged.
#include <cstddef>
#include <cstdint>
#include <string>

#include "http/recorded_exchange.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // The header need not be found by chance.
  const std::string text = bb::http::recording_header() + "\n" + std::string(data, data + size);
  const auto exchanges = bb::http::parse_recording(text);
  if (!exchanges) {
    return 0;
  }
  for (const bb::http::RecordedExchange& exchange : *exchanges) {
    const std::string line = bb::http::format_exchange(exchange);
    const auto again = bb::http::parse_recording(bb::http::recording_header() + "\n" + line);
    if (!again || again->size() != 1 || bb::http::format_exchange(again->front()) != line) {
      __builtin_trap();
    }
  }
  return 0;
}

// Form bodies and query strings, and that what was read is written and read again unchanged.
#include <cstddef>
#include <cstdint>
#include <string>

#include "http/message.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto parameters = bb::http::Parameters::parse(std::string(data, data + size));
  if (parameters) {
    const std::string encoded = parameters->encode();
    const auto again = bb::http::Parameters::parse(encoded);
    if (!again || again->encode() != encoded) {
      __builtin_trap();
    }
  }
  return 0;
}

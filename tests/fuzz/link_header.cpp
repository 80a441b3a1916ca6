// Any octets as a Link header.
#include <cstdint>
#include <string>

#include "github/api_answer.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  bb::github::has_next_link(std::string(data, data + size));
  return 0;
}

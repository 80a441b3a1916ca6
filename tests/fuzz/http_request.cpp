// Octets of a connection, in two pieces: the first octet says where the cut is.
#include <cstddef>
#include <cstdint>
#include <string>

#include "http/request_parser.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) {
    return 0;
  }
  const std::string input(data + 1, data + size);
  const std::string_view first = std::string_view(input).substr(0, data[0]);
  bb::http::RequestParser parser({.header_bytes = 1024, .body_bytes = 4096});
  const std::size_t used = parser.feed(first);
  parser.feed(std::string_view(input).substr(used));
  if (parser.state() == bb::http::RequestParser::State::complete) {
    const bb::http::Request request = parser.take();
    if (request.path.empty() || request.body.size() > 4096) {
      __builtin_trap();
    }
  }
  return 0;
}

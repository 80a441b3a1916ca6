// The Retry-After header: nothing, or between one second and a day.
#include <cstddef>
#include <cstdint>
#include <string>

#include "http/client.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  bb::http::Headers headers;
  headers.add("Retry-After", std::string(data, data + size));
  const bb::TimePoint now{std::chrono::seconds(1'793'388'800)};
  const auto wait = bb::http::retry_after(headers, now);
  if (wait && (*wait < std::chrono::seconds(1) || *wait > std::chrono::hours(24))) {
    __builtin_trap();
  }
  return 0;
}

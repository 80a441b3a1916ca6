#include <doctest/doctest.h>

#include "http/client.hpp"

namespace bb::http {
namespace {

using namespace std::chrono_literals;

const TimePoint now{784'111'777s};  // Sun, 06 Nov 1994 08:49:37 GMT

std::optional<std::chrono::seconds> wait(std::string_view header) {
  Headers headers;
  headers.add("retry-after", header);
  return retry_after(headers, now);
}

TEST_CASE("Retry-After is read as seconds or as a date") {
  CHECK((wait("30") == 30s));
  CHECK((wait(" 7 ") == 7s));
  CHECK((wait("Sun, 06 Nov 1994 08:50:37 GMT") == 60s));
}

TEST_CASE("Retry-After is at least a second and at most a day") {
  CHECK((wait("0") == 1s));
  CHECK((wait("Sun, 06 Nov 1994 08:00:00 GMT") == 1s));
  CHECK((wait("100000") == 24h));
  CHECK((wait("99999999999999999999999999") == 24h));
  CHECK((wait("Sat, 06 Nov 2094 08:49:37 GMT") == 24h));
}

TEST_CASE("an unreadable or absent Retry-After is none") {
  CHECK_FALSE(retry_after({}, now).has_value());
  for (const char* const text : {"", "soon", "-5", "1.5", "12 s", "0x10"}) {
    CAPTURE(text);
    CHECK_FALSE(wait(text).has_value());
  }
}

}  // namespace
}  // namespace bb::http

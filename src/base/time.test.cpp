#include "base/time.hpp"

#include <doctest/doctest.h>

namespace bb {
namespace {

TimePoint at(std::string_view text) {
  return parse_rfc3339(text).value();
}

}  // namespace

TEST_CASE("RFC 3339 times are read with fractions and offsets and written in UTC") {
  CHECK(format_rfc3339(at("2026-11-22T19:33:20Z")) == "2026-11-22T19:33:20Z");
  CHECK(at("2012-06-14T15:01:42-07:00") == at("2012-06-14T22:01:42Z"));
  CHECK(at("2026-11-22T19:33:20.1234Z") - at("2026-11-22T19:33:20Z") ==
        std::chrono::milliseconds(123));
  CHECK(at("2016-12-31T23:59:60Z") == at("2016-12-31T23:59:59Z"));
}

TEST_CASE("what is not an RFC 3339 time is refused with an example") {
  for (const char* text : {"", "2026-11-22", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z",
                           "2026-11-22T24:00:00Z", "2026-11-22T19:33:20", "2026-11-22T19:33:20Zx",
                           "2026-11-22T19:33:20.Z", "2026-11-22T19:33:20+1:00"}) {
    CAPTURE(text);
    const auto parsed = parse_rfc3339(text);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().message.find("2026-11-22T19:33:20Z") != std::string::npos);
  }
}

TEST_CASE("HTTP dates are read and written") {
  const TimePoint time = parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT").value();
  CHECK(format_rfc3339(time) == "1994-11-06T08:49:37Z");
  CHECK(format_http_date(time) == "Sun, 06 Nov 1994 08:49:37 GMT");
  CHECK_FALSE(parse_http_date("yesterday"));
}

TEST_CASE("spans have one number and one unit") {
  CHECK(parse_span("90s").value() == std::chrono::seconds(90));
  CHECK(parse_span("24h").value() == std::chrono::hours(24));
  CHECK(parse_span("2w").value() == std::chrono::hours(14 * 24));
  for (const char* text : {"", "h", "24", "-1h", "0h", "1.5h", "24 h", "99999999999999d"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_span(text));
  }
}

TEST_CASE("a day starts at local midnight also when the clock changes") {
  const TimeZone chicago = TimeZone::find("America/Chicago").value();
  const auto day = parse_day("2026-11-01").value();
  CHECK(chicago.start_of(day) == at("2026-11-01T05:00:00Z"));
  CHECK(chicago.day_of(at("2026-11-02T05:30:00Z")) == day);  // 23:30 in winter time
}

TEST_CASE("a day whose midnight does not exist starts with the clock change") {
  const TimeZone santiago = TimeZone::find("America/Santiago").value();
  CHECK(santiago.start_of(parse_day("2024-09-08").value()) == at("2024-09-08T04:00:00Z"));
}

TEST_CASE("a local time that a clock change skips or repeats is one moment") {
  const TimeZone chicago = TimeZone::find("America/Chicago").value();
  const auto on = [&](const char* day, int hour, int minute) {
    return format_rfc3339(chicago.at(parse_day(day).value(),
                                     std::chrono::hours(hour) + std::chrono::minutes(minute)));
  };
  CHECK(on("2026-11-20", 19, 0) == "2026-11-21T01:00:00Z");
  CHECK(on("2026-03-08", 2, 30) == "2026-03-08T08:00:00Z");
  CHECK(on("2026-11-01", 1, 30) == "2026-11-01T06:30:00Z");
}

TEST_CASE("a time zone is found in any case and a city tells its zone") {
  CHECK(TimeZone::find("america/new_york").value().name() == "America/New_York");
  CHECK(TimeZone::find("utc").value() == TimeZone::utc());
  CHECK(TimeZone::find("chicago").error().message ==
        "'chicago' is not a time zone, but America/Chicago is one");
}

TEST_CASE("a day is written as it is read") {
  CHECK(format_day(parse_day("2026-02-03").value()) == "2026-02-03");
}

TEST_CASE("an unknown time zone is refused") {
  CHECK_FALSE(TimeZone::find("America/Springfield"));
  CHECK_FALSE(TimeZone::find("../../etc/passwd"));
  CHECK(TimeZone::utc().format(at("2026-11-22T19:33:20Z"), "%A %H:%M") == "Sunday 19:33");
}

}  // namespace bb

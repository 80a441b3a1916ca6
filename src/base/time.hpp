// Points in time as text: RFC 3339, HTTP dates, spans such as 24h, and local time in a named zone.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace bb {

// RFC 3339 with seconds, fractions ignored beyond milliseconds: 2026-11-22T19:33:20Z, +01:00
// allowed.
Result<TimePoint> parse_rfc3339(std::string_view text);

// 2026-11-22T19:33:20Z
std::string format_rfc3339(TimePoint time);

// An HTTP date in the preferred form of RFC 9110 section 5.6.7: Sun, 06 Nov 1994 08:49:37 GMT.
Result<TimePoint> parse_http_date(std::string_view text);
std::string format_http_date(TimePoint time);

// 90s, 15m, 24h, 7d, 2w; a positive whole number and one unit.
Result<std::chrono::seconds> parse_span(std::string_view text);

// An IANA time zone, e.g. America/Chicago. Only values made by find() exist, so they are always
// valid.
class TimeZone {
 public:
  // In any case; the error names the zone whose city is `name`, if there is one.
  static Result<TimeZone> find(std::string_view name);
  static TimeZone utc();

  [[nodiscard]] const std::string& name() const { return name_; }

  // The calendar day that `time` falls on in this zone.
  [[nodiscard]] std::chrono::year_month_day day_of(TimePoint time) const;

  // When clocks in this zone show `time_of_day` on `day`: the first time if they do so twice, the
  // moment after the gap if a clock change skips it.
  [[nodiscard]] TimePoint at(std::chrono::year_month_day day,
                             std::chrono::minutes time_of_day) const;

  // The first moment of `day` in this zone (not always 00:00: some zones skip midnight).
  [[nodiscard]] TimePoint start_of(std::chrono::year_month_day day) const;

  // strftime-like, as understood by date::format, e.g. "%A, %B %d %Y, %H:%M %Z".
  [[nodiscard]] std::string format(TimePoint time, const char* pattern) const;

  bool operator==(const TimeZone&) const = default;

 private:
  explicit TimeZone(std::string name) : name_(std::move(name)) {}
  std::string name_;
};

// 2026-11-22, as a calendar day without a zone.
Result<std::chrono::year_month_day> parse_day(std::string_view text);
std::string format_day(std::chrono::year_month_day day);

}  // namespace bb

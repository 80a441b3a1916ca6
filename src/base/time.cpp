#include "base/time.hpp"

#include <date/date.h>
#include <date/tz.h>

#include <array>
#include <limits>
#include <locale>
#include <sstream>

#include "base/text.hpp"

namespace bb {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// Reads exactly `digits` decimal digits and moves on; nothing if there are fewer.
std::optional<int> take_number(std::string_view& text, std::size_t digits) {
  if (text.size() < digits) {
    return std::nullopt;
  }
  int value = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    if (text[i] < '0' || text[i] > '9') {
      return std::nullopt;
    }
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(digits);
  return value;
}

bool take(std::string_view& text, char expected) {
  if (text.empty() || text.front() != expected) {
    return false;
  }
  text.remove_prefix(1);
  return true;
}

std::optional<date::year_month_day> take_day(std::string_view& text) {
  const auto year = take_number(text, 4);
  if (!year || !take(text, '-')) {
    return std::nullopt;
  }
  const auto month = take_number(text, 2);
  if (!month || !take(text, '-')) {
    return std::nullopt;
  }
  const auto day = take_number(text, 2);
  if (!day) {
    return std::nullopt;
  }
  const date::year_month_day result(date::year(*year), date::month(static_cast<unsigned>(*month)),
                                    date::day(static_cast<unsigned>(*day)));
  return result.ok() ? std::optional(result) : std::nullopt;
}

// Milliseconds since midnight; a leap second counts as the second before it.
std::optional<milliseconds> take_time_of_day(std::string_view& text) {
  const auto hour = take_number(text, 2);
  if (!hour || *hour > 23 || !take(text, ':')) {
    return std::nullopt;
  }
  const auto minute = take_number(text, 2);
  if (!minute || *minute > 59 || !take(text, ':')) {
    return std::nullopt;
  }
  const auto second = take_number(text, 2);
  if (!second || *second > 60) {
    return std::nullopt;
  }
  milliseconds fraction(0);
  if (take(text, '.')) {
    int scale = 100;
    bool any = false;
    while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
      fraction += milliseconds((text.front() - '0') * scale);
      scale /= 10;
      any = true;
      text.remove_prefix(1);
    }
    if (!any) {
      return std::nullopt;
    }
  }
  return std::chrono::hours(*hour) + std::chrono::minutes(*minute) +
         seconds(std::min(*second, 59)) + fraction;
}

// "Z" or "+01:00": what must be subtracted to get UTC.
std::optional<seconds> take_offset(std::string_view& text) {
  if (take(text, 'Z') || take(text, 'z')) {
    return seconds(0);
  }
  const bool west = !text.empty() && text.front() == '-';
  if (!take(text, '+') && !take(text, '-')) {
    return std::nullopt;
  }
  const auto hours = take_number(text, 2);
  if (!hours || *hours > 23 || !take(text, ':')) {
    return std::nullopt;
  }
  const auto minutes = take_number(text, 2);
  if (!minutes || *minutes > 59) {
    return std::nullopt;
  }
  const seconds offset = std::chrono::hours(*hours) + std::chrono::minutes(*minutes);
  return west ? -offset : offset;
}

date::sys_time<milliseconds> to_date(TimePoint time) {
  return date::sys_time<milliseconds>(time.time_since_epoch());
}

date::local_days to_local_days(std::chrono::year_month_day day) {
  return date::local_days(date::year(static_cast<int>(day.year())) /
                          static_cast<int>(static_cast<unsigned>(day.month())) /
                          static_cast<int>(static_cast<unsigned>(day.day())));
}

std::string format_utc(TimePoint time, const char* pattern) {
  return date::format(std::locale::classic(), pattern, date::floor<seconds>(to_date(time)));
}

}  // namespace

Result<TimePoint> parse_rfc3339(std::string_view text) {
  std::string_view rest = text;
  const auto bad = [&] {
    return fail(ErrorCode::invalid_input, "'" + truncate(escape_control(text), 60) +
                                              "' is not a time such as 2026-11-22T19:33:20Z");
  };
  const auto day = take_day(rest);
  if (!day || (!take(rest, 'T') && !take(rest, 't') && !take(rest, ' '))) {
    return bad();
  }
  const auto time_of_day = take_time_of_day(rest);
  if (!time_of_day) {
    return bad();
  }
  const auto offset = take_offset(rest);
  if (!offset || !rest.empty()) {
    return bad();
  }
  const auto midnight = date::sys_days(*day).time_since_epoch();
  return TimePoint(std::chrono::duration_cast<milliseconds>(midnight) + *time_of_day - *offset);
}

std::string format_rfc3339(TimePoint time) {
  return format_utc(time, "%Y-%m-%dT%H:%M:%SZ");
}

Result<TimePoint> parse_http_date(std::string_view text) {
  std::istringstream in{std::string(text)};
  in.imbue(std::locale::classic());
  date::sys_seconds time;
  in >> date::parse("%a, %d %b %Y %H:%M:%S GMT", time);
  if (in.fail() || in.peek() != std::istringstream::traits_type::eof()) {
    return fail(ErrorCode::invalid_input,
                "'" + truncate(escape_control(text), 60) + "' is not an HTTP date");
  }
  return TimePoint(time.time_since_epoch());
}

std::string format_http_date(TimePoint time) {
  return format_utc(time, "%a, %d %b %Y %H:%M:%S GMT");
}

Result<seconds> parse_span(std::string_view text) {
  struct Unit {
    char letter;
    seconds length;
  };
  static constexpr std::array units = {
      Unit{'s', seconds(1)},      Unit{'m', seconds(60)},         Unit{'h', seconds(3600)},
      Unit{'d', seconds(86'400)}, Unit{'w', seconds(7 * 86'400)},
  };
  constexpr std::int64_t longest = 100LL * 366 * 86'400;  // a century: anything longer is a typo
  if (text.size() >= 2) {
    const auto number = parse_integer(text.substr(0, text.size() - 1));
    for (const Unit& unit : units) {
      if (text.back() == unit.letter && number && *number > 0 &&
          *number <= longest / unit.length.count()) {
        return seconds(*number * unit.length.count());
      }
    }
  }
  return fail(ErrorCode::invalid_input,
              "'" + truncate(escape_control(text), 60) + "' is not a span such as 90s, 24h or 7d");
}

Result<TimeZone> TimeZone::find(std::string_view name) {
  const date::time_zone* zone = nullptr;
  std::string of_city;  // the first zone whose last part is `name`
  try {
    zone = date::locate_zone(std::string(name));
  } catch (const std::runtime_error&) {
    for (const date::time_zone& known : date::get_tzdb().zones) {
      const std::string_view full = known.name();
      if (equals_ignoring_case(full, name)) {
        zone = &known;
      }
      if (of_city.empty() && equals_ignoring_case(full.substr(full.rfind('/') + 1), name)) {
        of_city = full;
      }
    }
  }
  if (zone != nullptr) {
    return TimeZone(zone->name());
  }
  return fail(ErrorCode::invalid_input,
              "'" + truncate(escape_control(name), 60) + "' is not a time zone" +
                  (of_city.empty() ? " such as America/Chicago" : ", but " + of_city + " is one"));
}

TimeZone TimeZone::utc() {
  return TimeZone("UTC");
}

std::chrono::year_month_day TimeZone::day_of(TimePoint time) const {
  const auto local = date::make_zoned(name_, to_date(time)).get_local_time();
  const date::year_month_day day(date::floor<date::days>(local));
  return {std::chrono::year(static_cast<int>(day.year())),
          std::chrono::month(static_cast<unsigned>(day.month())),
          std::chrono::day(static_cast<unsigned>(day.day()))};
}

TimePoint TimeZone::at(std::chrono::year_month_day day, std::chrono::minutes time_of_day) const {
  // choose::earliest maps a time that a clock change skips to the moment of the change.
  const auto zoned =
      date::make_zoned(name_, to_local_days(day) + time_of_day, date::choose::earliest);
  return TimePoint(
      std::chrono::duration_cast<milliseconds>(zoned.get_sys_time().time_since_epoch()));
}

TimePoint TimeZone::start_of(std::chrono::year_month_day day) const {
  return at(day, std::chrono::minutes(0));
}

std::string TimeZone::format(TimePoint time, const char* pattern) const {
  return date::format(std::locale::classic(), pattern,
                      date::make_zoned(name_, date::floor<seconds>(to_date(time))));
}

Result<std::chrono::year_month_day> parse_day(std::string_view text) {
  std::string_view rest = text;
  const auto day = take_day(rest);
  if (!day || !rest.empty()) {
    return fail(ErrorCode::invalid_input,
                "'" + truncate(escape_control(text), 60) + "' is not a date such as 2026-11-22");
  }
  return std::chrono::year_month_day{std::chrono::year(static_cast<int>(day->year())),
                                     std::chrono::month(static_cast<unsigned>(day->month())),
                                     std::chrono::day(static_cast<unsigned>(day->day()))};
}

std::string format_day(std::chrono::year_month_day day) {
  return date::format("%Y-%m-%d", to_local_days(day));
}

}  // namespace bb

// When something happens that happens every day at a local time: from text, and as pure rules,
// times in and times out.
#pragma once

#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

namespace bb::jobs {

// Days of the week, by std::chrono::weekday::c_encoding (Sunday is 0).
using Weekdays = std::array<bool, 7>;
inline constexpr Weekdays every_day = {true, true, true, true, true, true, true};

struct Timetable {
  std::chrono::minutes time_of_day{0};
  Weekdays weekdays = every_day;
  TimeZone zone = TimeZone::utc();

  bool operator==(const Timetable&) const = default;
};

// 19:00, 9:05, 7pm, 7:30 pm.
Result<std::chrono::minutes> parse_time_of_day(std::string_view text);

// "mon-fri", "sat-mon", "mon,wed,fri", "weekdays", "weekends", "daily"; names in any case, from
// three letters on, separated by commas or spaces.
Result<Weekdays> parse_weekdays(std::string_view text);

// "19:00"; "mon-fri", "sat-mon", "mon,wed", "every day": what the functions above read.
std::string to_text(std::chrono::minutes time_of_day);
std::string to_text(const Weekdays& weekdays);

// One day of a timetable: the date in its zone, and when its time comes on that date.
struct Slot {
  std::chrono::year_month_day day;
  TimePoint at;

  bool operator==(const Slot&) const = default;
};

// How far the slots of a timetable are dealt with: all up to a time, and up to the last one's date,
// so that a timetable that changes during a day does not come twice on that date.
struct Settled {
  TimePoint until;
  std::optional<std::chrono::year_month_day> day = std::nullopt;

  bool operator==(const Settled&) const = default;
};

// A slot is run late after a downtime, but not later than this.
inline constexpr std::chrono::hours catch_up_for(6);

struct Plan {
  std::optional<Slot> due;   // to be run now
  std::vector<Slot> missed;  // too late, or overtaken by a later one; of a month at most
  Slot next;                 // the first one after now
  Settled settled;           // once `due` and `missed` are dealt with
};

// A time that a clock change skips comes at the end of the gap, one that exists twice comes the
// first time, a date that its zone skips does not come. The clock may go back: what is settled
// stays so, unless it lies more than a day ahead, which only a wrong clock can have left behind.
Plan plan(const Timetable& timetable, const Settled& settled, TimePoint now);

}  // namespace bb::jobs

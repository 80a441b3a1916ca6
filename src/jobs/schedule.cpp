#include "jobs/schedule.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"

namespace bb::jobs {
namespace {

using std::chrono::days;
using std::chrono::sys_days;
using std::chrono::weekday;
using std::chrono::year_month_day;

constexpr std::array<std::string_view, 7> names = {"sunday",   "monday", "tuesday", "wednesday",
                                                   "thursday", "friday", "saturday"};
constexpr std::size_t shortest_name = 3;
constexpr std::size_t longest_quoted = 60;

constexpr days longest_look_back(31);
constexpr days most_ahead(1);        // that a clock may have been and is believed
constexpr days most_dates_ahead(2);  // between the dates of two zones

std::string quoted(std::string_view text) {
  return "'" + truncate(escape_control(text), longest_quoted) + "'";
}

// "mon", "tues", "Fridays".
std::optional<unsigned> parse_name(std::string_view text) {
  const std::string lower = to_lower(text);
  for (unsigned i = 0; i < names.size(); ++i) {
    if (lower.size() >= shortest_name && (std::string(names[i]) + "s").starts_with(lower)) {
      return i;
    }
  }
  return std::nullopt;
}

// A name, or a range that may go on over the end of the week.
std::optional<Weekdays> parse_range(std::string_view text) {
  const std::size_t dash = text.find('-');
  const auto first = parse_name(text.substr(0, dash));
  const auto last = dash == std::string_view::npos ? first : parse_name(text.substr(dash + 1));
  if (!first || !last) {
    return std::nullopt;
  }
  Weekdays found{};
  for (unsigned day = *first;; day = (day + 1) % names.size()) {
    found[day] = true;
    if (day == *last) {
      return found;
    }
  }
}

std::optional<Weekdays> parse_group(std::string_view text) {
  static constexpr Weekdays workdays = {false, true, true, true, true, true, false};
  static constexpr Weekdays weekend = {true, false, false, false, false, false, true};
  static constexpr std::array<std::pair<std::string_view, Weekdays>, 7> groups = {
      {{"daily", every_day},
       {"every day", every_day},
       {"everyday", every_day},
       {"weekdays", workdays},
       {"weekday", workdays},
       {"weekends", weekend},
       {"weekend", weekend}}};
  const auto* found = std::ranges::find_if(
      groups, [&](const auto& group) { return equals_ignoring_case(group.first, text); });
  return found == groups.end() ? std::nullopt : std::optional(found->second);
}

// "mon - fri" and phones' "mon\u2013fri" as "mon-fri", spaces as commas.
std::string to_list(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 4> written = {
      {{"\u2013", "-"}, {" -", "-"}, {"- ", "-"}, {" ", ","}}};
  std::string list(text);
  for (const auto& [from, to] : written) {
    for (std::size_t at = 0; (at = list.find(from)) != std::string::npos;) {
      list.replace(at, from.size(), to);
    }
  }
  return list;
}

// "pm" from the end of `text`, and what stands before it.
std::optional<bool> take_half_of_day(std::string_view& text) {
  for (const auto& [word, is_afternoon] : {std::pair("am", false), std::pair("pm", true)}) {
    if (text.size() > 2 && equals_ignoring_case(text.substr(text.size() - 2), word)) {
      text = trim(text.substr(0, text.size() - 2));
      return is_afternoon;
    }
  }
  return std::nullopt;
}

// Of one or two digits (minutes: two), up to `most`.
std::optional<std::int64_t> parse_number(std::string_view text, std::size_t fewest_digits,
                                         std::int64_t most) {
  const bool digits = std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
  const auto value = parse_integer(text);
  return digits && text.size() >= fewest_digits && text.size() <= 2 && value && *value <= most
             ? value
             : std::nullopt;
}

std::string name_of(unsigned day) {
  return std::string(names.at(day).substr(0, shortest_name));
}

// Nothing where the day is none of the timetable's, or does not exist in its zone.
std::optional<Slot> slot_on(const Timetable& timetable, sys_days day) {
  const year_month_day date(day);
  const year_month_day next(day + days(1));
  if (!timetable.weekdays.at(weekday(day).c_encoding()) ||
      timetable.zone.start_of(date) == timetable.zone.start_of(next)) {
    return std::nullopt;
  }
  return Slot{.day = date, .at = timetable.zone.at(date, timetable.time_of_day)};
}

Settled credible(const Settled& settled, const TimeZone& zone, TimePoint now) {
  if (settled.until > now + most_ahead) {
    return {.until = now};
  }
  const sys_days today(zone.day_of(now));
  const bool is_far = settled.day && sys_days(*settled.day) > today + most_dates_ahead;
  return {.until = settled.until, .day = is_far ? std::nullopt : settled.day};
}

}  // namespace

Result<std::chrono::minutes> parse_time_of_day(std::string_view text) {
  std::string_view rest = trim(text);
  const std::optional<bool> is_afternoon = take_half_of_day(rest);
  const std::size_t colon = rest.find(':');
  auto hour = parse_number(rest.substr(0, colon), 1, is_afternoon ? 12 : 23);
  // A bare number may be anything.
  auto minute = colon == std::string_view::npos
                    ? (is_afternoon ? std::optional<std::int64_t>(0) : std::nullopt)
                    : parse_number(rest.substr(colon + 1), 2, 59);
  if (!hour || !minute || (is_afternoon && *hour == 0)) {
    return fail(ErrorCode::invalid_input,
                quoted(text) + " is not a time of day: write 19:00 or 7pm");
  }
  if (is_afternoon) {
    *hour = *hour % 12 + (*is_afternoon ? 12 : 0);
  }
  return std::chrono::hours(*hour) + std::chrono::minutes(*minute);
}

Result<Weekdays> parse_weekdays(std::string_view text) {
  if (const auto group = parse_group(trim(text))) {
    return *group;
  }
  const std::string list = to_list(trim(text));
  Weekdays result{};
  for (const std::string_view item : split(list, ',')) {
    if (item.empty()) {
      continue;
    }
    const auto range = parse_group(item);
    const auto found = range ? range : parse_range(item);
    if (!found) {
      return fail(ErrorCode::invalid_input,
                  quoted(item) + " is not a day of the week: write mon-fri, sat,sun or daily");
    }
    for (std::size_t i = 0; i < result.size(); ++i) {
      result.at(i) = result.at(i) || found->at(i);
    }
  }
  if (result == Weekdays{}) {
    return fail(ErrorCode::invalid_input,
                "no day of the week is named: write mon-fri, sat,sun or daily");
  }
  return result;
}

std::string to_text(std::chrono::minutes time_of_day) {
  return fmt::format("{:02}:{:02}", time_of_day.count() / 60, time_of_day.count() % 60);
}

// From the first day whose eve is not in the set; three days or more in a row are a range.
std::string to_text(const Weekdays& weekdays) {
  if (weekdays == every_day) {
    return "every day";
  }
  const auto size = static_cast<unsigned>(weekdays.size());
  unsigned start = 1;  // weeks start on Monday
  while (weekdays.at(start % size) && weekdays.at((start + size - 1) % size)) {
    ++start;
  }
  std::string text;
  for (unsigned i = start; i < start + size;) {
    unsigned length = 0;
    while (i + length < start + size && weekdays.at((i + length) % size)) {
      ++length;
    }
    if (length == 0) {
      ++i;
      continue;
    }
    const unsigned written = length >= 3 ? length : 1;
    text += (text.empty() ? "" : ",") + name_of(i % size) +
            (length >= 3 ? "-" + name_of((i + length - 1) % size) : "");
    i += written;
  }
  return text;
}

Plan plan(const Timetable& timetable, const Settled& settled, TimePoint now) {
  Plan plan;
  plan.settled = credible(settled, timetable.zone, now);
  const sys_days first = std::max(sys_days(timetable.zone.day_of(plan.settled.until)),
                                  sys_days(timetable.zone.day_of(now)) - longest_look_back);
  // A slot of the day before may come today, when a clock change skips midnight.
  for (sys_days day = first - days(1);; day += days(1)) {
    const std::optional<Slot> slot = slot_on(timetable, day);
    if (!slot || slot->at <= plan.settled.until ||
        (plan.settled.day && slot->day <= *plan.settled.day)) {
      continue;
    }
    if (slot->at > now) {
      plan.next = *slot;
      return plan;
    }
    if (plan.due) {
      plan.missed.push_back(*plan.due);
      plan.due.reset();
    }
    if (now - slot->at > catch_up_for) {
      plan.missed.push_back(*slot);
    } else {
      plan.due = *slot;
    }
    plan.settled = {.until = slot->at, .day = slot->day};
  }
}

}  // namespace bb::jobs

#include "jobs/schedule.hpp"

#include <doctest/doctest.h>

namespace bb::jobs {
namespace {

TimePoint at(std::string_view text) {
  return parse_rfc3339(text).value();
}

// "2026-11-20 = 2026-11-21T01:00:00Z"
std::string written(const Slot& slot) {
  return format_day(slot.day) + " = " + format_rfc3339(slot.at);
}

std::string written(const std::vector<Slot>& slots) {
  std::string text;
  for (const Slot& slot : slots) {
    text += (text.empty() ? "" : ", ") + written(slot);
  }
  return text;
}

Timetable timetable(std::string_view zone, std::string_view time,
                    std::string_view weekdays = "daily") {
  return {.time_of_day = parse_time_of_day(time).value(),
          .weekdays = parse_weekdays(weekdays).value(),
          .zone = TimeZone::find(zone).value()};
}

std::string message(const auto& result) {
  return result ? "" : result.error().message;
}

TEST_CASE("a time of day is read as people write it and refused with what to write") {
  struct Row {
    std::string_view text;
    std::string_view read;  // empty: refused
  };
  const std::vector<Row> rows = {
      {"19:00", "19:00"},
      {"7:05", "07:05"},
      {"00:00", "00:00"},
      {"23:59", "23:59"},
      {" 19:00 ", "19:00"},
      {"7pm", "19:00"},
      {"7 PM", "19:00"},
      {"7:30pm", "19:30"},
      {"12am", "00:00"},
      {"12pm", "12:00"},
      {"12:15 am", "00:15"},
      {"11am", "11:00"},
      {"", ""},
      {"19", ""},
      {"24:00", ""},
      {"19:60", ""},
      {"19:0", ""},
      {"7:00:00", ""},
      {"13pm", ""},
      {"0am", ""},
      {"pm", ""},
      {"-1:00", ""},
      {"+1:00", ""},
      {"1 9:00", ""},
      {"019:00", ""},
      {"noon", ""},
      {"19:00pm", ""},
      {"99999999999:00", ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const auto time = parse_time_of_day(row.text);
    CHECK((time ? to_text(*time) : "") == row.read);
  }
  CHECK(message(parse_time_of_day("24:00")) == "'24:00' is not a time of day: write 19:00 or 7pm");
}

TEST_CASE("days of the week are read as people write them and refused with what to write") {
  struct Row {
    std::string_view text;
    std::string_view read;  // empty: refused
  };
  const std::vector<Row> rows = {
      {"mon-fri", "mon-fri"},
      {"Monday - FRIDAY", "mon-fri"},
      {"mon\u2013fri", "mon-fri"},
      {"sat-mon", "sat-mon"},
      {"mon,wed,fri", "mon,wed,fri"},
      {"mon, wed and", ""},
      {"tues thurs", "tue,thu"},
      {"mon-wed,sat", "mon-wed,sat"},
      {"sun,mon,tue", "sun-tue"},
      {"fridays", "fri"},
      {"sun-sat", "every day"},
      {"daily", "every day"},
      {"Every Day", "every day"},
      {"weekdays", "mon-fri"},
      {"weekends", "sat,sun"},
      {"weekend, wed", "wed,sat,sun"},
      {"fri-fri", "fri"},
      {"", ""},
      {",", ""},
      {"mo", ""},
      {"mon-", ""},
      {"-mon", ""},
      {"mon-tue-wed", ""},
      {"monkey", ""},
      {"frix", ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const auto weekdays = parse_weekdays(row.text);
    CHECK((weekdays ? to_text(*weekdays) : "") == row.read);
  }
  CHECK(message(parse_weekdays("mon,funday")) ==
        "'funday' is not a day of the week: write mon-fri, sat,sun or daily");
}

TEST_CASE("every set of days is read again as it was written") {
  for (unsigned bits = 1; bits < 128; ++bits) {
    Weekdays weekdays{};
    for (std::size_t i = 0; i < weekdays.size(); ++i) {
      weekdays.at(i) = (bits >> i & 1U) != 0;
    }
    CAPTURE(to_text(weekdays));
    CHECK((parse_weekdays(to_text(weekdays)).value() == weekdays));
  }
}

struct Case {
  std::string_view what;
  std::string_view zone;
  std::string_view time;
  std::string_view weekdays;
  std::string_view settled;  // until; and on which date, if a slot was run before
  std::string_view settled_day;
  std::string_view now;
  std::string_view due;  // empty: nothing
  std::string_view missed;
  std::string_view next;
};

TEST_CASE("what is due and what was missed and what comes next") {
  const std::vector<Case> cases = {
      {"a minute early", "America/Chicago", "19:00", "daily", "2026-11-20T12:00:00Z", "",
       "2026-11-21T00:59:59Z", "", "", "2026-11-20 = 2026-11-21T01:00:00Z"},
      {"in time", "America/Chicago", "19:00", "daily", "2026-11-20T12:00:00Z", "",
       "2026-11-21T01:00:00Z", "2026-11-20 = 2026-11-21T01:00:00Z", "",
       "2026-11-21 = 2026-11-22T01:00:00Z"},
      {"once only", "America/Chicago", "19:00", "daily", "2026-11-21T01:00:00Z", "2026-11-20",
       "2026-11-21T01:00:01Z", "", "", "2026-11-21 = 2026-11-22T01:00:00Z"},

      {"6 hours late", "America/Chicago", "19:00", "daily", "2026-11-20T12:00:00Z", "",
       "2026-11-21T07:00:00Z", "2026-11-20 = 2026-11-21T01:00:00Z", "",
       "2026-11-21 = 2026-11-22T01:00:00Z"},
      {"later than that", "America/Chicago", "19:00", "daily", "2026-11-20T12:00:00Z", "",
       "2026-11-21T07:00:01Z", "", "2026-11-20 = 2026-11-21T01:00:00Z",
       "2026-11-21 = 2026-11-22T01:00:00Z"},
      {"three days down", "America/Chicago", "19:00", "daily", "2026-11-18T12:00:00Z", "",
       "2026-11-21T02:00:00Z", "2026-11-20 = 2026-11-21T01:00:00Z",
       "2026-11-18 = 2026-11-19T01:00:00Z, 2026-11-19 = 2026-11-20T01:00:00Z",
       "2026-11-21 = 2026-11-22T01:00:00Z"},

      {"Chicago in spring: 02:30 does not exist", "America/Chicago", "02:30", "daily",
       "2026-03-07T12:00:00Z", "", "2026-03-08T08:00:00Z", "2026-03-08 = 2026-03-08T08:00:00Z", "",
       "2026-03-09 = 2026-03-09T07:30:00Z"},
      {"Chicago in spring: not before the gap", "America/Chicago", "02:30", "daily",
       "2026-03-07T12:00:00Z", "", "2026-03-08T07:59:59Z", "", "",
       "2026-03-08 = 2026-03-08T08:00:00Z"},
      {"Chicago in autumn: 01:30 the first time", "America/Chicago", "01:30", "daily",
       "2026-10-31T12:00:00Z", "", "2026-11-01T06:30:00Z", "2026-11-01 = 2026-11-01T06:30:00Z", "",
       "2026-11-02 = 2026-11-02T07:30:00Z"},
      {"Chicago in autumn: not the second time", "America/Chicago", "01:30", "daily",
       "2026-11-01T06:30:00Z", "2026-11-01", "2026-11-01T07:30:00Z", "", "",
       "2026-11-02 = 2026-11-02T07:30:00Z"},
      {"London in spring: 01:15 does not exist", "Europe/London", "01:15", "daily",
       "2026-03-28T12:00:00Z", "", "2026-03-29T01:00:00Z", "2026-03-29 = 2026-03-29T01:00:00Z", "",
       "2026-03-30 = 2026-03-30T00:15:00Z"},
      {"London in autumn: 01:15 the first time", "Europe/London", "01:15", "daily",
       "2026-10-24T12:00:00Z", "", "2026-10-25T00:15:00Z", "2026-10-25 = 2026-10-25T00:15:00Z", "",
       "2026-10-26 = 2026-10-26T01:15:00Z"},
      {"Lord Howe moves its clocks by half an hour: a gap", "Australia/Lord_Howe", "02:10", "daily",
       "2026-10-03T00:00:00Z", "", "2026-10-03T15:30:00Z", "2026-10-04 = 2026-10-03T15:30:00Z", "",
       "2026-10-05 = 2026-10-04T15:10:00Z"},
      {"Lord Howe moves its clocks by half an hour: twice", "Australia/Lord_Howe", "01:45", "daily",
       "2026-04-04T00:00:00Z", "", "2026-04-04T15:00:00Z", "2026-04-05 = 2026-04-04T14:45:00Z", "",
       "2026-04-06 = 2026-04-05T15:15:00Z"},
      {"midnight is skipped in Beirut", "Asia/Beirut", "00:00", "daily", "2026-03-28T12:00:00Z", "",
       "2026-03-28T22:00:00Z", "2026-03-29 = 2026-03-28T22:00:00Z", "",
       "2026-03-30 = 2026-03-29T21:00:00Z"},
      {"a gap that ends on the next day in Nuuk", "America/Nuuk", "23:15", "daily",
       "2024-03-30T12:00:00Z", "", "2024-03-31T01:00:00Z", "2024-03-30 = 2024-03-31T01:00:00Z", "",
       "2024-03-31 = 2024-04-01T00:15:00Z"},

      {"a date that does not exist in Apia", "Pacific/Apia", "19:00", "daily",
       "2011-12-30T05:00:00Z", "2011-12-29", "2011-12-30T10:00:00Z", "", "",
       "2011-12-31 = 2011-12-31T05:00:00Z"},
      {"a Friday that does not exist in Apia", "Pacific/Apia", "19:00", "fri",
       "2011-12-29T12:00:00Z", "", "2011-12-31T00:00:00Z", "", "",
       "2012-01-06 = 2012-01-06T05:00:00Z"},
      {"Casablanca before Ramadan", "Africa/Casablanca", "19:00", "daily", "2026-02-14T18:00:00Z",
       "2026-02-14", "2026-02-15T12:00:00Z", "", "", "2026-02-15 = 2026-02-15T19:00:00Z"},
      {"Casablanca after Ramadan", "Africa/Casablanca", "19:00", "daily", "2026-03-21T19:00:00Z",
       "2026-03-21", "2026-03-22T12:00:00Z", "", "", "2026-03-22 = 2026-03-22T18:00:00Z"},
      {"Caracas changed its offset for good", "America/Caracas", "19:00", "daily",
       "2016-04-30T23:30:00Z", "2016-04-30", "2016-05-01T20:00:00Z", "", "",
       "2016-05-01 = 2016-05-01T23:00:00Z"},

      {"the leap day", "Europe/London", "09:00", "daily", "2028-02-28T09:00:00Z", "2028-02-28",
       "2028-02-29T09:00:00Z", "2028-02-29 = 2028-02-29T09:00:00Z", "",
       "2028-03-01 = 2028-03-01T09:00:00Z"},
      {"no leap day", "Europe/London", "09:00", "daily", "2026-02-28T09:00:00Z", "2026-02-28",
       "2026-02-28T09:00:00Z", "", "", "2026-03-01 = 2026-03-01T09:00:00Z"},
      {"the end of a year", "America/Chicago", "23:59", "daily", "2027-01-01T05:59:00Z",
       "2026-12-31", "2027-01-01T05:59:00Z", "", "", "2027-01-01 = 2027-01-02T05:59:00Z"},

      {"a weekday is that of the zone: Friday evening in Chicago is Saturday in UTC",
       "America/Chicago", "19:00", "mon-fri", "2026-11-20T12:00:00Z", "", "2026-11-21T01:00:00Z",
       "2026-11-20 = 2026-11-21T01:00:00Z", "", "2026-11-23 = 2026-11-24T01:00:00Z"},
      {"a weekday is that of the zone: Monday morning in Auckland is Sunday in UTC",
       "Pacific/Auckland", "08:00", "mon", "2026-11-20T12:00:00Z", "", "2026-11-22T19:00:00Z",
       "2026-11-23 = 2026-11-22T19:00:00Z", "", "2026-11-30 = 2026-11-29T19:00:00Z"},
      {"midnight belongs to the day that it begins", "America/Chicago", "00:00", "sat",
       "2026-11-20T12:00:00Z", "", "2026-11-21T06:00:00Z", "2026-11-21 = 2026-11-21T06:00:00Z", "",
       "2026-11-28 = 2026-11-28T06:00:00Z"},
      {"14 hours ahead of UTC", "Pacific/Kiritimati", "01:00", "sat", "2026-11-20T00:00:00Z", "",
       "2026-11-20T11:00:00Z", "2026-11-21 = 2026-11-20T11:00:00Z", "",
       "2026-11-28 = 2026-11-27T11:00:00Z"},

      {"the clock went back a little", "America/Chicago", "19:00", "daily", "2026-11-21T01:00:00Z",
       "2026-11-20", "2026-11-21T00:58:00Z", "", "", "2026-11-21 = 2026-11-22T01:00:00Z"},
      {"the clock had been years ahead", "America/Chicago", "19:00", "daily",
       "2031-05-01T00:00:00Z", "2031-04-30", "2026-11-21T01:30:00Z", "", "",
       "2026-11-21 = 2026-11-22T01:00:00Z"},
      {"an earlier time on a date that had its slot", "America/Chicago", "20:00", "daily",
       "2026-11-21T01:10:00Z", "2026-11-20", "2026-11-21T02:00:00Z", "", "",
       "2026-11-21 = 2026-11-22T02:00:00Z"},
      {"a zone further west where that date is still going on", "America/Chicago", "19:00", "daily",
       "2026-11-20T10:00:00Z", "2026-11-20", "2026-11-21T01:00:00Z", "", "",
       "2026-11-21 = 2026-11-22T01:00:00Z"},
  };
  for (const Case& row : cases) {
    CAPTURE(row.what);
    Settled settled{.until = at(row.settled)};
    if (!row.settled_day.empty()) {
      settled.day = parse_day(row.settled_day).value();
    }
    const Plan plan = jobs::plan(timetable(row.zone, row.time, row.weekdays), settled, at(row.now));
    CHECK((plan.due ? written(*plan.due) : "") == row.due);
    CHECK(written(plan.missed) == row.missed);
    CHECK(written(plan.next) == row.next);
  }
}

TEST_CASE("each date of a year has one slot whatever the clocks of its zone do") {
  const auto first = std::chrono::sys_days(parse_day("2026-01-01").value());
  for (const char* zone : {"America/Chicago", "Australia/Lord_Howe", "Asia/Beirut"}) {
    for (const char* time : {"00:00", "01:45", "02:10"}) {
      CAPTURE(zone);
      CAPTURE(time);
      const Timetable daily = timetable(zone, time);
      Settled settled{.until = daily.zone.start_of(first) - std::chrono::hours(1)};
      int days = 0;
      // As if the scheduler looked once an hour.
      for (TimePoint now = settled.until; days < 365; now += std::chrono::hours(1)) {
        const Plan plan = jobs::plan(daily, settled, now);
        REQUIRE(plan.missed.empty());
        if (plan.due) {
          REQUIRE((std::chrono::sys_days(plan.due->day) == first + std::chrono::days(days)));
          ++days;
        }
        settled = plan.settled;
      }
    }
  }
}

TEST_CASE("after a long downtime one slot is caught up and a month of others is missed") {
  const Plan plan = jobs::plan(timetable("UTC", "12:00"), {.until = at("2020-01-01T00:00:00Z")},
                               at("2026-11-20T13:00:00Z"));
  CHECK(written(plan.due.value()) == "2026-11-20 = 2026-11-20T12:00:00Z");
  CHECK(plan.missed.size() == 32);
  CHECK((plan.settled == Settled{.until = plan.due->at, .day = plan.due->day}));
}

TEST_CASE("the system's time zones know the clock changes of the years to come") {
  CHECK(written(jobs::plan(timetable("America/Chicago", "19:00"),
                           {.until = at("2036-07-01T12:00:00Z")}, at("2036-07-01T12:00:00Z"))
                    .next) == "2036-07-01 = 2036-07-02T00:00:00Z");
}

}  // namespace
}  // namespace bb::jobs

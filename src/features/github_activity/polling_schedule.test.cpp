#include "features/github_activity/polling_schedule.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

namespace bb::github_activity {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;

const TimePoint now{hours(500'000)};

Error error(ErrorCode code) {
  return {.code = code, .message = {}};
}

}  // namespace

TEST_CASE("the younger the newest event the sooner the next poll") {
  struct Row {
    milliseconds age;
    milliseconds interval;
  };
  const Row rows[] = {
      {-minutes(3), minutes(5)},  // clocks differ
      {minutes(0), minutes(5)},
      {hours(1), minutes(5)},
      {hours(1) + milliseconds(1), minutes(15)},
      {hours(24), minutes(15)},
      {hours(24) + milliseconds(1), hours(1)},
      {hours(7 * 24), hours(1)},
      {hours(14 * 24), hours(2)},
      {hours(28 * 24), hours(4)},
      {hours(42 * 24), hours(6)},
      {hours(400 * 24), hours(6)},
  };
  for (const Row& row : rows) {
    CAPTURE(row.age.count());
    CHECK(adaptive_interval(now - row.age, now) == row.interval);
  }
  CHECK(adaptive_interval(std::nullopt, now) == hours(6));
}

TEST_CASE("accounts that were asked together drift apart but keep about their interval") {
  std::set<milliseconds> waits;
  for (std::int64_t id = 1; id <= 1'000; ++id) {
    const milliseconds wait = spread(minutes(5), id);
    CHECK(wait >= minutes(5));
    CHECK(wait <= milliseconds(337'500));
    CHECK(wait == spread(minutes(5), id));
    waits.insert(wait);
  }
  CHECK(waits.size() > 900);
  CHECK(spread(milliseconds(0), 7) == milliseconds(0));
}

TEST_CASE("intervals are stretched once four fifths of the limit are not enough") {
  struct Row {
    Demand demand;
    double stretch;
  };
  const Row rows[] = {
      {{.polls_per_hour = 1'000'000, .counted_per_poll = 1, .limit = 0}, 1},
      {{.polls_per_hour = 0, .counted_per_poll = 1, .limit = 5'000}, 1},
      {{.polls_per_hour = 4'000, .counted_per_poll = 1, .limit = 5'000}, 1},
      {{.polls_per_hour = 8'000, .counted_per_poll = 1, .limit = 5'000}, 2},
      {{.polls_per_hour = 8'000, .counted_per_poll = 0.25, .limit = 5'000}, 1},
      {{.polls_per_hour = 120'000, .counted_per_poll = 0, .limit = 5'000}, 1},
      {{.polls_per_hour = 480, .counted_per_poll = 1, .limit = 60}, 10},
  };
  for (const Row& row : rows) {
    CAPTURE(row.demand.polls_per_hour);
    CHECK(stretch_for(row.demand) == doctest::Approx(row.stretch));
  }
}

TEST_CASE("small changes of the stretch are not worth a line in the log") {
  CHECK_FALSE(is_noticeable(1, 1));
  CHECK_FALSE(is_noticeable(2, 2.2));
  CHECK_FALSE(is_noticeable(2.2, 2));
  CHECK(is_noticeable(1, 1.25));
  CHECK(is_noticeable(2, 2.5));
  CHECK(is_noticeable(2.5, 2));
  CHECK(is_noticeable(1.1, 1));
}

TEST_CASE("an account that fails is asked ever more rarely and an outage does not count so much") {
  struct Row {
    ErrorCode code;
    int failures;
    milliseconds wait;
  };
  const Row rows[] = {
      {ErrorCode::bad_response, 0, minutes(1)},  {ErrorCode::bad_response, 1, minutes(2)},
      {ErrorCode::bad_response, 5, minutes(32)}, {ErrorCode::bad_response, 1'000, hours(6)},
      {ErrorCode::internal, 9, hours(6)},        {ErrorCode::unavailable, 0, minutes(1)},
      {ErrorCode::unavailable, 9, minutes(15)},  {ErrorCode::unauthorized, 0, minutes(15)},
      {ErrorCode::not_found, 0, hours(6)},       {ErrorCode::forbidden, 0, hours(6)},
      {ErrorCode::rate_limited, 3, minutes(1)},
  };
  for (const Row& row : rows) {
    CAPTURE(to_string(row.code));
    CAPTURE(row.failures);
    CHECK(wait_after(error(row.code), row.failures) == row.wait);
  }
  Error limited = error(ErrorCode::rate_limited);
  limited.retry_after = std::chrono::seconds(1'234);
  CHECK(wait_after(limited, 9) == std::chrono::seconds(1'234));
}

}  // namespace bb::github_activity

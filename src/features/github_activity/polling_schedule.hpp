// When an account is asked about again: pure rules, times in and times out.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace bb::github_activity {

// Whoever was active lately is asked about often: within the last hour every 5 minutes, a day 15
// minutes, a week 1 hour; then ever more rarely, up to 6 hours.
std::chrono::milliseconds adaptive_interval(std::optional<TimePoint> newest_event, TimePoint now);

// The interval and up to an eighth of it, always the same for one account: of thousands who are
// asked about at the same moment, each comes back at a slightly different one.
std::chrono::milliseconds spread(std::chrono::milliseconds interval, std::int64_t github_id);

struct Demand {
  std::int64_t polls_per_hour = 0;  // as the intervals want it
  double counted_per_poll = 0;      // requests that GitHub counts, on average
  std::int64_t limit = 0;           // requests an hour; 0: not known yet
};

// By how much all intervals have to grow so that polling needs at most 80 % of the limit; at
// least 1.
double stretch_for(const Demand& demand);

// Whether operators should hear of the change: a quarter more or less, or back to 1.
bool is_noticeable(double old_stretch, double new_stretch);

// The wait before the next attempt after `failures` earlier ones in a row. What is not the
// account's fault (no connection, refused credentials) is tried again sooner.
std::chrono::milliseconds wait_after(const Error& error, int failures);

}  // namespace bb::github_activity

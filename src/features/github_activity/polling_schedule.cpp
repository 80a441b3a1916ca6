#include "features/github_activity/polling_schedule.hpp"

#include <algorithm>
#include <cmath>

namespace bb::github_activity {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;

constexpr hours longest_interval(6);
constexpr hours week(7 * 24);
constexpr double usable_share = 0.8;  // the rest is for digests, sign-ins and details
constexpr std::int64_t spread_parts = 8;
constexpr double noticeable_change = 1.25;
constexpr minutes outage_wait(15);

// Neighbouring ids far apart (https://prng.di.unimi.it/splitmix64.c).
std::uint64_t scatter(std::uint64_t value) {
  value += 0x9e3779b97f4a7c15U;
  value = (value ^ (value >> 30U)) * 0xbf58476d1ce4e5b9U;
  value = (value ^ (value >> 27U)) * 0x94d049bb133111ebU;
  return value ^ (value >> 31U);
}

}  // namespace

milliseconds adaptive_interval(std::optional<TimePoint> newest_event, TimePoint now) {
  if (!newest_event) {
    return longest_interval;
  }
  const milliseconds age = now - *newest_event;
  if (age <= hours(1)) {
    return minutes(5);
  }
  if (age <= hours(24)) {
    return minutes(15);
  }
  // An hour at the age of a week, two at that of two weeks, and so on.
  return std::clamp<milliseconds>(age / (week / hours(1)), hours(1), longest_interval);
}

milliseconds spread(milliseconds interval, std::int64_t github_id) {
  const auto room = static_cast<std::uint64_t>(std::max<std::int64_t>(interval.count(), 0)) /
                    static_cast<std::uint64_t>(spread_parts);
  const std::uint64_t more = scatter(static_cast<std::uint64_t>(github_id)) % (room + 1);
  return interval + milliseconds(static_cast<std::int64_t>(more));
}

double stretch_for(const Demand& demand) {
  if (demand.limit <= 0) {
    return 1;
  }
  const double wanted = static_cast<double>(demand.polls_per_hour) * demand.counted_per_poll;
  return std::max(1.0, wanted / (static_cast<double>(demand.limit) * usable_share));
}

bool is_noticeable(double old_stretch, double new_stretch) {
  if (old_stretch == new_stretch) {
    return false;
  }
  return new_stretch == 1 || new_stretch >= old_stretch * noticeable_change ||
         old_stretch >= new_stretch * noticeable_change;
}

milliseconds wait_after(const Error& error, int failures) {
  constexpr int most_doublings = 10;
  const milliseconds wait = minutes(1) * (1 << std::clamp(failures, 0, most_doublings));
  switch (error.code) {
    case ErrorCode::rate_limited:
      return error.retry_after.value_or(minutes(1));
    case ErrorCode::unauthorized:
      return outage_wait;
    case ErrorCode::unavailable:
    case ErrorCode::uncertain:
      return std::min<milliseconds>(wait, outage_wait);
    case ErrorCode::not_found:
    case ErrorCode::forbidden:
      return longest_interval;
    case ErrorCode::invalid_input:
    case ErrorCode::conflict:
    case ErrorCode::bad_response:
    case ErrorCode::internal:
      break;
  }
  return std::min<milliseconds>(wait, longest_interval);
}

}  // namespace bb::github_activity

// What polling asks of GitHub and what comes of it, counted; and by how much it therefore has to
// slow down.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/clock.hpp"
#include "base/guarded.hpp"
#include "features/github_activity/polling_schedule.hpp"
#include "github/api.hpp"

namespace bb::github_activity {

enum class PollResult { unchanged, answered, renamed, gone, rate_limited, failed };

// Since the start of the process.
struct PollTotals {
  std::uint64_t unchanged = 0;
  std::uint64_t answered = 0;
  std::uint64_t renamed = 0;
  std::uint64_t gone = 0;
  std::uint64_t rate_limited = 0;
  std::uint64_t failed = 0;
  std::uint64_t events = 0;
  std::uint64_t unknown_types = 0;  // among the events
  bool operator==(const PollTotals&) const = default;
};

// Used by several threads.
class PollingLoad {
 public:
  // One account was polled, for so many requests that GitHub counts.
  void count(PollResult result, double counted_requests);
  void count_events(std::size_t events, std::size_t unknown_types);

  // A 304 is free for whoever shows credentials.
  static double cost_of(const github::EventsAnswer& answer, const github::Budget& budget);

  // True if the stretch has to be measured anew, at most once a minute.
  bool is_outdated(TimePoint now);
  void measure(std::int64_t polls_per_hour, const github::Budget& budget);

  [[nodiscard]] double stretch() const;
  [[nodiscard]] PollTotals totals() const;

 private:
  struct State {
    PollTotals totals;
    double counted_per_poll = 0;  // a moving average
    std::uint64_t polls = 0;      // in it
    double stretch = 1;
    double logged_stretch = 1;
    TimePoint measured_at;
  };
  Guarded<State> state_;
};

}  // namespace bb::github_activity

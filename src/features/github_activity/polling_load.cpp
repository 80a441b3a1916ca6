#include "features/github_activity/polling_load.hpp"

#include <algorithm>

#include "base/log.hpp"

namespace bb::github_activity {
namespace {

constexpr std::chrono::minutes measuring_interval(1);
constexpr std::uint64_t averaged_polls = 1'000;
constexpr std::size_t events_per_page = 100;

std::uint64_t& total_of(PollTotals& totals, PollResult result) {
  switch (result) {
    case PollResult::unchanged:
      return totals.unchanged;
    case PollResult::answered:
      return totals.answered;
    case PollResult::renamed:
      return totals.renamed;
    case PollResult::gone:
      return totals.gone;
    case PollResult::rate_limited:
      return totals.rate_limited;
    case PollResult::failed:
      break;
  }
  return totals.failed;
}

}  // namespace

void PollingLoad::count(PollResult result, double counted_requests) {
  state_.with([&](State& state) {
    ++total_of(state.totals, result);
    if (result == PollResult::rate_limited) {
      return;  // most of these were never sent
    }
    state.polls = std::min(state.polls + 1, averaged_polls);
    state.counted_per_poll +=
        (counted_requests - state.counted_per_poll) / static_cast<double>(state.polls);
  });
}

void PollingLoad::count_events(std::size_t events, std::size_t unknown_types) {
  state_.with([&](State& state) {
    state.totals.events += events;
    state.totals.unknown_types += unknown_types;
  });
}

double PollingLoad::cost_of(const github::EventsAnswer& answer, const github::Budget& budget) {
  if (answer.not_modified) {
    return budget.credentials > 0 ? 0 : 1;
  }
  const std::size_t elements = answer.events.size() + answer.rejected;
  const std::size_t pages = (elements + events_per_page - 1) / events_per_page;
  return static_cast<double>(std::max<std::size_t>(pages, 1));
}

bool PollingLoad::is_outdated(TimePoint now) {
  return state_.with([&](State& state) {
    if (now - state.measured_at < measuring_interval) {
      return false;
    }
    state.measured_at = now;
    return true;
  });
}

void PollingLoad::measure(std::int64_t polls_per_hour, const github::Budget& budget) {
  state_.with([&](State& state) {
    state.stretch = stretch_for({.polls_per_hour = polls_per_hour,
                                 .counted_per_poll = state.counted_per_poll,
                                 .limit = budget.limit});
    if (is_noticeable(state.logged_stretch, state.stretch)) {
      state.logged_stretch = state.stretch;
      log::info("github_poll_stretch_changed",
                {{"percent", static_cast<std::int64_t>(state.stretch * 100)},
                 {"polls_per_hour", polls_per_hour},
                 {"limit", budget.limit}});
    }
  });
}

double PollingLoad::stretch() const {
  return state_.with([](const State& state) { return state.stretch; });
}

PollTotals PollingLoad::totals() const {
  return state_.with([](const State& state) { return state.totals; });
}

}  // namespace bb::github_activity

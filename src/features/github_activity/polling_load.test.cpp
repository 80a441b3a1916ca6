#include "features/github_activity/polling_load.hpp"

#include "features/github_activity/world.test.hpp"

namespace bb::github_activity {

TEST_CASE("an unchanged answer is free for whoever shows credentials") {
  github::EventsAnswer unchanged;
  unchanged.not_modified = true;
  CHECK(PollingLoad::cost_of(unchanged, budget_of(5'000, 1)) == 0);
  CHECK(PollingLoad::cost_of(unchanged, budget_of(60, 0)) == 1);
}

TEST_CASE("every page of an answer counts") {
  struct Row {
    std::size_t events;
    std::uint64_t rejected;
    double cost;
  };
  const Row rows[] = {{0, 0, 1}, {1, 0, 1}, {100, 0, 1}, {99, 2, 2}, {300, 0, 3}};
  for (const Row& row : rows) {
    CAPTURE(row.events);
    github::EventsAnswer answer;
    answer.events.resize(row.events);
    answer.rejected = row.rejected;
    CHECK(PollingLoad::cost_of(answer, budget_of(5'000, 1)) == row.cost);
  }
}

TEST_CASE("the stretch follows what polls have cost") {
  PollingLoad load;
  const github::Budget budget = budget_of(1'000, 1);
  for (int i = 0; i < 100; ++i) {
    load.count(PollResult::answered, 1);
  }
  load.measure(8'000, budget);
  CHECK(load.stretch() == doctest::Approx(10));
  for (int i = 0; i < 300; ++i) {
    load.count(PollResult::unchanged, 0);
  }
  load.measure(8'000, budget);
  CHECK(load.stretch() == doctest::Approx(2.5));
  for (int i = 0; i < 10'000; ++i) {
    load.count(PollResult::unchanged, 0);
  }
  load.measure(8'000, budget);
  CHECK(load.stretch() == 1);
}

TEST_CASE("polls that were refused for their rate do not count into the average") {
  PollingLoad load;
  load.count(PollResult::answered, 1);
  load.count(PollResult::rate_limited, 100);
  load.measure(1'600, budget_of(1'000, 1));
  CHECK(load.stretch() == doctest::Approx(2));
  CHECK(load.totals() == PollTotals{.answered = 1, .rate_limited = 1});
}

TEST_CASE("the load is measured once a minute") {
  PollingLoad load;
  const TimePoint now{std::chrono::hours(500'000)};
  CHECK(load.is_outdated(now));
  CHECK_FALSE(load.is_outdated(now + std::chrono::seconds(59)));
  CHECK(load.is_outdated(now + std::chrono::seconds(60)));
}

}  // namespace bb::github_activity

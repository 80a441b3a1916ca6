#include "jobs/runner.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <future>
#include <set>
#include <stdexcept>

#include "base/log.hpp"
#include "jobs/world.test.hpp"

namespace bb::jobs {
namespace {

struct RunnerWorld : World {
  std::vector<Job> handled;

  // A runner of the one kind "a".
  std::unique_ptr<Runner> runner(Handler handle, int max_attempts = 10) {
    return std::make_unique<Runner>(queue, clock, random,
                                    std::vector<Kind>{{.name = "a",
                                                       .handle =
                                                           [this, handle](const Job& job) {
                                                             handled.push_back(job);
                                                             return handle(job);
                                                           },
                                                       .max_attempts = max_attempts}});
  }
};

Result<Outcome> done(const Job& /*job*/) {
  return Done{};
}

Handler failing(Error error) {
  return [error](const Job& /*job*/) -> Result<Outcome> { return fail(error); };
}

constexpr std::chrono::seconds deadline{30};

// Its first answer waits, so a worker that asks it on its way to a job stays there.
class SlowClock final : public Clock {
 public:
  explicit SlowClock(const Clock& clock) : clock_(clock) {}

  [[nodiscard]] TimePoint now() const override {
    if (first_.exchange(false)) {
      asked.set_value();
      may_answer.get_future().wait_for(deadline);
    }
    return clock_.now();
  }

  mutable std::promise<void> asked;
  mutable std::promise<void> may_answer;

 private:
  const Clock& clock_;
  mutable std::atomic<bool> first_ = true;
};

}  // namespace

TEST_CASE("a due job is handled and done") {
  RunnerWorld world;
  const auto id = *world.enqueue({.kind = "a", .payload = R"({"n":1})"});
  CHECK(world.runner(done)->run_due() == 1);
  REQUIRE(world.handled.size() == 1);
  CHECK(world.handled[0].payload == R"({"n":1})");
  CHECK(world.handled[0].attempts == 1);
  CHECK((world.status(id).state == State::done));
}

TEST_CASE("what a job makes due is run too") {
  RunnerWorld world;
  world.enqueue({.kind = "a"});
  const auto runner = world.runner([&](const Job& /*job*/) -> Result<Outcome> {
    if (world.handled.size() < 3) {
      world.enqueue({.kind = "a"});
    }
    return Done{};
  });
  CHECK(runner->run_due() == 3);
}

TEST_CASE("a job of unknown kind fails") {
  RunnerWorld world;
  const auto id = *world.enqueue({.kind = "b"});
  CHECK(world.runner(done)->run_due() == 1);
  CHECK((world.status(id).state == State::failed));
  CHECK(world.status(id).error == "no handler for jobs of kind b");
}

TEST_CASE("a passing error is tried again after a backoff and a final one is not") {
  struct Case {
    ErrorCode code;
    State state;
  };
  for (const Case& expected :
       {Case{ErrorCode::rate_limited, State::ready}, Case{ErrorCode::unavailable, State::ready},
        Case{ErrorCode::uncertain, State::ready}, Case{ErrorCode::internal, State::ready},
        Case{ErrorCode::invalid_input, State::failed}, Case{ErrorCode::not_found, State::failed},
        Case{ErrorCode::conflict, State::failed}, Case{ErrorCode::unauthorized, State::failed},
        Case{ErrorCode::forbidden, State::failed}, Case{ErrorCode::bad_response, State::failed}}) {
    CAPTURE(to_string(expected.code));
    RunnerWorld world;
    const auto id = *world.enqueue({.kind = "a"});
    CHECK(world.runner(failing({expected.code, "why"}))->run_due() == 1);
    const Status status = world.status(id);
    CHECK((status.state == expected.state));
    CHECK(status.error == "why");
    if (expected.state == State::ready) {
      CHECK((status.run_at >= world.clock.now() + std::chrono::seconds(1)));
      CHECK((status.run_at <= world.clock.now() + std::chrono::seconds(2)));
    }
  }
}

TEST_CASE("a retry waits as long as the other side asked and never longer than a day") {
  struct Case {
    std::chrono::seconds asked;
    std::chrono::seconds waited;
  };
  for (const Case& expected : {Case{std::chrono::seconds(77), std::chrono::seconds(77)},
                               Case{std::chrono::seconds(0), std::chrono::seconds(1)},
                               Case{std::chrono::seconds(-5), std::chrono::seconds(1)},
                               Case{std::chrono::seconds::max(), std::chrono::hours(24)}}) {
    RunnerWorld world;
    const auto id = *world.enqueue({.kind = "a"});
    world.runner(failing({ErrorCode::rate_limited, "slow down", expected.asked}))->run_due();
    CHECK((world.status(id).run_at == world.clock.now() + expected.waited));
  }
}

TEST_CASE("a job fails for good after its last attempt") {
  RunnerWorld world;
  const auto id = *world.enqueue({.kind = "a"});
  const auto runner = world.runner(failing({ErrorCode::unavailable, "away"}), 3);
  for (int i = 0; i < 5; ++i) {
    runner->run_due();
    world.clock.advance(std::chrono::hours(1));
  }
  CHECK(world.handled.size() == 3);
  CHECK((world.status(id).state == State::failed));
  CHECK(world.status(id).error == "away");
}

TEST_CASE("an exception in a handler is tried again like any passing error") {
  RunnerWorld world;
  const auto id = *world.enqueue({.kind = "a"});
  world.runner([](const Job&) -> Result<Outcome> { throw std::runtime_error("oh"); })->run_due();
  CHECK((world.status(id).state == State::ready));
  CHECK(world.status(id).error == "oh");
  world.clock.advance(minute);
  world.runner([](const Job&) -> Result<Outcome> { throw 5; })->run_due();
  CHECK((world.status(id).state == State::ready));
  CHECK(world.status(id).attempts == 2);
}

TEST_CASE("to be run again is not counted as an attempt") {
  RunnerWorld world;
  const auto id = *world.enqueue({.kind = "a"});
  const auto runner = world.runner(
      [&](const Job&) -> Result<Outcome> { return RunAgain{world.clock.now() + minute}; }, 2);
  for (int i = 0; i < 5; ++i) {
    CHECK(runner->run_due() == 1);
    world.clock.advance(minute);
  }
  CHECK((world.status(id).state == State::ready));
  CHECK(world.status(id).attempts == 0);
}

TEST_CASE("a job that killed every process that ran it is given up") {
  RunnerWorld world;
  const auto id = *world.enqueue({.kind = "a"});
  for (int i = 0; i < 2; ++i) {
    REQUIRE(world.queue.claim(minute).has_value());
    world.clock.advance(minute);
  }
  CHECK(world.runner(done, 2)->run_due() == 1);
  CHECK(world.handled.empty());
  CHECK((world.status(id).state == State::failed));
}

TEST_CASE("a job runs under the request id that caused it") {
  RunnerWorld world;
  {
    const log::RequestScope scope("request-9");
    world.enqueue({.kind = "a"});
  }
  std::string seen;
  world
      .runner([&](const Job&) -> Result<Outcome> {
        seen = log::current_request_id();
        return Done{};
      })
      ->run_due();
  CHECK(seen == "request-9");
  CHECK(log::current_request_id().empty());
}

TEST_CASE("workers take each job once and are woken by new ones") {
  World world;
  std::mutex mutex;
  std::multiset<std::string> seen;
  std::promise<void> all;
  constexpr std::size_t jobs = 60;
  Runner runner(world.queue, world.clock, world.random,
                {{.name = "a", .handle = [&](const Job& job) -> Result<Outcome> {
                    const std::lock_guard lock(mutex);
                    seen.insert(job.id.value);
                    if (seen.size() == jobs) {
                      all.set_value();
                    }
                    return Done{};
                  }}});
  runner.start(4);
  for (std::size_t i = 0; i < jobs; ++i) {
    world.enqueue({.kind = "a"});
    runner.wake();
  }
  CHECK((all.get_future().wait_for(deadline) == std::future_status::ready));
  runner.stop();
  runner.stop();
  CHECK(seen.size() == jobs);
  CHECK(std::set<std::string>(seen.begin(), seen.end()).size() == jobs);
  CHECK(world.row("SELECT count(*) FROM job WHERE state = 'done'").integer(0) == jobs);
}

TEST_CASE("stopping lets the running job end and takes no more") {
  World world;
  std::promise<void> started;
  std::promise<void> may_end;
  std::shared_future<void> end = may_end.get_future().share();
  Runner runner(world.queue, world.clock, world.random,
                {{.name = "a", .handle = [&](const Job&) -> Result<Outcome> {
                    started.set_value();
                    end.wait_for(deadline);
                    return Done{};
                  }}});
  world.enqueue({.kind = "a"});
  world.enqueue({.kind = "a"});
  runner.start(1);
  REQUIRE((started.get_future().wait_for(deadline) == std::future_status::ready));
  std::jthread stopper([&] { runner.stop(); });
  may_end.set_value();
  stopper.join();
  CHECK(world.row("SELECT count(*) FROM job WHERE state = 'done'").integer(0) == 1);
  CHECK(world.row("SELECT count(*) FROM job WHERE state = 'ready'").integer(0) == 1);
}

TEST_CASE("a job that a worker is just taking is hurried like one that runs") {
  World world;
  SlowClock clock(world.clock);
  Queue queue(*world.database, clock, world.random);
  Runner runner(queue, world.clock, world.random, {{.name = "a", .handle = done}});
  const auto id = *world.enqueue({.kind = "a"});
  runner.start(1);
  REQUIRE((clock.asked.get_future().wait_for(deadline) == std::future_status::ready));
  bool hurried = false;
  runner.stop(std::chrono::milliseconds(1), [&] {
    hurried = true;
    clock.may_answer.set_value();
  });
  CHECK(hurried);
  CHECK((world.status(id).state == State::done));
}

TEST_CASE("workers that have nothing to do are not hurried") {
  World world;
  Runner runner(world.queue, world.clock, world.random, {{.name = "a", .handle = done}});
  runner.start(2);
  bool hurried = false;
  runner.stop(deadline, [&] { hurried = true; });
  CHECK(!hurried);
}

TEST_CASE("the lease of a running job is extended so that nobody takes it over") {
  World world;
  std::promise<void> started;
  std::promise<void> may_end;
  std::shared_future<void> end = may_end.get_future().share();
  Runner runner(world.queue, world.clock, world.random,
                {{.name = "a",
                  .handle = [&](const Job&) -> Result<Outcome> {
                    started.set_value();
                    end.wait_for(deadline);
                    return Done{};
                  }}},
                {.extended_every = std::chrono::milliseconds(1)});
  const auto id = *world.enqueue({.kind = "a"});
  runner.start(1);
  REQUIRE((started.get_future().wait_for(deadline) == std::future_status::ready));
  world.clock.advance(minute / 2);
  const TimePoint extended = world.clock.now() + minute;
  std::promise<void> never;
  std::future<void> tick = never.get_future();
  for (int i = 0; i < 10'000 && world.queue.next_due() != extended; ++i) {
    tick.wait_for(std::chrono::milliseconds(1));
  }
  CHECK((world.queue.next_due() == extended));
  may_end.set_value();
  runner.stop();
  CHECK((world.status(id).state == State::done));
}

TEST_CASE("workers go on when a database that was out of reach is back") {
  World world;
  std::promise<void> ran;
  Runner runner(world.queue, world.clock, world.random,
                {{.name = "a", .handle = [&](const Job&) -> Result<Outcome> {
                    ran.set_value();
                    return Done{};
                  }}});
  const auto id = *world.enqueue({.kind = "a"});
  // Another program locks the file for longer than the workers wait for it.
  const auto other = *storage::open_sqlite(world.folder.path("test.db"));
  other->write([&](storage::Connection&) {
    runner.start(2);
    std::promise<void> never;
    CHECK((never.get_future().wait_for(std::chrono::milliseconds(200)) ==
           std::future_status::timeout));
    CHECK(world.status(id).attempts == 0);
  });
  CHECK((ran.get_future().wait_for(deadline) == std::future_status::ready));
}

}  // namespace bb::jobs

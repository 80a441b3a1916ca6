// Which worker takes which job: limits of kinds, and the worker that is kept for answers.
#include <doctest/doctest.h>

#include <algorithm>
#include <condition_variable>
#include <map>

#include "jobs/runner.hpp"
#include "jobs/world.test.hpp"

namespace bb::jobs {
namespace {

constexpr std::chrono::seconds deadline{30};

// Handlers that wait in here until they are let go.
class Gate {
 public:
  Handler handler() {
    return [this](const Job& job) -> Result<Outcome> {
      std::unique_lock lock(mutex_);
      const int running = ++running_[job.kind];
      most_[job.kind] = std::max(most_[job.kind], running);
      ++begun_[job.kind];
      changed_.notify_all();
      changed_.wait_for(lock, deadline, [this] { return open_; });
      --running_[job.kind];
      changed_.notify_all();
      return Done{};
    };
  }

  bool wait_for_begun(const std::string& kind, int count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, deadline, [&] { return begun_[kind] >= count; });
  }
  int begun(const std::string& kind) {
    const std::lock_guard lock(mutex_);
    return begun_[kind];
  }
  int most(const std::string& kind) {
    const std::lock_guard lock(mutex_);
    return most_[kind];
  }
  void open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false;
  std::map<std::string, int> running_;
  std::map<std::string, int> most_;
  std::map<std::string, int> begun_;
};

}  // namespace

TEST_CASE("no more jobs of a kind run at a time than its limit allows and others go on") {
  World world;
  Gate polls;
  Gate mails;
  mails.open();
  Runner runner(world.queue, world.clock, world.random,
                {{.name = "poll", .handle = polls.handler(), .most_running = 2},
                 {.name = "mail", .handle = mails.handler()}});
  for (int i = 0; i < 5; ++i) {
    world.enqueue({.kind = "poll"});
  }
  runner.start(5);
  REQUIRE(polls.wait_for_begun("poll", 2));
  for (int i = 0; i < 20; ++i) {
    world.enqueue({.kind = "mail"});
    runner.wake();
  }
  CHECK(mails.wait_for_begun("mail", 20));
  CHECK(polls.begun("poll") == 2);
  polls.open();
  CHECK(polls.wait_for_begun("poll", 5));
  runner.stop();
  CHECK(polls.most("poll") == 2);
}

TEST_CASE("an answer is begun while all other workers are busy with slow work") {
  World world;
  Gate polls;
  Gate answers;
  answers.open();
  Runner runner(world.queue, world.clock, world.random,
                {{.name = "poll", .handle = polls.handler()},
                 {.name = "answer", .handle = answers.handler()}});
  for (int i = 0; i < 6; ++i) {
    world.enqueue({.kind = "poll"});
  }
  runner.start(3);
  REQUIRE(polls.wait_for_begun("poll", 2));
  world.enqueue({.kind = "answer", .priority = Priority::answer});
  runner.wake();
  CHECK(answers.wait_for_begun("answer", 1));
  CHECK(polls.begun("poll") == 2);
  polls.open();
  CHECK(polls.wait_for_begun("poll", 6));
}

TEST_CASE("a worker that is alone takes everything") {
  World world;
  Gate all;
  all.open();
  Runner runner(world.queue, world.clock, world.random,
                {{.name = "poll", .handle = all.handler(), .most_running = 1},
                 {.name = "answer", .handle = all.handler()}});
  world.enqueue({.kind = "poll"});
  world.enqueue({.kind = "answer", .priority = Priority::answer});
  runner.start(1);
  CHECK(all.wait_for_begun("poll", 1));
  CHECK(all.wait_for_begun("answer", 1));
}

TEST_CASE("a place that was kept in vain lets others look again") {
  KindLimits limits;
  limits.set("poll", 1);
  limits.set("digest", 2);
  KindLimits::Places first(limits);
  CHECK(first.full().empty());
  {
    KindLimits::Places second(limits);
    CHECK((second.full() == std::vector<std::string>{"poll"}));
    CHECK((limits.full() == std::vector<std::string>{"digest", "poll"}));
    CHECK(!second.keep("digest"));
    CHECK(first.keep("mail"));  // both places are free again, and were refused
    CHECK(limits.full().empty());
  }
  KindLimits::Places third(limits);
  CHECK(third.full().empty());
  CHECK(!third.keep("poll"));
  CHECK((limits.full() == std::vector<std::string>{"poll"}));
}

}  // namespace bb::jobs

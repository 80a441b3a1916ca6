#include "jobs/queue.hpp"

#include <doctest/doctest.h>

#include "base/log.hpp"
#include "jobs/world.test.hpp"

namespace bb::jobs {

TEST_CASE("the wait before another attempt doubles from two seconds to fifteen minutes") {
  SeededRandom random(7);
  using std::chrono::milliseconds;
  using std::chrono::seconds;
  struct Bounds {
    int attempts;
    milliseconds longest;
  };
  for (const Bounds& bounds :
       {Bounds{-1, seconds(2)}, Bounds{0, seconds(2)}, Bounds{1, seconds(2)}, Bounds{2, seconds(4)},
        Bounds{3, seconds(8)}, Bounds{9, seconds(512)}, Bounds{10, seconds(900)},
        Bounds{1'000'000, seconds(900)}}) {
    CAPTURE(bounds.attempts);
    milliseconds smallest = milliseconds::max();
    milliseconds largest{0};
    for (int i = 0; i < 500; ++i) {
      const milliseconds wait = backoff(bounds.attempts, random);
      smallest = std::min(smallest, wait);
      largest = std::max(largest, wait);
    }
    CHECK((largest <= bounds.longest));
    CHECK((largest > bounds.longest * 9 / 10));
    CHECK((smallest >= bounds.longest / 2));
    CHECK((smallest < bounds.longest * 6 / 10));
  }
}

TEST_CASE("a job carries the request id of the thread that enqueued it") {
  World world;
  {
    const log::RequestScope scope("request-1");
    world.enqueue({.kind = "a"});
  }
  CHECK(world.queue.claim(minute)->request_id == "request-1");
}

TEST_CASE("an idle claim does not wait for a writer") {
  World world;
  world.enqueue({.kind = "a", .run_at = world.clock.now() + minute});
  const auto other = *storage::open_sqlite(world.folder.path("test.db"),
                                           {.busy_timeout = std::chrono::seconds(5)});
  other->write([&](storage::Connection&) { CHECK(!world.queue.claim(minute).has_value()); });
}

TEST_CASE("what is stored of an error is bounded and valid text") {
  World world;
  const auto id = *world.enqueue({.kind = "a"});
  const auto job = *world.queue.claim(minute);
  world.queue.fail(job, std::string(100'000, 'x') + "\xff");
  CHECK(world.status(id).error.size() <= 2003);
}

TEST_CASE("what one person said is handled in the order in which it came") {
  World world;
  const NewJob message{.kind = "a", .workspace_id = "w", .subject = {"U1"}};
  const auto first = *world.enqueue(message);
  const auto second = *world.enqueue(message);
  const auto third = *world.enqueue(message);

  const Job job = *world.queue.claim(minute);
  CHECK((job.id == first));
  CHECK(!world.queue.claim(minute).has_value());
  CHECK((world.queue.next_due() == world.clock.now() + minute));

  // Not even while the first waits to be tried again.
  world.queue.retry(job, world.clock.now() + minute / 2, "away");
  CHECK(!world.queue.claim(minute).has_value());
  CHECK((world.queue.next_due() == world.clock.now() + minute / 2));
  world.clock.advance(minute / 2);
  const Job again = *world.queue.claim(minute);
  CHECK((again.id == first));
  world.queue.finish(again);

  const Job next = *world.queue.claim(minute);
  CHECK((next.id == second));
  world.queue.fail(next, "no");
  CHECK((world.queue.claim(minute)->id == third));
}

TEST_CASE("the order of one person holds up nobody else and no other kind") {
  World world;
  world.enqueue({.kind = "a", .workspace_id = "w", .subject = {"U1"}});
  world.enqueue({.kind = "a", .workspace_id = "w", .subject = {"U1"}});
  world.enqueue({.kind = "b", .workspace_id = "w", .subject = {"U1"}});
  world.enqueue({.kind = "a", .workspace_id = "w", .subject = {"U2"}});
  world.enqueue({.kind = "a", .workspace_id = "v", .subject = {"U1"}});
  world.enqueue({.kind = "a", .workspace_id = "w"});
  world.enqueue({.kind = "a", .workspace_id = "w"});
  int claimed = 0;
  while (world.queue.claim(minute)) {
    ++claimed;
  }
  CHECK(claimed == 6);
}

TEST_CASE("a clock that is set back does not change the order of one person") {
  World world;
  const NewJob message{.kind = "a", .workspace_id = "w", .subject = {"U1"}};
  const auto first = *world.enqueue(message);
  world.clock.advance(-minute);
  world.enqueue(message);
  world.clock.advance(minute);
  CHECK((world.queue.claim(minute)->id == first));
}

TEST_CASE("looking for the first job of a person uses an index") {
  World world;
  const auto plan = world.database->read([](storage::Connection& connection) {
    std::string text;
    for (const auto& row : connection.query(
             "EXPLAIN QUERY PLAN SELECT 1 FROM job AS other WHERE other.workspace_id = 'w' AND "
             "other.subject = 'U1' AND other.subject <> '' AND other.kind = 'a'")) {
      text += row.text(3);
    }
    return text;
  });
  CHECK(plan.find("job_subject") != std::string::npos);
}

TEST_CASE("jobs made after a time are not erased with those before it") {
  World world;
  const NewJob message{.kind = "a", .workspace_id = "w", .subject = {"U1"}};
  world.enqueue(message);
  world.enqueue(message);
  const Job running = *world.queue.claim(minute);
  const auto later = *world.enqueue(message);
  world.database->write([&](storage::Connection& connection) {
    world.queue.erase(connection, WorkspaceId{"w"}, UserId{"U1"}, running.created_at);
  });
  CHECK((world.status(later).state == State::ready));
  world.database->write([&](storage::Connection& connection) {
    world.queue.erase(connection, WorkspaceId{"w"}, UserId{"U1"});
  });
  CHECK(world.row("SELECT count(*) FROM job").integer(0) == 1);
  CHECK((world.status(running.id).state == State::running));
}

TEST_CASE("jobs of a process that died are ready again at the next start") {
  World world;
  const auto id = *world.enqueue({.kind = "a"});
  const auto waiting = *world.enqueue({.kind = "a", .run_at = world.clock.now() + minute});
  const Job dead = *world.queue.claim(minute);
  CHECK(world.queue.release_all() == 1);
  CHECK(world.queue.release_all() == 0);
  CHECK((world.status(waiting).run_at == world.clock.now() + minute));
  const Job job = *world.queue.claim(minute);
  CHECK((job.id == id));
  CHECK(job.attempts == 2);
  world.queue.finish(dead);
  CHECK((world.status(id).state == State::running));
}

TEST_CASE("cleaning removes more jobs than one batch") {
  World world;
  world.database->write([&](storage::Connection& connection) {
    for (int i = 0; i < 1'100; ++i) {
      world.queue.enqueue(connection, {.kind = "a"});
    }
    connection.execute("UPDATE job SET state = 'done', finished_at = $1", {world.clock.now()});
  });
  world.clock.advance(minute * 2);
  CHECK(world.queue.clean(minute * 3) == 0);
  CHECK(world.queue.clean(minute) == 1'100);
}

}  // namespace bb::jobs

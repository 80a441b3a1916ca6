// What the job queue promises, whatever the database.
#include "jobs/queue.hpp"

#include <doctest/doctest.h>

#include <set>
#include <thread>

#include "storage/migrations.hpp"
#include "tests/databases/fresh_database.hpp"

namespace bb::jobs {
namespace {

constexpr std::chrono::milliseconds minute = std::chrono::minutes(1);

struct World {
  explicit World(tests::FreshDatabase& fresh) : database(fresh.open()) {
    REQUIRE(storage::migrate(*database, storage::migrations(), clock).has_value());
  }

  VirtualClock clock{TimePoint(std::chrono::hours(500'000))};
  SeededRandom random{1};
  std::unique_ptr<storage::Database> database;
  Queue queue{*database, clock, random};

  std::optional<JobId> enqueue(const NewJob& job) {
    return database->write(
        [&](storage::Connection& connection) { return queue.enqueue(connection, job); });
  }
  Status status(const JobId& id) {
    const auto status = queue.status(id);
    REQUIRE(status.has_value());
    return *status;
  }
  Job claim() {
    const auto job = queue.claim(minute);
    REQUIRE(job.has_value());
    return *job;
  }
};

template <class Test>
void on_every_database(Test test) {
  for (const tests::DatabaseKind& kind : tests::database_kinds()) {
    CAPTURE(std::string(kind.name));
    const auto fresh = kind.make();
    World world(*fresh);
    test(world);
  }
}

}  // namespace

TEST_CASE("many jobs are enqueued at once and those of one person run in their order") {
  on_every_database([](World& world) {
    std::vector<NewJob> jobs;
    for (int i = 0; i < 130; ++i) {
      jobs.push_back({.kind = "k",
                      .payload = std::to_string(i),
                      .workspace_id = "w",
                      .subject = {i % 2 == 0 ? "U1" : ""},
                      .request_id = "request-" + std::to_string(i)});
    }
    const auto enqueue_all = [&] {
      return world.database->write([&](storage::Connection& connection) {
        return world.queue.enqueue_all(connection, jobs);
      });
    };
    CHECK(enqueue_all().size() == jobs.size());
    CHECK(enqueue_all().size() == jobs.size());  // the same person again, within the millisecond
    world.clock.advance(std::chrono::seconds(1));
    int last = -2;
    int of_person = 0;
    for (int i = 0; i < 260; ++i) {
      const Job job = world.claim();
      CHECK(job.request_id == "request-" + job.payload);
      if (job.subject.value == "U1") {
        const int number = std::stoi(job.payload);
        CHECK(number == (last + 2) % 130);
        last = number;
        ++of_person;
      }
      world.queue.finish(job);
    }
    CHECK(of_person == 130);
  });
}

TEST_CASE("of many jobs at once those with a unique key that exists are left out") {
  on_every_database([](World& world) {
    world.enqueue({.kind = "k", .unique_key = "a"});
    const std::vector<NewJob> jobs = {{.kind = "k", .unique_key = "a"},
                                      {.kind = "k", .unique_key = "b"},
                                      {.kind = "k", .unique_key = "b"},
                                      {.kind = "k"}};
    const auto ids = world.database->write(
        [&](storage::Connection& connection) { return world.queue.enqueue_all(connection, jobs); });
    CHECK(ids.size() == 2);
  });
}

TEST_CASE("a job is claimed as it was enqueued") {
  on_every_database([](World& world) {
    const auto id = world.enqueue({.kind = "k",
                                   .payload = R"({"a":1})",
                                   .workspace_id = "w",
                                   .subject = {"U1"},
                                   .priority = Priority::answer});
    REQUIRE(id.has_value());
    CHECK((world.status(*id).state == State::ready));
    const Job job = world.claim();
    CHECK((job.id == *id));
    CHECK(job.kind == "k");
    CHECK(job.payload == R"({"a":1})");
    CHECK(job.workspace_id == "w");
    CHECK(job.subject.value == "U1");
    CHECK(job.attempts == 1);
    CHECK((job.created_at == world.clock.now()));
    CHECK((world.status(*id).state == State::running));
    CHECK(!world.queue.claim(minute).has_value());
  });
}

TEST_CASE("a job that its transaction took back was never enqueued") {
  on_every_database([](World& world) {
    CHECK_THROWS(world.database->write([&](storage::Connection& connection) {
      world.queue.enqueue(connection, {.kind = "k"});
      throw std::runtime_error("no");
    }));
    CHECK(!world.queue.claim(minute).has_value());
    CHECK(!world.queue.next_due().has_value());
  });
}

TEST_CASE("a second job with the same unique key is not enqueued even after the first is done") {
  on_every_database([](World& world) {
    CHECK(world.enqueue({.kind = "k", .unique_key = "slot"}).has_value());
    CHECK(!world.enqueue({.kind = "k", .unique_key = "slot"}).has_value());
    world.queue.finish(world.claim());
    CHECK(!world.enqueue({.kind = "k", .unique_key = "slot"}).has_value());
    CHECK(world.enqueue({.kind = "k", .unique_key = "other"}).has_value());
    CHECK(world.enqueue({.kind = "k"}).has_value());
    CHECK(world.enqueue({.kind = "k"}).has_value());
  });
}

TEST_CASE("urgent jobs come first and then those that have waited longest") {
  on_every_database([](World& world) {
    const TimePoint now = world.clock.now();
    world.enqueue({.kind = "late", .run_at = now - minute});
    world.enqueue({.kind = "later", .run_at = now});
    world.enqueue({.kind = "early", .run_at = now - 2 * minute});
    world.enqueue({.kind = "delivery", .priority = Priority::delivery});
    world.enqueue({.kind = "answer", .priority = Priority::answer});
    world.enqueue({.kind = "future", .priority = Priority::answer, .run_at = now + minute});
    for (const char* kind : {"answer", "delivery", "early", "late", "later"}) {
      CHECK(world.claim().kind == kind);
    }
    CHECK(!world.queue.claim(minute).has_value());
  });
}

TEST_CASE("a job is not claimed before it is due") {
  on_every_database([](World& world) {
    CHECK(!world.queue.next_due().has_value());
    world.enqueue({.kind = "k", .run_at = world.clock.now() + minute});
    CHECK((world.queue.next_due() == world.clock.now() + minute));
    CHECK(!world.queue.claim(minute).has_value());
    world.clock.advance(minute);
    CHECK(world.queue.claim(minute).has_value());
  });
}

TEST_CASE("a job whose lease ran out is taken over and its first worker has no say any more") {
  on_every_database([](World& world) {
    const auto id = *world.enqueue({.kind = "k"});
    const Job first = world.claim();
    CHECK((world.queue.next_due() == world.clock.now() + minute));
    world.clock.advance(minute - std::chrono::milliseconds(1));
    CHECK(!world.queue.claim(minute).has_value());
    world.clock.advance(std::chrono::milliseconds(1));
    const Job second = world.claim();
    CHECK((second.id == id));
    CHECK(second.attempts == 2);

    CHECK(!world.queue.extend(first, minute));
    world.queue.finish(first);
    world.queue.fail(first, "late");
    world.queue.retry(first, world.clock.now(), "late");
    world.queue.run_again(first, world.clock.now());
    world.queue.report_progress(first, "late");
    const Status status = world.status(id);
    CHECK((status.state == State::running));
    CHECK(status.error.empty());
    CHECK(status.progress.empty());
    world.queue.finish(second);
    CHECK((world.status(id).state == State::done));
  });
}

TEST_CASE("an extended lease is not taken over") {
  on_every_database([](World& world) {
    world.enqueue({.kind = "k"});
    const Job job = world.claim();
    world.clock.advance(minute / 2);
    CHECK(world.queue.extend(job, minute));
    world.clock.advance(minute - std::chrono::milliseconds(1));
    CHECK(!world.queue.claim(minute).has_value());
    world.clock.advance(std::chrono::milliseconds(1));
    CHECK(world.queue.claim(minute).has_value());
  });
}

TEST_CASE("a finished job keeps its progress and forgets its payload and whom it was about") {
  on_every_database([](World& world) {
    const auto id = *world.enqueue({.kind = "k", .payload = R"({"who":"U1"})", .subject = {"U1"}});
    const Job job = world.claim();
    world.queue.report_progress(job, "2 of 3");
    world.queue.finish(job);
    CHECK(world.status(id).progress == "2 of 3");
    const auto rows = world.database->read([](storage::Connection& connection) {
      return connection.query("SELECT payload, subject FROM job");
    });
    CHECK(rows.at(0).text(0) == "{}");
    CHECK(rows.at(0).text(1).empty());
    CHECK(!world.queue.next_due().has_value());
    CHECK(!world.queue.status(JobId{"unknown"}).has_value());
  });
}

TEST_CASE("a retried job comes back at its time with one more attempt") {
  on_every_database([](World& world) {
    const auto id = *world.enqueue({.kind = "k"});
    world.queue.retry(world.claim(), world.clock.now() + minute, "away");
    CHECK((world.status(id).state == State::ready));
    CHECK(world.status(id).error == "away");
    CHECK((world.status(id).run_at == world.clock.now() + minute));
    CHECK(!world.queue.claim(minute).has_value());
    world.clock.advance(minute);
    CHECK(world.claim().attempts == 2);
  });
}

TEST_CASE("a job to be run again comes back without one more attempt") {
  on_every_database([](World& world) {
    const auto id = *world.enqueue({.kind = "k"});
    world.queue.run_again(world.claim(), world.clock.now() + minute);
    CHECK((world.status(id).state == State::ready));
    CHECK(world.status(id).attempts == 0);
    world.clock.advance(minute);
    CHECK(world.claim().attempts == 1);
  });
}

TEST_CASE("a worker that lost its lease has no say over attempts that were run again either") {
  on_every_database([](World& world) {
    const auto id = *world.enqueue({.kind = "k"});
    const Job lost = world.claim();
    for (int i = 0; i < 3; ++i) {
      world.clock.advance(minute);
      world.queue.run_again(world.claim(), world.clock.now());
      world.claim();
      world.queue.finish(lost);
      CHECK((world.status(id).state == State::running));
    }
  });
}

TEST_CASE("a failed job stays failed") {
  on_every_database([](World& world) {
    const auto id = *world.enqueue({.kind = "k"});
    const Job job = world.claim();
    world.queue.fail(job, "why");
    world.queue.finish(job);
    CHECK((world.status(id).state == State::failed));
    CHECK(world.status(id).error == "why");
    world.clock.advance(minute * 2);
    CHECK(!world.queue.claim(minute).has_value());
  });
}

TEST_CASE("finished jobs are removed after their time and open ones are kept") {
  on_every_database([](World& world) {
    const auto finished = *world.enqueue({.kind = "a"});
    world.queue.finish(world.claim());
    const auto failed = *world.enqueue({.kind = "b"});
    world.queue.fail(world.claim(), "why");
    const auto open = *world.enqueue({.kind = "c"});
    world.clock.advance(minute);
    CHECK(world.queue.clean(minute) == 0);
    world.clock.advance(std::chrono::milliseconds(1));
    CHECK(world.queue.clean(minute) == 2);
    CHECK(!world.queue.status(finished).has_value());
    CHECK(!world.queue.status(failed).has_value());
    CHECK(world.queue.status(open).has_value());
  });
}

TEST_CASE("the jobs about a person are erased, failed ones too, and a running one is not kept") {
  on_every_database([](World& world) {
    const auto erase = [&] {
      world.database->write([&](storage::Connection& connection) {
        world.queue.erase(connection, WorkspaceId{"w"}, UserId{"U1"});
      });
    };
    const auto mine = *world.enqueue({.kind = "a", .workspace_id = "w", .subject = {"U1"}});
    const Job running = world.claim();
    const auto waiting = *world.enqueue({.kind = "b", .workspace_id = "w", .subject = {"U1"}});
    const auto elsewhere = *world.enqueue({.kind = "c", .workspace_id = "x", .subject = {"U1"}});
    const auto other = *world.enqueue({.kind = "d", .workspace_id = "w", .subject = {"U2"}});
    erase();
    CHECK(world.queue.status(mine).has_value());
    CHECK(!world.queue.status(waiting).has_value());
    CHECK(world.queue.status(elsewhere).has_value());
    CHECK(world.queue.status(other).has_value());
    world.queue.fail(running, "why");
    const auto rows = world.database->read([&](storage::Connection& connection) {
      return connection.query("SELECT payload, subject, error FROM job WHERE id = $1", {mine});
    });
    CHECK((world.status(mine).state == State::discarded));
    CHECK(rows.at(0).text(0) == "{}");
    CHECK(rows.at(0).text(1).empty());

    const auto failed = *world.enqueue(
        {.kind = "a", .workspace_id = "w", .subject = {"U1"}, .priority = Priority::answer});
    world.queue.fail(world.claim(), "why");
    REQUIRE((world.status(failed).state == State::failed));
    erase();
    CHECK(!world.queue.status(failed).has_value());
  });
}

TEST_CASE("a failed job keeps what another try needs") {
  on_every_database([](World& world) {
    world.enqueue({.kind = "k", .payload = R"({"a":1})", .workspace_id = "w", .subject = {"U1"}});
    world.queue.fail(world.claim(), "why");
    const auto rows = world.database->read([&](storage::Connection& connection) {
      return connection.query("SELECT payload, subject, error FROM job");
    });
    CHECK(rows.at(0).text(0) == R"({"a":1})");
    CHECK(rows.at(0).text(1) == "U1");
    CHECK(rows.at(0).text(2) == "why");
  });
}

TEST_CASE("jobs of other kinds and of less urgency than a worker takes are left to others") {
  on_every_database([](World& world) {
    const TimePoint now = world.clock.now();
    world.enqueue({.kind = "poll", .run_at = now - minute});
    world.enqueue({.kind = "mail", .priority = Priority::delivery});
    const Choice answers{.at_most = Priority::answer};
    const Choice no_polls{.without_kinds = {"poll", "other"}};
    CHECK(!world.queue.claim(minute, answers).has_value());
    CHECK(!world.queue.next_due(answers).has_value());
    CHECK((world.queue.next_due(no_polls) == now));
    CHECK(world.queue.claim(minute, no_polls)->kind == "mail");
    CHECK(!world.queue.claim(minute, no_polls).has_value());
    CHECK((world.queue.next_due(no_polls) == now + minute));  // the lease of the mail
    CHECK((world.queue.next_due() == now - minute));
    CHECK(world.claim().kind == "poll");
    // One that was abandoned is left to others too.
    world.clock.advance(minute);
    CHECK(!world.queue.claim(minute, answers).has_value());
    CHECK(world.queue.claim(minute, no_polls)->kind == "mail");
  });
}

TEST_CASE("several workers never claim the same job") {
  on_every_database([](World& world) {
    constexpr int jobs = 60;
    world.database->write([&](storage::Connection& connection) {
      for (int i = 0; i < jobs; ++i) {
        world.queue.enqueue(connection, {.kind = "k"});
      }
    });
    std::mutex mutex;
    std::multiset<std::string> claimed;
    {
      std::vector<std::jthread> workers;
      for (int i = 0; i < 4; ++i) {
        workers.emplace_back([&] {
          while (const auto job = world.queue.claim(minute)) {
            const std::lock_guard lock(mutex);
            claimed.insert(job->id.value);
          }
        });
      }
    }
    CHECK(claimed.size() == jobs);
    CHECK(std::set<std::string>(claimed.begin(), claimed.end()).size() == jobs);
  });
}

}  // namespace bb::jobs

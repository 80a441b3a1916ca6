// What operators see of jobs and do about them.
#include "jobs/job_control.hpp"

#include <doctest/doctest.h>

#include "jobs/outbox_world.test.hpp"

namespace bb::jobs {
namespace {

struct ControlWorld : OutboxWorld {
  Result<void> retry(const JobId& id) {
    return database->write(
        [&](storage::Connection& connection) { return retry_job(connection, id, clock.now()); });
  }
  Result<Discarded> discard(const JobId& id) {
    return database->write(
        [&](storage::Connection& connection) { return discard_job(connection, id, clock.now()); });
  }
  std::vector<std::string> kinds(const JobFilter& filter) {
    const auto jobs = database->read(
        [&](storage::Connection& connection) { return list_jobs(connection, filter); });
    std::vector<std::string> kinds;
    for (const JobRecord& job : jobs) {
      kinds.push_back(job.kind);
    }
    return kinds;
  }
  JobRecord record(const JobId& id) {
    return database->read([&](storage::Connection& connection) { return find_job(connection, id); })
        .value();
  }
  Job claim() { return queue.claim(minute).value(); }
};

}  // namespace

TEST_CASE("jobs are listed newest first by state and kind and not more than asked for") {
  ControlWorld world;
  for (const char* kind : {"a", "b", "c"}) {
    world.enqueue({.kind = kind});
    world.clock.advance(seconds(1));
  }
  world.queue.fail(world.claim(), "why");
  CHECK((world.kinds({}) == std::vector<std::string>{"c", "b", "a"}));
  CHECK((world.kinds({.limit = 2}) == std::vector<std::string>{"c", "b"}));
  CHECK((world.kinds({.state = State::failed}) == std::vector<std::string>{"a"}));
  CHECK((world.kinds({.state = State::ready, .kind = "b"}) == std::vector<std::string>{"b"}));
  CHECK(world.kinds({.kind = "nothing"}).empty());
}

TEST_CASE("a job is shown as it is") {
  ControlWorld world;
  const auto id = *world.enqueue({.kind = "a",
                                  .payload = R"({"n":1})",
                                  .unique_key = "once",
                                  .workspace_id = "w",
                                  .priority = Priority::delivery});
  const Job job = world.claim();
  world.queue.report_progress(job, "1 of 2");
  const JobRecord record = world.record(id);
  CHECK((record.state == State::running));
  CHECK((record.priority == Priority::delivery));
  CHECK(record.payload == R"({"n":1})");
  CHECK(record.unique_key == "once");
  CHECK(record.workspace_id == "w");
  CHECK(record.progress == "1 of 2");
  CHECK(record.attempts == 1);
  CHECK((record.lease_until == world.clock.now() + minute));
  CHECK(!record.finished_at.has_value());
}

TEST_CASE("a failed job that is tried again has all its attempts before it") {
  ControlWorld world;
  const auto id = *world.enqueue({.kind = "a", .payload = R"({"n":1})", .workspace_id = "w"});
  const Job lost = world.claim();
  world.queue.fail(lost, "why");
  world.clock.advance(minute);
  CHECK(world.retry(id).has_value());
  CHECK((world.status(id).state == State::ready));
  CHECK(world.status(id).attempts == 0);
  CHECK(world.status(id).error == "why");
  const Job job = world.claim();
  CHECK(job.payload == R"({"n":1})");
  CHECK(job.attempts == 1);
  // The attempt before has the same number, but not the same claim.
  world.queue.finish(lost);
  CHECK((world.status(id).state == State::running));
  world.queue.finish(job);
  CHECK((world.status(id).state == State::done));
  CHECK(world.status(id).error.empty());
}

TEST_CASE("only a failed job is tried again") {
  ControlWorld world;
  CHECK((world.retry(JobId{"none"}).error().code == ErrorCode::not_found));
  const auto id = *world.enqueue({.kind = "a"});
  CHECK(world.retry(id).error().message ==
        "only a failed job can be tried again, and this one is ready");
  const Job job = world.claim();
  CHECK((world.retry(id).error().code == ErrorCode::conflict));
  world.queue.finish(job);
  CHECK((world.retry(id).error().code == ErrorCode::conflict));
}

TEST_CASE("a ready or failed job is discarded at once and forgets what it was about") {
  for (const bool failed : {false, true}) {
    CAPTURE(failed);
    ControlWorld world;
    const auto id = *world.enqueue({.kind = "a", .payload = R"({"n":1})", .subject = {"U1"}});
    if (failed) {
      world.queue.fail(world.claim(), "why");
    }
    CHECK((world.discard(id).value() == Discarded::at_once));
    CHECK((world.status(id).state == State::discarded));
    CHECK(world.record(id).payload == "{}");
    CHECK(world.row("SELECT subject FROM job").text(0).empty());
    CHECK(!world.queue.claim(minute).has_value());
    CHECK((world.discard(id).error().code == ErrorCode::conflict));
    CHECK((world.retry(id).error().code == ErrorCode::conflict));
    world.clock.advance(minute * 2);
    CHECK(world.queue.clean(minute) == 1);
  }
}

TEST_CASE("a running job that is discarded is told so and ends whatever becomes of the attempt") {
  ControlWorld world;
  const auto id = *world.enqueue({.kind = "a", .payload = R"({"n":1})"});
  const auto discard_while_running = [&](auto end) {
    const Job job = world.claim();
    CHECK(world.queue.is_wanted(job));
    CHECK((world.discard(id).value() == Discarded::when_it_stops));
    CHECK(world.record(id).discard_asked);
    CHECK(!world.queue.is_wanted(job));
    CHECK((world.status(id).state == State::running));
    end(job);
    return world.status(id).state;
  };
  const auto start_over = [&] {
    world.database->write([](storage::Connection& connection) {
      connection.execute("UPDATE job SET state = 'ready', discard_asked = 0");
    });
  };
  const auto run_again = [&](const Job& job) { world.queue.run_again(job, world.clock.now()); };
  const auto retry = [&](const Job& job) { world.queue.retry(job, world.clock.now(), "why"); };
  const auto fail = [&](const Job& job) { world.queue.fail(job, "why"); };
  const auto finish = [&](const Job& job) { world.queue.finish(job); };
  CHECK((discard_while_running(run_again) == State::discarded));
  CHECK(world.record(id).payload == "{}");
  start_over();
  CHECK((discard_while_running(retry) == State::discarded));
  start_over();
  CHECK((discard_while_running(fail) == State::discarded));
  start_over();
  CHECK((discard_while_running(finish) == State::done));
}

TEST_CASE("a discarded job whose worker died is not run by another one") {
  ControlWorld world;
  const auto id = *world.enqueue({.kind = "a"});
  world.claim();
  CHECK(world.discard(id).has_value());
  world.clock.advance(minute);
  bool ran = false;
  Runner runner(world.queue, world.clock, world.random,
                {{.name = "a", .handle = [&](const Job&) -> Result<Outcome> {
                    ran = true;
                    return Done{};
                  }}});
  CHECK(runner.run_due() == 1);
  CHECK(!ran);
  CHECK((world.status(id).state == State::discarded));
}

TEST_CASE("an attempt that lost its lease is not wanted") {
  ControlWorld world;
  world.enqueue({.kind = "a"});
  const Job lost = world.claim();
  world.clock.advance(minute);
  const Job job = world.claim();
  CHECK(!world.queue.is_wanted(lost));
  CHECK(world.queue.is_wanted(job));
}

TEST_CASE("the job of a delivery is left to the commands for deliveries") {
  ControlWorld world;
  world.add({.rendered = "a"});
  const JobId id{world.row("SELECT id FROM job").text(0)};
  CHECK(world.discard(id).error().message.contains("deliveries"));
  CHECK(world.retry(id).error().message.contains("deliveries"));
  CHECK((world.status(id).state == State::ready));
}

TEST_CASE("listing failed jobs reads an index of their own") {
  ControlWorld world;
  const auto plan = world.database->read([](storage::Connection& connection) {
    return connection.query("EXPLAIN QUERY PLAN SELECT count(*) FROM job WHERE state = 'failed'")
        .at(0)
        .text(3);
  });
  CHECK_MESSAGE(plan.find("job_failed") != std::string::npos, plan);
}

}  // namespace bb::jobs

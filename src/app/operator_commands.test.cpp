// What operators read and do on the command line about jobs, deliveries and channels.
#include <doctest/doctest.h>

#include <boost/json.hpp>
#include <memory>
#include <sstream>

#include "app/delivery_commands.hpp"
#include "app/job_commands.hpp"
#include "app/table.hpp"
#include "base/json.hpp"
#include "jobs/disabled_channels.hpp"
#include "jobs/outbox.hpp"
#include "jobs/queue.hpp"
#include "storage/migrations.hpp"
#include "tests/temporary_folder.hpp"

namespace bb::app {
namespace {

const Secret key("a secret of sixteen octets");

struct OperatorWorld {
  tests::TemporaryFolder folder;
  VirtualClock clock{TimePoint(std::chrono::hours(500'000))};
  SeededRandom random{1};
  std::unique_ptr<storage::Database> database = *storage::open("sqlite:" + folder.path("test.db"));
  jobs::Queue queue{*database, clock, random};
  crypto::Sealer sealer{key, random};
  jobs::Outbox outbox{*database, queue, clock, random, sealer};
  std::ostringstream out;
  std::ostringstream err;

  OperatorWorld() { REQUIRE(storage::migrate(*database, storage::migrations(), clock)); }

  std::string failed_job() {
    const auto id = database->write([&](storage::Connection& connection) {
      return queue.enqueue(connection,
                           {.kind = "github.summary", .payload = R"({"channel":"general"})"});
    });
    queue.fail(queue.claim(std::chrono::minutes(1)).value(), "GitHub is \x1b[31m away");
    return id->value;
  }

  std::string failed_delivery() {
    return database->write([&](storage::Connection& connection) {
      outbox.add(connection, {.idempotency_key = "k",
                              .workspace_id = "w",
                              .channel = {"C1"},
                              .rendered = R"({"text":"secret news"})"});
      connection.execute(
          "UPDATE delivery SET state = 'failed', error = 'is_archived', finished_at = 1");
      return connection.query("SELECT id FROM delivery").at(0).text(0);
    });
  }

  std::string state_of_delivery() {
    return database->read([](storage::Connection& connection) {
      return connection.query("SELECT state FROM delivery").at(0).text(0);
    });
  }
};

Result<Secret> right_key() {
  return key;
}

}  // namespace

TEST_CASE("failed jobs are listed as a table that a terminal does not obey and as JSON") {
  OperatorWorld world;
  const std::string id = world.failed_job();
  CHECK(list_jobs(*world.database, {.state = "failed"}, world.out, world.err) == 0);
  CHECK(world.out.str().starts_with("ID  "));
  CHECK(world.out.str().contains(id));
  CHECK(world.out.str().contains("github.summary  failed  1 "));
  CHECK(world.out.str().contains("GitHub is \\x1b[31m away"));
  CHECK(!world.out.str().contains("general"));
  std::ostringstream json;
  CHECK(list_jobs(*world.database, {.json = true}, json, world.err) == 0);
  const auto parsed = json::parse(json.str()).value();
  REQUIRE(parsed.as_array().size() == 1);
  CHECK(json::string(parsed.as_array()[0], "id") == id);
  CHECK(json::string(parsed.as_array()[0], "state") == "failed");
  CHECK(!json::string(parsed.as_array()[0], "payload").has_value());
}

TEST_CASE("a list without jobs says so and a state that does not exist is wrong usage") {
  OperatorWorld world;
  CHECK(list_jobs(*world.database, {}, world.out, world.err) == 0);
  CHECK(world.out.str().empty());
  CHECK(world.err.str() == "There are no such jobs.\n");
  CHECK(list_jobs(*world.database, {.state = "broken"}, world.out, world.err) == 2);
  CHECK(list_deliveries(*world.database, {.state = "broken"}, world.out, world.err) == 2);
}

TEST_CASE("the payload of a job is shown only when asked for") {
  OperatorWorld world;
  const std::string id = world.failed_job();
  CHECK(show_job(*world.database, {.id = id}, world.out, world.err) == 0);
  CHECK(!world.out.str().contains("general"));
  CHECK(show_job(*world.database, {.id = id, .payload = true}, world.out, world.err) == 0);
  CHECK(world.out.str().contains(R"({"channel":"general"})"));
  CHECK(show_job(*world.database, {.id = "none"}, world.out, world.err) == 1);
  CHECK(world.err.str() == "busy-beaver: there is no job 'none'\n");
}

TEST_CASE("a failed job is tried again and then given up") {
  OperatorWorld world;
  const std::string id = world.failed_job();
  CHECK(retry_job(*world.database, {.id = id}, world.clock, world.out, world.err) == 0);
  CHECK(retry_job(*world.database, {.id = id}, world.clock, world.out, world.err) == 1);
  CHECK(world.err.str() ==
        "busy-beaver: only a failed job can be tried again, and this one is ready\n");
  CHECK(discard_job(*world.database, {.id = id}, world.clock, world.out, world.err) == 0);
  CHECK(discard_job(*world.database, {.id = id}, world.clock, world.out, world.err) == 1);
  CHECK(world.out.str() == "the job starts over\nthe job is discarded\n");
}

TEST_CASE("what a message says is shown only when asked for and with the right key") {
  OperatorWorld world;
  const std::string id = world.failed_delivery();
  const auto show = [&](const DeliveryOptions& options, const Secret& with) {
    return show_delivery(
        *world.database, options, [&] { return Result<Secret>(with); }, world.out, world.err);
  };
  CHECK(list_deliveries(*world.database, {.state = "failed"}, world.out, world.err) == 0);
  CHECK(show({.id = id}, key) == 0);
  CHECK(world.out.str().contains("stored, sealed"));
  CHECK(!world.out.str().contains("secret news"));
  CHECK(show({.id = id, .content = true}, Secret("another secret of many octets")) == 1);
  CHECK(world.err.str().contains("SECRET_KEY"));
  CHECK(!world.out.str().contains("secret news"));
  CHECK(show({.id = id, .content = true, .json = true}, key) == 0);
  CHECK(world.out.str().contains("secret news"));
  CHECK(show({.id = "none"}, key) == 1);
}

TEST_CASE("a failed delivery is tried again and then skipped") {
  OperatorWorld world;
  const std::string id = world.failed_delivery();
  CHECK(retry_delivery(*world.database, {.id = id}, world.clock, world.out, world.err) == 0);
  CHECK(world.state_of_delivery() == "pending");
  CHECK(retry_delivery(*world.database, {.id = id}, world.clock, world.out, world.err) == 1);
  CHECK(skip_delivery(*world.database, {.id = id}, world.clock, world.out, world.err) == 0);
  CHECK(world.state_of_delivery() == "skipped");
  CHECK(skip_delivery(*world.database, {.id = id}, world.clock, world.out, world.err) == 1);
  CHECK(show_delivery(*world.database, {.id = id, .content = true}, &right_key, world.out,
                      world.err) == 1);
  CHECK(world.err.str().ends_with("busy-beaver: its message is not stored any more\n"));
}

TEST_CASE("disabled channels are listed with the reason and enabled by their id") {
  OperatorWorld world;
  CHECK(list_channels(*world.database, {}, world.out, world.err) == 0);
  CHECK(world.err.str() == "All channels take posts.\n");
  world.database->write([&](storage::Connection& connection) {
    jobs::disable(connection, {.workspace = {"w"},
                               .channel = {"C1"},
                               .reason = "is_archived",
                               .since = world.clock.now()});
  });
  CHECK(list_channels(*world.database, {}, world.out, world.err) == 0);
  CHECK(world.out.str() ==
        "CHANNEL  DISABLED SINCE        REASON\n"
        "C1       2027-01-15T08:00:00Z  is_archived\n");
  CHECK(enable_channel(*world.database, {.channel = "C2"}, world.out, world.err) == 1);
  CHECK(enable_channel(*world.database, {.channel = "C1"}, world.out, world.err) == 0);
  CHECK(enable_channel(*world.database, {.channel = "C1"}, world.out, world.err) == 1);
}

}  // namespace bb::app

#include "app/event_writer.hpp"

#include <doctest/doctest.h>

#include <map>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "storage/migrations.hpp"
#include "storage/sqlite.hpp"
#include "tests/temporary_folder.hpp"

namespace bb::app {
namespace {

using namespace std::chrono_literals;

// The thread starts when the test says so: until then everything waits.
struct Fixture {
  tests::TemporaryFolder folder;
  VirtualClock clock{TimePoint(480'000h)};
  SeededRandom random{1};
  std::unique_ptr<storage::Database> database =
      storage::open_sqlite(folder.path("events.db"), {.busy_timeout = 10ms}).value();
  jobs::Queue queue{*database, clock, random};
  int wakes = 0;
  Guarded<std::map<std::string, std::vector<int>>>
      statuses;  // by event id, in the order of answers
  EventWriter writer{*database, queue, clock, [this] { ++wakes; }, {.queued = 10, .batch = 4}};
  const log::Writer silent{{.level = log::Level::off}};

  Fixture() { REQUIRE(storage::migrate(*database, storage::migrations(), clock)); }

  void submit(const std::string& event_id, const std::string& timestamp,
              const std::string& kind = "chat.message") {
    const chat::IncomingMessage message{.event_id = event_id,
                                        .team_id = "T1",
                                        .channel = {"D1"},
                                        .user = {"U1"},
                                        .timestamp = timestamp,
                                        .text = "help"};
    writer.submit({.receipt = chat::receipt_of({"W1"}, message),
                   .job = {.kind = kind,
                           .payload = "\"" + event_id + "\"",
                           .workspace_id = "W1",
                           .subject = {"U1"}},
                   .received_at = clock.now(),
                   .respond = http::Responder([this, event_id](const http::Response& response) {
                     statuses.with(
                         [&](auto& known) { known[event_id].push_back(response.status); });
                   })});
  }
  void submit(int number) { submit("Ev" + std::to_string(number), std::to_string(number) + ".0"); }
  // What `event_id` was answered so far.
  std::vector<int> status(const std::string& event_id) {
    return statuses.with([&](auto& known) { return known[event_id]; });
  }
  void run_to_end() {
    writer.start();
    writer.stop();
  }
  std::int64_t count(const std::string& table) {
    return database->read([&](storage::Connection& connection) {
      return connection.query("SELECT count(*) FROM " + table).at(0).integer(0);
    });
  }
  void script(const std::string& sql) {
    database->write([&](storage::Connection& connection) { connection.execute_script(sql); });
  }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "events are acknowledged when they are stored and not before") {
  submit(1);
  CHECK(status("Ev1").empty());
  run_to_end();
  CHECK(status("Ev1") == std::vector{200});
  CHECK(count("inbox") == 1);
  CHECK(count("job") == 1);
  CHECK(wakes == 1);
}

TEST_CASE_FIXTURE(Fixture, "events that wait together are stored in few transactions") {
  for (int i = 0; i < 10; ++i) {
    submit(i);
  }
  run_to_end();
  CHECK(writer.figures().stored == 10);
  CHECK(writer.figures().batches == 3);
  CHECK(count("job") == 10);
  CHECK(wakes == 3);
}

TEST_CASE_FIXTURE(Fixture, "the events of one person become jobs in the order of their arrival") {
  for (int i = 9; i >= 0; --i) {
    submit(i);
  }
  run_to_end();
  clock.advance(1s);
  for (int i = 9; i >= 0; --i) {
    const auto job = queue.claim(1min);
    REQUIRE(job);
    CHECK(job->payload == "\"Ev" + std::to_string(i) + "\"");
    queue.finish(*job);
  }
}

TEST_CASE_FIXTURE(Fixture, "what comes again is acknowledged and stored once") {
  submit("Ev1", "1.0");
  submit("Ev1", "1.0");
  submit("Ev2", "1.0");  // the same message under another event id
  submit("Ev3", "3.0");
  submit("Ev1", "1.0");  // in the next transaction
  submit("Ev4", "3.0");
  run_to_end();
  CHECK(status("Ev1") == std::vector{200, 200, 200});
  CHECK(status("Ev2") == std::vector{200});
  CHECK(status("Ev4") == std::vector{200});
  CHECK(count("inbox") == 2);
  CHECK(count("job") == 2);
  CHECK(writer.figures().stored == 2);
  CHECK(writer.figures().duplicates == 4);
}

TEST_CASE_FIXTURE(Fixture, "one more than may wait is refused at once") {
  for (int i = 0; i < 12; ++i) {
    submit(i);
  }
  CHECK(status("Ev9").empty());
  CHECK(status("Ev10") == std::vector{503});
  CHECK(status("Ev11") == std::vector{503});
  CHECK(writer.figures().waiting == 10);
  CHECK(writer.figures().shed == 2);
  run_to_end();
  CHECK(count("inbox") == 10);
  CHECK(writer.figures().waiting == 0);
}

TEST_CASE_FIXTURE(Fixture, "what waited too long to be acknowledged in time is not stored") {
  submit(1);
  clock.advance(2s);
  submit(2);
  clock.advance(1ms);
  submit(3);
  run_to_end();
  CHECK(status("Ev1") == std::vector{503});
  CHECK(status("Ev2") == std::vector{200});
  CHECK(status("Ev3") == std::vector{200});
  CHECK(count("inbox") == 2);
  CHECK(writer.figures().late == 1);
}

TEST_CASE_FIXTURE(Fixture, "nothing of a transaction that the database refuses is acknowledged") {
  const auto other = storage::open("sqlite:" + folder.path("events.db")).value();
  other->write([&](storage::Connection& connection) {
    connection.execute("DELETE FROM inbox");
    submit(1);
    submit(2);
    run_to_end();
  });
  CHECK(status("Ev1") == std::vector{503});
  CHECK(status("Ev2") == std::vector{503});
  CHECK(writer.figures().failed == 2);
  CHECK(count("inbox") == 0);
}

TEST_CASE_FIXTURE(Fixture, "an event that cannot be stored fails alone") {
  script(
      "CREATE TRIGGER poison BEFORE INSERT ON job WHEN NEW.kind = 'poison' "
      "BEGIN SELECT RAISE(ABORT, 'poison'); END");
  submit("Ev1", "1.0");
  submit("Ev2", "2.0", "poison");
  submit("Ev3", "3.0");
  run_to_end();
  CHECK(status("Ev1") == std::vector{200});
  CHECK(status("Ev2") == std::vector{500});
  CHECK(status("Ev3") == std::vector{200});
  CHECK(count("inbox") == 2);
  CHECK(count("job") == 2);
  CHECK(writer.figures().failed == 1);
}

TEST_CASE_FIXTURE(Fixture, "after the end events are refused") {
  run_to_end();
  submit(1);
  CHECK(status("Ev1") == std::vector{503});
}

}  // namespace bb::app

#include "chat/inbox.hpp"

#include <doctest/doctest.h>

#include <array>
#include <chrono>
#include <memory>
#include <stdexcept>

#include "storage/migrations.hpp"
#include "tests/temporary_folder.hpp"

namespace bb::chat {
namespace {

struct Fixture {
  VirtualClock clock{TimePoint(std::chrono::seconds(1'700'000'000))};
  tests::TemporaryFolder folder;
  std::unique_ptr<storage::Database> database =
      storage::open("sqlite:" + folder.path("chat.db")).value();

  Fixture() { REQUIRE(storage::migrate(*database, storage::migrations(), clock).has_value()); }

  bool receive(const IncomingMessage& message, const WorkspaceId& workspace = {"W1"}) {
    return database->write([&](storage::Connection& connection) {
      return !accept(connection, std::array{receipt_of(workspace, message)}, clock.now()).empty();
    });
  }
  std::vector<std::size_t> receive(const std::vector<IncomingMessage>& messages) {
    return database->write([&](storage::Connection& connection) {
      std::vector<Receipt> receipts;
      for (const IncomingMessage& message : messages) {
        receipts.push_back(receipt_of({"W1"}, message));
      }
      return accept(connection, receipts, clock.now());
    });
  }
  std::int64_t clean(TimePoint before) {
    return database->write(
        [&](storage::Connection& connection) { return clean_inbox(connection, before); });
  }
};

IncomingMessage connect_message() {
  return {.event_id = "Ev1",
          .team_id = "T1",
          .channel = {"D1"},
          .user = {"U1"},
          .timestamp = "1.2",
          .text = "connect"};
}

TEST_CASE_FIXTURE(Fixture, "a message is accepted once however often it is delivered") {
  CHECK(receive(connect_message()));
  CHECK_FALSE(receive(connect_message()));
  CHECK_FALSE(receive(connect_message()));
}

TEST_CASE_FIXTURE(Fixture, "a message that comes under a second event id is the same message") {
  CHECK(receive(connect_message()));
  IncomingMessage again = connect_message();
  again.event_id = "Ev2";
  CHECK_FALSE(receive(again));
}

TEST_CASE_FIXTURE(Fixture, "another time or channel or user or workspace makes another message") {
  CHECK(receive(connect_message()));
  IncomingMessage other = connect_message();
  other.event_id = "Ev2";
  other.timestamp = "1.3";
  CHECK(receive(other));
  other = connect_message();
  other.event_id = "Ev3";
  other.channel = {"D2"};
  CHECK(receive(other));
  other = connect_message();
  other.event_id = "Ev4";
  other.user = {"U2"};
  CHECK(receive(other));
  other = connect_message();
  other.event_id = "Ev5";
  CHECK(receive(other, {"W2"}));
}

TEST_CASE_FIXTURE(Fixture, "among many messages each is accepted where it stands first") {
  std::vector<IncomingMessage> messages;
  for (int i = 0; i < 150; ++i) {
    messages.push_back(connect_message());
    messages.back().event_id = "Ev" + std::to_string(i % 100);
    messages.back().timestamp = std::to_string(i % 100) + ".0";
  }
  messages.push_back(messages.front());
  messages.back().event_id = "Ev-other";
  const std::vector<std::size_t> first = receive(messages);
  REQUIRE(first.size() == 100);
  for (std::size_t i = 0; i < first.size(); ++i) {
    CHECK(first[i] == i);
  }
  messages.push_back(messages.front());
  messages.back().event_id = "Ev-new";
  messages.back().timestamp = "new";
  CHECK(receive(messages) == std::vector{messages.size() - 1});
}

TEST_CASE_FIXTURE(Fixture, "parts of a message that read the same together are told apart") {
  IncomingMessage first = connect_message();
  first.channel = {"D1"};
  first.timestamp = "12.0";
  IncomingMessage second = first;
  second.event_id = "Ev2";
  second.channel = {"D11"};
  second.timestamp = "2.0";
  CHECK(receive(first));
  CHECK(receive(second));
}

TEST_CASE_FIXTURE(Fixture, "a message whose consequences were rolled back is accepted again") {
  const auto fails = [&] {
    database->write([&](storage::Connection& connection) {
      accept(connection, std::array{receipt_of({"W1"}, connect_message())}, clock.now());
      throw std::runtime_error("no room for the job");
    });
  };
  CHECK_THROWS_AS(fails(), std::runtime_error);
  CHECK(receive(connect_message()));
}

TEST_CASE_FIXTURE(Fixture, "only messages older than the given time are forgotten") {
  CHECK(receive(connect_message()));
  clock.advance(std::chrono::hours(24));
  IncomingMessage later = connect_message();
  later.event_id = "Ev2";
  later.timestamp = "2.2";
  CHECK(receive(later));
  CHECK(clean(clock.now()) == 1);
  CHECK(clean(clock.now()) == 0);
  CHECK_FALSE(receive(later));
  CHECK(receive(connect_message()));
}

}  // namespace
}  // namespace bb::chat

// What waits in the outbox: adding, asking, erasing, cleaning.
#include "jobs/outbox.hpp"

#include <doctest/doctest.h>

#include "jobs/outbox_world.test.hpp"

namespace bb::jobs {

TEST_CASE("a second delivery with the same key is not added") {
  OutboxWorld world;
  CHECK(world.add({.rendered = "one", .idempotency_key = "k"}));
  CHECK(!world.add({.rendered = "two", .idempotency_key = "k"}));
  world.run_for(seconds(3));
  CHECK((world.texts() == Texts{"one"}));
  CHECK(!world.add({.rendered = "three", .idempotency_key = "k"}));
  world.database->read([&](storage::Connection& connection) {
    CHECK(world.outbox.contains(connection, "k"));
    CHECK(!world.outbox.contains(connection, "other"));
  });
}

TEST_CASE("a delivery and its job are added together or not at all") {
  OutboxWorld world;
  CHECK_THROWS(world.database->write([&](storage::Connection& connection) {
    world.outbox.add(
        connection,
        {.idempotency_key = "k", .workspace_id = "w", .channel = {"C1"}, .rendered = "x"});
    throw std::runtime_error("changed my mind");
  }));
  CHECK(world.row("SELECT count(*) FROM delivery").integer(0) == 0);
  CHECK(world.row("SELECT count(*) FROM job").integer(0) == 0);
}

TEST_CASE("what became of a group of deliveries is told by the start of their keys") {
  OutboxWorld world;
  world.add({.rendered = "a", .idempotency_key = "summary:1:0"});
  world.add({.rendered = "b", .idempotency_key = "summary:1:1", .channel = "C2"});
  world.add({.rendered = "c", .idempotency_key = "summary:10:0", .channel = "C3"});
  Outcomes outcomes = world.outbox.outcomes("summary:1:");
  CHECK(outcomes.open == 2);
  CHECK(outcomes.error.empty());
  world.platform.answers = {{ErrorCode::unavailable, "away"},
                            {ErrorCode::unavailable, "away"},
                            {ErrorCode::unavailable, "away"}};
  world.run_due();
  outcomes = world.outbox.outcomes("summary:1:");
  CHECK(outcomes.open == 2);
  CHECK(outcomes.error == "away");
  world.platform.answers = {{ErrorCode::not_found, "gone"},
                            {ErrorCode::not_found, "gone"},
                            {ErrorCode::not_found, "gone"}};
  world.run_for(seconds(3));
  outcomes = world.outbox.outcomes("summary:1:");
  CHECK(outcomes.failed == 2);
  CHECK(outcomes.open == 0);
  CHECK(outcomes.error == "gone");
  CHECK(world.outbox.outcomes("summary:2:").failed == 0);
}

TEST_CASE("the deliveries about a person are erased and the others stay") {
  OutboxWorld world;
  world.add({.rendered = "a", .subject = "U1"});
  world.add({.rendered = "b", .subject = "U2"});
  world.add({.rendered = "c"});
  world.database->write([&](storage::Connection& connection) {
    world.outbox.erase(connection, WorkspaceId{"w"}, UserId{"U1"}, ChannelId{"D1"});
    world.queue.erase(connection, WorkspaceId{"w"}, UserId{"U1"});
    world.outbox.erase(connection, WorkspaceId{"w"}, UserId{""}, ChannelId{""});
    world.queue.erase(connection, WorkspaceId{"w"}, UserId{""});
  });
  CHECK(world.row("SELECT count(*) FROM delivery").integer(0) == 2);
  world.run_for(seconds(5));
  CHECK((world.texts() == Texts{"b", "c"}));
}

TEST_CASE("what was posted to a person directly is erased with the person") {
  OutboxWorld world;
  world.add({.rendered = "a", .channel = "D1", .audience = Audience::person});
  world.add({.rendered = "b", .channel = "U1", .audience = Audience::person});
  world.add({.rendered = "c", .channel = "D2", .audience = Audience::person});
  world.run_due();
  world.add({.rendered = "d", .channel = "D1", .audience = Audience::person});
  world.erase("U1", "D1");
  CHECK(world.row("SELECT count(*) FROM delivery").integer(0) == 1);
  CHECK(world.state("c") == "sent");
}

TEST_CASE("an answer that is added after erasing is posted") {
  OutboxWorld world;
  world.add({.rendered = "old", .channel = "D1", .audience = Audience::person});
  world.database->write([&](storage::Connection& connection) {
    world.outbox.erase(connection, WorkspaceId{"w"}, UserId{"U1"}, ChannelId{"D1"});
    world.outbox.add(connection, {.idempotency_key = "farewell",
                                  .workspace_id = "w",
                                  .channel = {"D1"},
                                  .subject = {"U1"},
                                  .rendered = "farewell",
                                  .audience = Audience::person});
  });
  world.run_for(seconds(3));
  CHECK((world.texts() == Texts{"farewell"}));
}

TEST_CASE("what was posted to a channel stays when its members leave") {
  OutboxWorld world;
  world.add({.rendered = "a", .channel = "C1"});
  world.run_due();
  world.erase("U1", "C1");
  CHECK(world.state("a") == "sent");
}

TEST_CASE("a job whose delivery was erased is done") {
  OutboxWorld world;
  world.add({.rendered = "a"});
  world.database->write(
      [](storage::Connection& connection) { connection.execute("DELETE FROM delivery"); });
  CHECK(world.run_due() == 1);
  CHECK(world.platform.posted.empty());
  CHECK(world.row("SELECT state FROM job").text(0) == "done");
}

TEST_CASE("finished deliveries are removed after their time and open ones are kept") {
  OutboxWorld world;
  world.add({.rendered = "sent"});
  world.run_due();
  world.add({.rendered = "open", .channel = "C2"});
  world.clock.advance(minute);
  CHECK(world.outbox.clean(minute * 2) == 0);
  world.clock.advance(minute);
  CHECK(world.outbox.clean(minute) == 1);
  CHECK(world.state("open") == "pending");
}

}  // namespace bb::jobs

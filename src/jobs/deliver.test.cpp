// Posting in order, at a pace, and what refusals lead to.
#include "jobs/deliver.hpp"

#include <doctest/doctest.h>

#include "jobs/outbox_world.test.hpp"

namespace bb::jobs {

TEST_CASE("a delivery is posted and then emptied") {
  OutboxWorld world;
  CHECK(world.add({.rendered = "hello", .subject = "U1"}));
  CHECK(world.row("SELECT message FROM delivery").text(0).find("hello") == std::string::npos);
  world.run_due();
  REQUIRE(world.platform.posted.size() == 1);
  CHECK(world.platform.posted[0].channel == "C1");
  CHECK(world.platform.posted[0].text == "hello");
  const auto row = world.row(
      "SELECT id, state, message, platform_timestamp, finished_at, subject FROM delivery");
  CHECK(world.platform.posted[0].delivery == row.text(0));
  CHECK(row.text(1) == "sent");
  CHECK(row.text(2).empty());
  CHECK(row.text(3) == "ts-1");
  CHECK((row.time(4) == world.clock.now()));
  CHECK(row.text(5).empty());
  CHECK(world.job_state("hello") == "done");
}

TEST_CASE("messages of one channel are posted in the order of adding and one a second") {
  OutboxWorld world;
  Texts expected;
  for (char c = 'a'; c <= 'f'; ++c) {
    expected.emplace_back(1, c);
    world.add({.rendered = std::string(1, c)});
  }
  world.run_for(seconds(30));
  CHECK((world.texts() == expected));
  for (std::size_t i = 1; i < world.platform.posted.size(); ++i) {
    CHECK((world.platform.posted[i].at - world.platform.posted[i - 1].at >= seconds(1)));
  }
}

TEST_CASE("channels do not wait for each other") {
  OutboxWorld world;
  for (const char* channel : {"C1", "C2", "C3"}) {
    world.add({.rendered = channel, .channel = channel});
  }
  world.run_due();
  CHECK(world.platform.posted.size() == 3);
}

TEST_CASE("a later message waits for one that is tried again") {
  OutboxWorld world;
  world.add({.rendered = "first"});
  world.add({.rendered = "second"});
  world.platform.answers = {{ErrorCode::unavailable, "away"}};
  world.run_due();
  CHECK(world.platform.posted.empty());
  CHECK(world.state("first") == "pending");
  world.run_for(seconds(10));
  CHECK((world.texts() == Texts{"first", "second"}));
}

TEST_CASE("a final error fails the delivery visibly and does not hold up the channel") {
  for (const ErrorCode code : {ErrorCode::conflict, ErrorCode::invalid_input}) {
    CAPTURE(to_string(code));
    OutboxWorld world;
    world.add({.rendered = "first"});
    world.add({.rendered = "second"});
    // In the other form too.
    world.platform.answers = {{code, "refused"}, {code, "refused"}};
    world.run_for(seconds(5));
    CHECK(world.state("first") == "failed");
    CHECK(world.error("first") == "refused");
    CHECK(world.job_state("first") == "failed");
    CHECK((world.texts() == Texts{"second"}));
  }
}

TEST_CASE("a rate limit is waited for and not counted as an attempt") {
  OutboxWorld world;
  world.add({.rendered = "a"});
  world.platform.answers = {{ErrorCode::rate_limited, "slow down", seconds(30)}};
  world.run_for(seconds(29));
  CHECK(world.platform.posted.empty());
  CHECK(world.state("a") == "pending");
  CHECK(world.row("SELECT attempts FROM job").integer(0) == 0);
  world.run_for(seconds(1));
  CHECK((world.texts() == Texts{"a"}));
  CHECK(world.platform.searched_since.empty());
}

TEST_CASE("an outage of several days ends a delivery so that newer ones are posted") {
  OutboxWorld world;
  world.add({.rendered = "old"});
  world.no_platform = Error{ErrorCode::unavailable, "away"};
  world.run_due();
  CHECK(world.state("old") == "pending");
  world.clock.advance(std::chrono::hours(73));
  world.run_due();
  CHECK(world.state("old") == "failed");
  CHECK(world.error("old") == "given up after 72 hours: away");
  world.no_platform.reset();
  world.add({.rendered = "new"});
  world.run_for(seconds(2));
  CHECK((world.texts() == Texts{"new"}));
}

TEST_CASE("a message that cannot be unsealed fails with the reason") {
  OutboxWorld world;
  world.add({.rendered = "a"});
  world.database->write([](storage::Connection& connection) {
    connection.execute("UPDATE delivery SET message = 'AAAA'");
  });
  world.run_due();
  CHECK(world.state("a") == "failed");
  CHECK(world.error("a").find("SECRET_KEY") != std::string::npos);
}

TEST_CASE("deliveries of a workspace that is gone fail") {
  OutboxWorld world;
  world.add({.rendered = "a"});
  world.no_platform = Error{ErrorCode::not_found, "no such workspace"};
  world.run_due();
  CHECK(world.state("a") == "failed");
}

TEST_CASE("deliveries about one person in several channels do not wait for each other") {
  OutboxWorld world;
  world.add({.rendered = "a", .channel = "C1", .subject = "U1"});
  world.add({.rendered = "b", .channel = "C1", .subject = "U1"});
  world.add({.rendered = "c", .channel = "C2", .subject = "U1"});
  world.platform.answers = {{ErrorCode::rate_limited, "slow down", seconds(30)}};
  world.run_due();
  CHECK(world.platform.posted.size() == 1);
  world.run_for(minute * 2);
  CHECK(world.platform.posted.size() == 3);
}

}  // namespace bb::jobs

// Calls whose outcome nobody knows.
#include "jobs/deliver.hpp"

#include <doctest/doctest.h>

#include "jobs/outbox_world.test.hpp"

namespace bb::jobs {

TEST_CASE("a message that was posted without an answer is found and not posted again") {
  for (const ErrorCode code :
       {ErrorCode::uncertain, ErrorCode::bad_response, ErrorCode::internal}) {
    CAPTURE(to_string(code));
    OutboxWorld world;
    world.add({.rendered = "a"});
    world.platform.answers = {{code, "reset"}};
    world.platform.posts_what_it_does_not_confirm = true;
    const TimePoint called = world.clock.now();
    world.run_due();
    CHECK(world.state("a") == "sending");
    world.run_for(seconds(5));
    CHECK((world.texts() == Texts{"a"}));
    CHECK(world.row("SELECT platform_timestamp FROM delivery").text(0) == "found-ts");
    CHECK(world.state("a") == "sent");
    REQUIRE(world.platform.searched_since.size() == 1);
    CHECK((world.platform.searched_since[0] == called - minute));
  }
}

TEST_CASE("a message that certainly was not posted is posted again") {
  OutboxWorld world;
  world.add({.rendered = "a"});
  world.platform.answers = {{ErrorCode::uncertain, "reset"}};
  world.run_due();
  CHECK(world.platform.posted.empty());
  world.run_for(default_settling - seconds(2));
  CHECK(world.platform.posted.empty());
  CHECK(world.platform.searched_since.size() == 1);
  world.run_for(seconds(5));
  CHECK((world.texts() == Texts{"a"}));
  CHECK(world.state("a") == "sent");
}

TEST_CASE("a message that appears long after its call is found and not posted again") {
  OutboxWorld world;
  world.add({.rendered = "a"});
  world.platform.answers = {{ErrorCode::uncertain, "time-out"}};
  world.run_due();
  world.run_for(seconds(30));
  REQUIRE(world.platform.searched_since.size() == 1);
  const auto id = world.row("SELECT id FROM delivery").text(0);
  world.platform.posted.push_back({"C1", "a", id, world.clock.now()});
  world.run_for(minute);
  CHECK((world.texts() == Texts{"a"}));
  CHECK(world.timestamp("a") == "found-ts");
}

TEST_CASE("every search begins before the first call of which nobody knows what came of it") {
  OutboxWorld world;
  world.add({.rendered = "a", .audience = Audience::person});
  world.platform.answers = {{ErrorCode::uncertain, "reset"}, {ErrorCode::uncertain, "reset"}};
  world.platform.history_error = Error{ErrorCode::forbidden, "missing_scope"};
  const TimePoint first_call = world.clock.now();
  world.run_for(seconds(10));
  REQUIRE(world.platform.answers.empty());
  world.platform.history_error.reset();
  world.run_for(3 * minute);
  CHECK((world.texts() == Texts{"a"}));
  REQUIRE(world.platform.searched_since.size() > 1);
  for (const TimePoint since : world.platform.searched_since) {
    CHECK((since == first_call - minute));
  }
}

TEST_CASE("a refusal does not make a call before it certain") {
  for (const ErrorCode refusal : {ErrorCode::forbidden, ErrorCode::rate_limited}) {
    CAPTURE(to_string(refusal));
    OutboxWorld world;
    world.settings.uncertain = UncertainPolicy::resend;
    world.platform.history_error = Error{ErrorCode::forbidden, "missing_scope"};
    world.add({.rendered = "a"});
    world.platform.answers = {{ErrorCode::uncertain, "reset"}};
    world.platform.answers.insert(world.platform.answers.end(), 80,
                                  Error{refusal, "no", std::chrono::hours(1)});
    world.run_due();
    for (int hour = 0; hour < 80; ++hour) {
      world.clock.advance(std::chrono::hours(1));
      world.run_due();
    }
    REQUIRE(world.state("a") == "failed");
    CHECK(world.row("SELECT perhaps_posted FROM delivery").boolean(0));
  }
}

TEST_CASE("calls that certainly posted nothing are not searched for") {
  OutboxWorld world;
  world.add({.rendered = "a"});
  world.platform.answers = {{ErrorCode::rate_limited, "slow down", seconds(600)},
                            {ErrorCode::uncertain, "reset"}};
  world.run_for(seconds(599));
  const TimePoint second_call = world.clock.now() + seconds(1);
  world.run_for(minute);
  REQUIRE_FALSE(world.platform.searched_since.empty());
  CHECK((world.platform.searched_since[0] == second_call - minute));
}

TEST_CASE("a message may be posted without its id and is then not looked for") {
  OutboxWorld world;
  world.add({.rendered = "a"});
  world.platform.answers = {{ErrorCode::conflict, "metadata refused"}};
  world.run_due();
  REQUIRE(world.platform.posted.size() == 1);
  CHECK_FALSE(world.platform.posted[0].is_marked);
  CHECK(world.state("a") == "sent");

  world.add({.rendered = "b"});
  world.platform.answers = {{ErrorCode::conflict, "metadata refused"},
                            {ErrorCode::uncertain, "reset"}};
  world.run_for(2 * minute);
  CHECK(world.platform.searched_since.empty());
  CHECK(world.state("b") == "failed");
  CHECK(world.error("b").find("POST_UNCERTAIN") != std::string::npos);
}

TEST_CASE("a delivery left in sending by a dead process is reconciled after its lease") {
  OutboxWorld world;
  world.add({.rendered = "a"});
  const auto job = *world.queue.claim(minute);
  world.platform.posts_what_it_does_not_confirm = true;
  const auto id = world.row("SELECT id FROM delivery").text(0);
  world.database->write([&](storage::Connection& connection) {
    connection.execute("UPDATE delivery SET state = 'sending', attempted_at = $1",
                       {world.clock.now()});
  });
  world.platform.posted.push_back({"C1", "a", id, world.clock.now()});
  CHECK(world.run_due() == 0);
  world.clock.advance(minute);
  CHECK(world.run_due() == 1);
  CHECK((world.texts() == Texts{"a"}));
  CHECK(world.state("a") == "sent");
  world.queue.fail(job, "late");
  CHECK(world.job_state("a") == "done");
}

TEST_CASE("a worker that lost its lease during the call changes nothing any more") {
  for (const std::optional<Error>& late :
       {std::optional<Error>(), std::optional(Error{ErrorCode::rate_limited, "late"}),
        std::optional(Error{ErrorCode::unauthorized, "late"}),
        std::optional(Error{ErrorCode::uncertain, "late"}),
        std::optional(Error{ErrorCode::not_found, "late"})}) {
    OutboxWorld world;
    world.add({.rendered = "a"});
    world.platform.during_post = [&] {
      // Another worker takes over, finds nothing in the channel and posts.
      world.clock.advance(minute);
      world.run_due();
      REQUIRE(world.state("a") == "sent");
      if (late) {
        world.platform.answers = {*late};
      }
    };
    world.run_due();
    CHECK(world.state("a") == "sent");
    CHECK(world.error("a").empty());
    CHECK(world.row("SELECT platform_timestamp FROM delivery").text(0) == "ts-1");
    CHECK(world.job_state("a") == "done");
  }
}

TEST_CASE("a worker that comes back late does not end the call of the one that took over") {
  OutboxWorld world;
  world.add({.rendered = "a"});
  world.platform.during_post = [&] {
    world.clock.advance(minute);
    world.platform.answers = {{ErrorCode::uncertain, "reset"}};
    world.run_due();
    REQUIRE(world.state("a") == "sending");
    world.platform.answers = {{ErrorCode::unavailable, "late"}};
  };
  world.run_due();
  CHECK(world.state("a") == "sending");
  CHECK(world.error("a") == "reset");
}

TEST_CASE("where history cannot be read a channel post is skipped and says how to change that") {
  OutboxWorld world;
  world.platform.history_error = Error{ErrorCode::forbidden, "missing_scope"};
  world.die_while_sending({.rendered = "a"}, "a");
  world.add({.rendered = "b"});
  world.run_for(seconds(5));
  CHECK((world.texts() == Texts{"a", "b"}));
  CHECK(world.state("a") == "failed");
  CHECK(world.error("a").find("POST_UNCERTAIN") != std::string::npos);
  CHECK(world.job_state("a") == "failed");
}

TEST_CASE("where history cannot be read a channel post is sent again if so decided") {
  OutboxWorld world;
  world.settings.uncertain = UncertainPolicy::resend;
  world.platform.history_error = Error{ErrorCode::forbidden, "missing_scope"};
  world.die_while_sending({.rendered = "a"}, "a");
  world.run_for(seconds(5));
  CHECK((world.texts() == Texts{"a", "a"}));
  CHECK(world.state("a") == "sent");
}

TEST_CASE("where history cannot be read an answer to a person is sent again") {
  OutboxWorld world;
  world.platform.history_error = Error{ErrorCode::forbidden, "missing_scope"};
  world.die_while_sending({.rendered = "a", .audience = Audience::person}, "a");
  world.run_for(seconds(5));
  CHECK((world.texts() == Texts{"a", "a"}));
}

TEST_CASE("a search of history that fails is tried again before anything is posted") {
  for (const ErrorCode code :
       {ErrorCode::unavailable, ErrorCode::uncertain, ErrorCode::rate_limited}) {
    CAPTURE(to_string(code));
    OutboxWorld world;
    world.die_while_sending({.rendered = "a"}, "a");
    world.platform.history_error = Error{code, "away"};
    world.run_for(seconds(20));
    CHECK(world.state("a") == "sending");
    world.platform.history_error.reset();
    world.run_for(seconds(60));
    CHECK((world.texts() == Texts{"a"}));
    CHECK(world.state("a") == "sent");
  }
}

TEST_CASE("a channel that is gone ends the search for a message") {
  OutboxWorld world;
  world.die_while_sending({.rendered = "a"}, "a");
  world.platform.history_error = Error{ErrorCode::not_found, "channel_not_found"};
  world.run_for(seconds(5));
  CHECK(world.state("a") == "failed");
}

TEST_CASE("a message that never gets a clear answer is given up, but not within an hour") {
  OutboxWorld world;
  world.add({.rendered = "poison"});
  world.platform.answers.assign(1'000, Error{ErrorCode::uncertain, "500"});
  world.run_for(minute * 55);
  CHECK(world.state("poison") == "sending");
  world.run_for(minute * 65);
  CHECK(world.state("poison") == "failed");
  CHECK(world.error("poison").find("may have been posted") != std::string::npos);
  world.platform.answers.clear();
  world.add({.rendered = "good"});
  world.run_for(minute);
  CHECK((world.texts() == Texts{"good"}));
}

TEST_CASE("a message is posted after an incident in which each answer was unclear") {
  OutboxWorld world;
  world.add({.rendered = "news"});
  world.platform.answers.assign(10, Error{ErrorCode::uncertain, "500"});
  world.run_for(minute * 59);
  CHECK((world.texts() == Texts{"news"}));
}

}  // namespace bb::jobs

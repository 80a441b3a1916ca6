// Deliveries whose content the platform refuses.
#include <doctest/doctest.h>

#include "jobs/deliver.hpp"
#include "jobs/outbox_world.test.hpp"

namespace bb::jobs {
namespace {

const Error refused_content{ErrorCode::invalid_input, "invalid_blocks"};

std::string form_of(OutboxWorld& world, std::string_view key) {
  return world.row("SELECT form FROM delivery WHERE idempotency_key = $1", {key}).text(0);
}

}  // namespace

TEST_CASE("a message whose content is refused is posted as plain text at once") {
  OutboxWorld world;
  world.add({.rendered = "a"});
  world.platform.answers = {refused_content};
  world.run_due();
  REQUIRE(world.platform.posted.size() == 1);
  CHECK((world.platform.posted[0].form == chat::Form::plain));
  CHECK(world.platform.posted[0].text == "a");
  CHECK(world.state("a") == "sent");
  CHECK(world.error("a").empty());
  CHECK(form_of(world, "a") == "plain");
}

TEST_CASE("a message that is accepted is rich") {
  OutboxWorld world;
  world.add({.rendered = "a"});
  world.run_due();
  REQUIRE(world.platform.posted.size() == 1);
  CHECK((world.platform.posted[0].form == chat::Form::rich));
}

TEST_CASE("a message whose plain text is refused too fails visibly after two calls") {
  OutboxWorld world;
  world.add({.rendered = "a"});
  world.add({.rendered = "b"});
  world.platform.answers = {refused_content, {ErrorCode::invalid_input, "msg_too_long"}};
  world.run_for(seconds(3));
  CHECK(world.state("a") == "failed");
  CHECK(world.error("a") == "msg_too_long");
  CHECK(world.job_state("a") == "failed");
  CHECK((world.texts() == Texts{"b"}));
}

TEST_CASE("the decision for plain text is stored before the second call") {
  OutboxWorld world;
  world.add({.rendered = "a"});
  world.platform.answers = {refused_content};
  std::string stored;
  world.platform.during_post = [&] {
    CHECK(form_of(world, "a") == "rich");
    world.platform.during_post = [&] { stored = world.state("a") + " " + form_of(world, "a"); };
  };
  world.run_due();
  CHECK(stored == "sending plain");
}

TEST_CASE("a process that died between the two calls is followed by the plain one") {
  OutboxWorld world;
  world.add({.rendered = "a"});
  world.database->write([&](storage::Connection& connection) {
    connection.execute("UPDATE delivery SET form = 'plain', attempted_at = $1",
                       {world.clock.now()});
  });
  world.run_due();
  REQUIRE(world.platform.posted.size() == 1);
  CHECK((world.platform.posted[0].form == chat::Form::plain));
}

TEST_CASE("a process that died after the plain call finds what it posted") {
  OutboxWorld world;
  world.add({.rendered = "a"});
  world.platform.answers = {refused_content};
  world.platform.during_post = [&] {
    world.platform.during_post = [&] { world.platform.dies = true; };
  };
  world.run_due();
  world.platform.dies = false;
  REQUIRE(world.state("a") == "sending");
  world.run_for(seconds(5));
  REQUIRE(world.platform.posted.size() == 1);
  CHECK((world.platform.posted[0].form == chat::Form::plain));
  CHECK(world.state("a") == "sent");
}

TEST_CASE("a process that died before the plain call posts plain text after all") {
  OutboxWorld world;
  world.add({.rendered = "a"});
  world.platform.answers = {refused_content};
  world.platform.during_post = [&] {
    world.platform.during_post = [] { throw std::runtime_error("the process died"); };
  };
  world.run_due();
  REQUIRE(world.state("a") == "sending");
  world.run_for(minute);
  REQUIRE(world.platform.posted.size() == 1);
  CHECK((world.platform.posted[0].form == chat::Form::plain));
}

TEST_CASE("plain text that is asked to wait stays plain") {
  OutboxWorld world;
  world.add({.rendered = "a"});
  world.platform.answers = {refused_content, {ErrorCode::rate_limited, "slow down", seconds(5)}};
  world.run_for(seconds(6));
  REQUIRE(world.platform.posted.size() == 1);
  CHECK((world.platform.posted[0].form == chat::Form::plain));
}

TEST_CASE("a reply whose content is refused stays in its thread and its successors are rich") {
  OutboxWorld world;
  world.add({.rendered = "lead"});
  world.add({.rendered = "reply", .thread_of = "lead"});
  world.add({.rendered = "next", .thread_of = "lead"});
  world.run_due();
  world.platform.answers = {refused_content};
  world.run_for(seconds(5));
  REQUIRE(world.platform.posted.size() == 3);
  CHECK(world.platform.posted[1].thread == "ts-1");
  CHECK((world.platform.posted[1].form == chat::Form::plain));
  CHECK(world.platform.posted[2].thread == "ts-1");
  CHECK((world.platform.posted[2].form == chat::Form::rich));
}

TEST_CASE("a worker that lost its lease does not simplify what another one posted") {
  OutboxWorld world;
  world.add({.rendered = "a"});
  world.platform.during_post = [&] {
    world.clock.advance(minute);
    world.run_due();
    REQUIRE(world.state("a") == "sent");
    world.platform.answers = {refused_content};
  };
  world.run_due();
  REQUIRE(world.platform.posted.size() == 1);
  CHECK(form_of(world, "a") == "rich");
}

}  // namespace bb::jobs

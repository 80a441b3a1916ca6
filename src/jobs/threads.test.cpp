// Deliveries that are replies to another one.
#include <doctest/doctest.h>

#include "jobs/deliver.hpp"
#include "jobs/outbox_world.test.hpp"

namespace bb::jobs {
namespace {

// The threads of what was posted, in order; empty for what stands in the channel itself.
Texts threads(const OutboxWorld& world) {
  Texts threads;
  for (const auto& post : world.platform.posted) {
    threads.push_back(post.thread);
  }
  return threads;
}

// A lead that was posted, and a reply that is not yet.
void add_reply_to_posted_lead(OutboxWorld& world) {
  world.add({.rendered = "lead"});
  world.run_due();
  REQUIRE(world.timestamp("lead") == "ts-1");
  world.clock.advance(seconds(1));
  world.add({.rendered = "reply", .thread_of = "lead"});
}

}  // namespace

TEST_CASE("replies are posted in order in the thread of their parent") {
  OutboxWorld world;
  world.add({.rendered = "lead"});
  world.add({.rendered = "first", .thread_of = "lead"});
  world.add({.rendered = "second", .thread_of = "lead"});
  world.add({.rendered = "other"});
  world.run_for(seconds(10));
  CHECK((world.texts() == Texts{"lead", "first", "second", "other"}));
  CHECK((threads(world) == Texts{"", "ts-1", "ts-1", ""}));
}

TEST_CASE("a reply to a reply is posted in the same thread") {
  OutboxWorld world;
  world.add({.rendered = "lead"});
  world.add({.rendered = "first", .thread_of = "lead"});
  world.add({.rendered = "second", .thread_of = "first"});
  world.run_for(seconds(10));
  CHECK((threads(world) == Texts{"", "ts-1", "ts-1"}));
}

TEST_CASE("a reply waits for a parent that is tried again") {
  OutboxWorld world;
  world.add({.rendered = "lead"});
  world.add({.rendered = "reply", .thread_of = "lead"});
  world.platform.answers = {{ErrorCode::unavailable, "away"}};
  world.run_for(seconds(10));
  CHECK((world.texts() == Texts{"lead", "reply"}));
  CHECK((threads(world) == Texts{"", "ts-1"}));
}

TEST_CASE("a reply whose parent failed is posted in the channel itself") {
  OutboxWorld world;
  world.add({.rendered = "lead"});
  world.add({.rendered = "reply", .thread_of = "lead"});
  world.platform.answers = {{ErrorCode::conflict, "no"}, {ErrorCode::conflict, "no"}};
  world.run_for(seconds(5));
  CHECK(world.state("lead") == "failed");
  CHECK((world.texts() == Texts{"reply"}));
  CHECK((threads(world) == Texts{""}));
}

TEST_CASE("a reply whose parent was given up as uncertain is posted in the channel itself") {
  OutboxWorld world;
  world.platform.history_error = Error{ErrorCode::forbidden, "missing_scope"};
  world.die_while_sending({.rendered = "lead"}, "lead");
  world.add({.rendered = "reply", .thread_of = "lead"});
  world.run_for(seconds(5));
  CHECK(world.state("lead") == "failed");
  CHECK((world.texts() == Texts{"lead", "reply"}));
  CHECK((threads(world) == Texts{"", ""}));
}

TEST_CASE("a reply whose parent is unknown or of another channel is posted in its channel") {
  OutboxWorld world;
  world.add({.rendered = "lead"});
  world.add({.rendered = "elsewhere", .channel = "C2", .thread_of = "lead"});
  world.add({.rendered = "orphan", .channel = "C3", .thread_of = "never added"});
  world.run_for(seconds(5));
  CHECK((threads(world) == Texts{"", "", ""}));
  CHECK(world.state("elsewhere") == "sent");
  CHECK(world.state("orphan") == "sent");
}

TEST_CASE("a parent that was found after an unclear answer has a thread") {
  OutboxWorld world;
  world.platform.answers = {{ErrorCode::uncertain, "reset"}};
  world.platform.posts_what_it_does_not_confirm = true;
  world.add({.rendered = "lead"});
  world.add({.rendered = "reply", .thread_of = "lead"});
  world.run_for(seconds(10));
  CHECK((world.texts() == Texts{"lead", "reply"}));
  CHECK((threads(world) == Texts{"", "found-ts"}));
}

TEST_CASE("a reply that was posted without an answer is found in its thread") {
  OutboxWorld world;
  add_reply_to_posted_lead(world);
  world.platform.answers = {{ErrorCode::uncertain, "reset"}};
  world.platform.posts_what_it_does_not_confirm = true;
  world.run_due();
  CHECK(world.state("reply") == "sending");
  world.run_for(seconds(5));
  CHECK((world.texts() == Texts{"lead", "reply"}));
  CHECK(world.timestamp("reply") == "found-ts");
}

TEST_CASE("a reply that certainly was not posted is posted again in its thread") {
  OutboxWorld world;
  add_reply_to_posted_lead(world);
  world.platform.answers = {{ErrorCode::uncertain, "reset"}};
  world.run_due();
  CHECK(world.platform.posted.size() == 1);
  world.run_for(minute);
  CHECK((world.texts() == Texts{"lead", "reply"}));
  CHECK((threads(world) == Texts{"", "ts-1"}));
  CHECK(world.platform.searched_since.size() == 2);
}

TEST_CASE("a reply that died while sending is looked for in the thread it was sent to") {
  OutboxWorld world;
  add_reply_to_posted_lead(world);
  world.platform.dies = true;
  world.run_due();
  world.platform.dies = false;
  REQUIRE(world.state("reply") == "sending");
  // The parent is cleaned up meanwhile: where the reply went is still known.
  world.database->write([](storage::Connection& connection) {
    connection.execute("DELETE FROM delivery WHERE idempotency_key = 'lead'");
  });
  world.run_for(seconds(5));
  CHECK((world.texts() == Texts{"lead", "reply"}));
  CHECK(world.state("reply") == "sent");
}

TEST_CASE("a reply that died before its call is posted once in its thread") {
  OutboxWorld world;
  add_reply_to_posted_lead(world);
  world.platform.during_post = [] { throw std::runtime_error("the process died"); };
  world.run_due();
  REQUIRE(world.state("reply") == "sending");
  world.run_for(minute);
  CHECK((world.texts() == Texts{"lead", "reply"}));
  CHECK((threads(world) == Texts{"", "ts-1"}));
}

TEST_CASE("a reply whose thread is gone is posted in the channel itself at once") {
  OutboxWorld world;
  add_reply_to_posted_lead(world);
  world.platform.answers = {{ErrorCode::not_found, "thread_not_found"}};
  world.run_due();
  CHECK((threads(world) == Texts{"", ""}));
  CHECK(world.state("reply") == "sent");
}

TEST_CASE("a reply whose channel is gone fails after it was tried outside its thread") {
  OutboxWorld world;
  add_reply_to_posted_lead(world);
  world.platform.answers = {{ErrorCode::not_found, "channel_not_found"},
                            {ErrorCode::not_found, "channel_not_found"}};
  world.run_due();
  CHECK(world.state("reply") == "failed");
  CHECK(world.platform.answers.empty());
}

TEST_CASE("a process that dies outside a thread that is gone looks in the channel itself") {
  OutboxWorld world;
  add_reply_to_posted_lead(world);
  world.platform.answers = {{ErrorCode::not_found, "thread_not_found"}};
  world.platform.during_post = [&] {
    world.platform.during_post = [&] { world.platform.dies = true; };
  };
  world.run_due();
  world.platform.dies = false;
  REQUIRE(world.state("reply") == "sending");
  world.run_for(seconds(5));
  CHECK((world.texts() == Texts{"lead", "reply"}));
  CHECK((threads(world) == Texts{"", ""}));
}

}  // namespace bb::jobs

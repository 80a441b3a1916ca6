// Channels and workspaces that take no posts, and what an operator does about failed deliveries.
#include <doctest/doctest.h>

#include "chat/workspaces.hpp"
#include "jobs/delivery_control.hpp"
#include "jobs/disabled_channels.hpp"
#include "jobs/outbox_world.test.hpp"
#include "jobs/workspace_pauses.hpp"

namespace bb::jobs {
namespace {

const Error gone{ErrorCode::not_found, "is_archived"};
const Error not_permitted{ErrorCode::forbidden, "restricted_action"};
const Error dead_token{ErrorCode::unauthorized, "invalid_auth"};

struct RefusalWorld : OutboxWorld {
  DeliveryId id(std::string_view key) {
    return {row("SELECT id FROM delivery WHERE idempotency_key = $1", {key}).text(0)};
  }
  std::size_t disabled() {
    return database->read(
        [](storage::Connection& connection) { return disabled_channels(connection).size(); });
  }
  Result<void> retry(std::string_view key) {
    const DeliveryId delivery = id(key);
    return database->write([&](storage::Connection& connection) {
      return retry_delivery(connection, queue, delivery, clock.now());
    });
  }
  Result<std::string> skip(std::string_view key) {
    const DeliveryId delivery = id(key);
    return database->write([&](storage::Connection& connection) {
      return skip_delivery(connection, delivery, clock.now());
    });
  }
  bool is_paused() {
    return database
        ->read([](storage::Connection& connection) {
          return chat::pause_of(connection, WorkspaceId{"w"});
        })
        .has_value();
  }
  // Whoever set up a channel is U9.
  void tell_u9() {
    settings.configured_by = [](storage::Connection&, const WorkspaceId& workspace,
                                const ChannelId& channel) -> std::optional<SetUp> {
      CHECK(workspace.value == "w");
      CHECK(channel.value == "C1");
      return SetUp{.by = {"U9"}, .channel_name = "general"};
    };
  }
};

}  // namespace

TEST_CASE("a channel that is gone or forbidden is disabled and does not hold up others") {
  for (const Error& refusal : {gone, not_permitted}) {
    CAPTURE(refusal.message);
    RefusalWorld world;
    world.add({.rendered = "first"});
    world.add({.rendered = "second"});
    world.platform.answers = {refusal};
    world.run_due();
    world.add({.rendered = "elsewhere", .channel = "C2"});
    world.run_for(seconds(5));
    CHECK(world.state("first") == "failed");
    CHECK(world.error("first") == refusal.message);
    CHECK(world.job_state("first") == "failed");
    CHECK(world.state("second") == "failed");
    CHECK(world.error("second") == "the channel is disabled: " + refusal.message +
                                       "; once that is mended: busy-beaver channels enable C1");
    CHECK((world.texts() == Texts{"elsewhere"}));
    CHECK(world.disabled() == 1);
  }
}

TEST_CASE("whoever set up a channel that had to be disabled is told once") {
  RefusalWorld world;
  world.tell_u9();
  world.add({.rendered = "first"});
  world.add({.rendered = "second"});
  world.platform.answers = {gone};
  world.run_for(seconds(5));
  CHECK(world.state("second") == "failed");
  REQUIRE(world.platform.posted.size() == 1);
  CHECK(world.platform.posted[0].channel == "U9");
  CHECK(world.platform.posted[0].text.contains("cannot post in #general any more"));
  CHECK(world.platform.posted[0].text.contains("busy-beaver channels enable C1"));
  CHECK(world.platform.posted[0].text.contains("is_archived"));
  // A retry that is refused again is not told again.
  world.platform.answers = {gone};
  CHECK(world.retry("first").has_value());
  world.run_for(seconds(5));
  CHECK(world.state("first") == "failed");
  CHECK(world.platform.posted.size() == 1);
}

TEST_CASE("a message to a person that is refused disables nothing") {
  RefusalWorld world;
  world.add({.rendered = "a", .channel = "D1", .audience = Audience::person});
  world.add({.rendered = "b", .channel = "D1", .audience = Audience::person});
  world.platform.answers = {gone};
  world.run_for(seconds(5));
  CHECK(world.state("a") == "failed");
  CHECK((world.texts() == Texts{"b"}));
  CHECK(world.disabled() == 0);
}

TEST_CASE("a failed delivery that is tried again with success enables its channel") {
  RefusalWorld world;
  world.add({.rendered = "first"});
  world.add({.rendered = "second"});
  world.platform.answers = {gone};
  world.run_for(seconds(5));
  CHECK(world.retry("first").has_value());
  CHECK(world.state("first") == "pending");  // it certainly was not posted
  world.run_for(seconds(5));
  CHECK(world.state("first") == "sent");
  CHECK(world.platform.searched_since.empty());
  CHECK(world.disabled() == 0);
  CHECK(world.retry("second").has_value());
  world.add({.rendered = "third"});
  world.run_for(seconds(5));
  CHECK((world.texts() == Texts{"first", "second", "third"}));
}

TEST_CASE("a channel that was enabled takes posts again") {
  RefusalWorld world;
  world.add({.rendered = "first"});
  world.platform.answers = {gone};
  world.run_due();
  const bool enabled = world.database->write([](storage::Connection& connection) {
    return enable(connection, WorkspaceId{"w"}, ChannelId{"C1"});
  });
  CHECK(enabled);
  world.add({.rendered = "second"});
  world.run_for(seconds(5));
  CHECK((world.texts() == Texts{"second"}));
}

TEST_CASE("a dead token pauses the workspace without attempts and all is posted afterwards") {
  RefusalWorld world;
  world.add({.rendered = "a"});
  world.add({.rendered = "b"});
  world.add({.rendered = "other", .channel = "C2"});
  world.platform.answers = {dead_token};
  world.run_due();
  CHECK(world.is_paused());
  CHECK(world.state("a") == "pending");
  world.run_for(minute * 30);
  CHECK(world.platform.posted.empty());
  CHECK(world.platform.answers.empty());  // one call was enough
  CHECK(world.row("SELECT max(attempts) FROM job").integer(0) == 0);
  world.database->write([&](storage::Connection& connection) {
    CHECK(WorkspacePauses::end(connection, WorkspaceId{"w"}, world.clock.now()));
    CHECK(!WorkspacePauses::end(connection, WorkspaceId{"w"}, world.clock.now()));
  });
  CHECK(!world.is_paused());
  world.run_due();
  CHECK(world.platform.posted.size() == 2);  // one of each channel, at once
  world.run_for(seconds(5));
  CHECK(world.platform.posted.size() == 3);
}

TEST_CASE("a dead token during a search pauses the workspace and keeps the call unclear") {
  RefusalWorld world;
  world.die_while_sending({.rendered = "a"}, "a");
  world.platform.history_error = dead_token;
  world.run_for(seconds(5));
  CHECK(world.is_paused());
  CHECK(world.state("a") == "sending");
}

TEST_CASE("a pause of several days gives up what is older and keeps it for another try") {
  RefusalWorld world;
  world.add({.rendered = "old"});
  world.platform.answers = {dead_token};
  world.run_due();
  world.clock.advance(std::chrono::hours(73));
  world.run_due();
  CHECK(world.state("old") == "failed");
  CHECK(world.error("old") == "given up after 72 hours, as the workspace is paused: invalid_auth");
  world.database->write([&](storage::Connection& connection) {
    WorkspacePauses::end(connection, WorkspaceId{"w"}, world.clock.now());
  });
  CHECK(world.retry("old").has_value());
  // From now on it has another 72 hours.
  world.platform.answers = {{ErrorCode::unavailable, "away"}};
  world.run_for(seconds(10));
  CHECK((world.texts() == Texts{"old"}));
}

TEST_CASE("a paused workspace is checked every five minutes until its token works") {
  RefusalWorld world;
  WorkspacePauses pauses(*world.database, world.queue, world.clock);
  int asked = 0;
  std::optional<Error> refusal = dead_token;
  world.platform.on_identify = [&]() -> Result<chat::Identity> {
    ++asked;
    if (refusal) {
      return fail(*refusal);
    }
    return chat::Identity{.team_id = "T1", .team_name = "Cedar", .bot_user = {"UB"}};
  };
  Runner runner(world.queue, world.clock, world.random,
                {pauses.kind([&](const std::string& workspace) -> Result<chat::Platform*> {
                  CHECK(workspace == "w");
                  return &world.platform;
                })});
  CHECK(!pauses.enqueue_if_due());
  world.database->write([&](storage::Connection& connection) {
    CHECK(chat::pause(connection, WorkspaceId{"w"},
                      {.since = world.clock.now(), .reason = "invalid_auth"}));
    CHECK(!chat::pause(connection, WorkspaceId{"w"},
                       {.since = world.clock.now(), .reason = "token_revoked"}));
  });
  CHECK(pauses.enqueue_if_due());
  CHECK(!pauses.enqueue_if_due());
  runner.run_due();
  CHECK(asked == 1);
  CHECK(world.is_paused());
  world.clock.advance(minute * 5);
  CHECK(pauses.enqueue_if_due());
  refusal.reset();
  runner.run_due();
  CHECK(asked == 2);
  CHECK(!world.is_paused());
  world.clock.advance(minute * 5);
  CHECK(!pauses.enqueue_if_due());
}

TEST_CASE("a failed delivery keeps its message and whom it is about for another try") {
  RefusalWorld world;
  world.add({.rendered = "a", .subject = "U1"});
  world.platform.answers = {{ErrorCode::conflict, "no"}, {ErrorCode::conflict, "no"}};
  world.run_due();
  const auto row = world.row("SELECT state, message, subject, error FROM delivery");
  CHECK(row.text(0) == "failed");
  CHECK(!row.text(1).empty());
  CHECK(row.text(2) == "U1");
  CHECK(row.text(3) == "no");
  world.erase("U1", "D1");
  CHECK(world.row("SELECT count(*) FROM delivery").integer(0) == 0);
}

TEST_CASE("only a failed delivery whose message is stored is tried again") {
  RefusalWorld world;
  world.add({.rendered = "a"});
  CHECK(world.retry("a").error().message ==
        "only a failed delivery can be tried again, and this one is pending");
  world.platform.answers = {{ErrorCode::conflict, "no"}, {ErrorCode::conflict, "no"}};
  world.run_due();
  world.database->write([](storage::Connection& connection) {
    Outbox::forget_failed(connection, "other:");
    Outbox::forget_failed(connection, "a");
  });
  CHECK(world.retry("a").error().message == "its message is not stored any more");
  world.database->write([&](storage::Connection& connection) {
    CHECK((retry_delivery(connection, world.queue, DeliveryId{"none"}, world.clock.now())
               .error()
               .code == ErrorCode::not_found));
  });
}

TEST_CASE("a retry makes one call where nobody can look for the message") {
  RefusalWorld world;
  world.platform.history_error = Error{ErrorCode::forbidden, "missing_scope"};
  world.die_while_sending({.rendered = "a"}, "a");
  world.run_for(seconds(5));
  REQUIRE(world.state("a") == "failed");
  world.platform.posts_what_it_does_not_confirm = true;
  world.platform.answers = {{ErrorCode::uncertain, "reset"}, {ErrorCode::uncertain, "reset"}};
  REQUIRE(world.retry("a"));
  world.run_for(std::chrono::minutes(2));
  CHECK((world.texts() == Texts{"a", "a"}));
  CHECK(world.state("a") == "failed");
}

TEST_CASE("a retry is posted after what waits for the channel") {
  RefusalWorld world;
  world.add({.rendered = "first"});
  world.platform.answers = {{ErrorCode::conflict, "no"}, {ErrorCode::conflict, "no"}};
  world.run_due();
  world.add({.rendered = "second"});
  world.add({.rendered = "third"});
  CHECK(world.retry("first").has_value());
  world.run_for(seconds(10));
  CHECK((world.texts() == Texts{"second", "third", "first"}));
}

TEST_CASE("a retry of a post that may be in an unreadable channel posts it again") {
  RefusalWorld world;
  world.platform.history_error = Error{ErrorCode::forbidden, "missing_scope"};
  world.die_while_sending({.rendered = "a"}, "a");
  world.run_for(seconds(5));
  REQUIRE(world.state("a") == "failed");
  CHECK(world.retry("a").has_value());
  world.run_for(seconds(5));
  CHECK((world.texts() == Texts{"a", "a"}));
  CHECK(world.state("a") == "sent");
}

TEST_CASE("the worker that gave up does not end the retry that was asked for meanwhile") {
  RefusalWorld world;
  world.add({.rendered = "a"});
  world.platform.answers = {{ErrorCode::conflict, "no"}, {ErrorCode::conflict, "no"}};
  const Job late = *world.queue.claim(minute);
  world.database->write([](storage::Connection& connection) {
    connection.execute("UPDATE delivery SET state = 'failed', finished_at = 1");
  });
  CHECK(world.retry("a").has_value());
  world.queue.fail(late, "no");
  CHECK(world.job_state("a") == "ready");
  world.platform.answers.clear();
  world.run_for(seconds(2));
  CHECK(world.state("a") == "sent");
}

TEST_CASE("a delivery that is skipped is not posted and forgets its message") {
  RefusalWorld world;
  world.add({.rendered = "a", .subject = "U1"});
  world.add({.rendered = "b"});
  CHECK(world.skip("a").value() == "pending");
  CHECK(world.skip("a").error().message == "the delivery is skipped already");
  world.run_for(seconds(3));
  CHECK((world.texts() == Texts{"b"}));
  const auto row =
      world.row("SELECT state, message, subject, error FROM delivery WHERE idempotency_key = 'a'");
  CHECK(row.text(0) == "skipped");
  CHECK(row.text(1).empty());
  CHECK(row.text(2).empty());
  CHECK(row.text(3) == "skipped by an operator");
  CHECK(world.job_state("a") == "discarded");
  CHECK(world.outbox.outcomes("a").failed == 1);
  CHECK((world.retry("a").error().code == ErrorCode::conflict));
}

TEST_CASE("a delivery that is skipped during its call stays skipped") {
  RefusalWorld world;
  world.add({.rendered = "a"});
  world.platform.during_post = [&] { CHECK(world.skip("a").value() == "sending"); };
  world.run_for(seconds(3));
  CHECK(world.state("a") == "skipped");
  CHECK(world.job_state("a") == "done");
}

TEST_CASE("deliveries are listed newest first by state and channel") {
  RefusalWorld world;
  for (const char* text : {"a", "b", "c"}) {
    world.add({.rendered = text, .channel = std::string(text) == "b" ? "C2" : "C1"});
    world.clock.advance(seconds(1));
  }
  world.platform.answers = {{ErrorCode::conflict, "no"}, {ErrorCode::conflict, "no"}};
  world.run_due();
  const auto keys = [&](const DeliveryFilter& filter) {
    Texts found;
    for (const DeliveryRecord& record : world.database->read([&](storage::Connection& connection) {
           return list_deliveries(connection, filter);
         })) {
      found.push_back(record.idempotency_key);
    }
    return found;
  };
  CHECK((keys({}) == Texts{"c", "b", "a"}));
  CHECK((keys({.limit = 1}) == Texts{"c"}));
  CHECK((keys({.channel = "C2"}) == Texts{"b"}));
  CHECK((keys({.state = "failed"}) == Texts{"a"}));
  CHECK((keys({.state = "sent", .channel = "C1"}).empty()));
}

}  // namespace bb::jobs

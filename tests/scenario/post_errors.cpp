// What follows from each error that Slack can answer to a post: one row each, through the real App.
#include <doctest/doctest.h>

#include <algorithm>

#include "app/app.hpp"
#include "chat/slack/error_words.hpp"
#include "chat/slack/render.hpp"
#include "jobs/outbox.hpp"
#include "tests/scenario/world.hpp"

namespace bb::tests {
namespace {

enum class Reaction { disable_channel, pause_workspace, wait, plain_text, look_and_post };

struct Row {
  const char* word;
  Reaction reaction;
};

constexpr Row rows[] = {
    {"channel_not_found", Reaction::disable_channel},
    {"is_archived", Reaction::disable_channel},
    {"not_in_channel", Reaction::disable_channel},
    {"user_not_found", Reaction::disable_channel},
    {"cannot_dm_bot", Reaction::disable_channel},
    {"messages_tab_disabled", Reaction::disable_channel},
    {"restricted_action", Reaction::disable_channel},
    {"restricted_action_read_only_channel", Reaction::disable_channel},
    {"restricted_action_thread_only_channel", Reaction::disable_channel},
    {"restricted_action_non_threadable_channel", Reaction::disable_channel},
    {"restricted_action_thread_locked", Reaction::disable_channel},
    {"no_permission", Reaction::disable_channel},
    {"missing_scope", Reaction::disable_channel},
    {"ekm_access_denied", Reaction::disable_channel},
    {"cannot_reply_to_message", Reaction::disable_channel},
    {"not_authed", Reaction::pause_workspace},
    {"invalid_auth", Reaction::pause_workspace},
    {"account_inactive", Reaction::pause_workspace},
    {"token_revoked", Reaction::pause_workspace},
    {"token_expired", Reaction::pause_workspace},
    {"org_login_required", Reaction::pause_workspace},
    {"team_added_to_org", Reaction::pause_workspace},
    {"team_access_not_granted", Reaction::pause_workspace},
    {"ratelimited", Reaction::wait},
    {"rate_limited", Reaction::wait},
    {"message_limit_exceeded", Reaction::wait},
    {"msg_too_long", Reaction::plain_text},
    {"no_text", Reaction::plain_text},
    {"invalid_blocks", Reaction::plain_text},
    {"invalid_blocks_format", Reaction::plain_text},
    {"msg_blocks_too_long", Reaction::plain_text},
    {"too_many_attachments", Reaction::plain_text},
    {"markdown_text_conflict", Reaction::plain_text},
    {"fatal_error", Reaction::look_and_post},
    {"internal_error", Reaction::look_and_post},
    {"service_unavailable", Reaction::look_and_post},
    {"request_timeout", Reaction::look_and_post},
};

struct PostWorld : World {
  PostWorld() {
    start();
    database = *storage::open(config.database_uri);
  }

  std::string text_of(std::string_view sql, std::initializer_list<storage::Value> parameters) {
    const storage::Rows found = database->read(
        [&](storage::Connection& connection) { return connection.query(sql, parameters); });
    return found.empty() ? "" : found[0].text(0);
  }
  std::string state(const std::string& channel) {
    return text_of("SELECT state FROM delivery WHERE channel = $1", {channel});
  }
  bool is_disabled(const std::string& channel) {
    return !text_of("SELECT reason FROM disabled_channel WHERE channel = $1", {channel}).empty();
  }
  bool is_paused() {
    return !text_of("SELECT pause_reason FROM workspace WHERE paused_at IS NOT NULL", {}).empty();
  }

  // A message to a channel of its own, which it returns.
  std::string post(const std::string& name) {
    const std::string channel = slack->add_channel({.name = name});
    const crypto::Sealer sealer(app::secret_key(config, app_random).value(), app_random);
    jobs::Queue queue(*database, clock, app_random);
    jobs::Outbox outbox(*database, queue, clock, app_random, sealer);
    const chat::Message message{.fallback = "news", .blocks = {chat::Header{.text = "News"}}};
    database->write([&](storage::Connection& connection) {
      outbox.add(connection, {.idempotency_key = "test:" + name,
                              .workspace_id = app->workspace().id.value,
                              .channel = {channel},
                              .rendered = chat::slack::render(message)});
    });
    app->run_due();
    return channel;
  }

  void wait(std::chrono::seconds time) {
    clock.advance(time);
    app->tick();
    app->run_due();
  }

  std::unique_ptr<storage::Database> database;
};

void check(PostWorld& world, Reaction reaction, const std::string& channel) {
  const auto posted = [&] { return world.slack->messages(channel).size(); };
  switch (reaction) {
    case Reaction::disable_channel:
      CHECK(world.state(channel) == "failed");
      CHECK(world.is_disabled(channel));
      CHECK(posted() == 0);
      return;
    case Reaction::pause_workspace:
      CHECK(world.is_paused());
      CHECK(world.state(channel) == "pending");
      CHECK(world.get("/readyz").status == 200);
      CHECK(world.get("/metrics").body.contains("busy_beaver_workspaces_paused 1\n"));
      // The next check finds that the token works.
      world.wait(std::chrono::minutes(5));
      CHECK(!world.is_paused());
      break;
    case Reaction::wait:
      CHECK(world.state(channel) == "pending");
      CHECK(posted() == 0);
      world.wait(std::chrono::seconds(29));
      CHECK(posted() == 0);
      world.wait(std::chrono::seconds(1));
      break;
    case Reaction::plain_text:
      CHECK(posted() == 1);
      CHECK(world.slack->messages(channel).at(0).blocks.empty());
      break;
    case Reaction::look_and_post:
      CHECK(world.state(channel) == "sending");
      world.wait(std::chrono::seconds(5));
      CHECK(posted() == 0);
      world.wait(jobs::default_settling);
      break;
  }
  CHECK(world.state(channel) == "sent");
  CHECK(posted() == 1);
  CHECK(!world.is_disabled(channel));
}

}  // namespace

TEST_CASE("each error that Slack answers to a post has its reaction") {
  PostWorld world;
  int number = 0;
  for (const Row& row : rows) {
    CAPTURE(std::string(row.word));
    REQUIRE(chat::slack::find_error_word(row.word) != nullptr);
    world.slack->add_fault("chat.postMessage", sim::error_word(row.word));
    check(world, row.reaction, world.post("c" + std::to_string(++number)));
  }
}

TEST_CASE("words about metadata lead to a message without it") {
  for (const char* word : {"metadata_too_large", "metadata_must_be_sent_from_app",
                           "invalid_metadata_format", "invalid_metadata_schema"}) {
    CAPTURE(std::string(word));
    PostWorld world;
    REQUIRE(chat::slack::find_error_word(word) != nullptr);
    world.slack->add_fault("chat.postMessage", sim::error_word(word));
    const std::string channel = world.post("c");
    REQUIRE(world.slack->messages(channel).size() == 1);
    CHECK(world.slack->messages(channel).at(0).metadata.empty());
    CHECK(!world.slack->messages(channel).at(0).blocks.empty());
  }
}

TEST_CASE("no error word stands in the table twice") {
  std::vector<std::string_view> words;
  for (const chat::slack::ErrorWord& row : chat::slack::error_words()) {
    words.push_back(row.word);
  }
  std::ranges::sort(words);
  CHECK(std::ranges::adjacent_find(words) == words.end());
}

TEST_CASE("a method that Slack wants to be left alone is not called for any channel") {
  PostWorld world;
  world.slack->add_fault("chat.postMessage", sim::rate_limited(std::chrono::seconds(60)));
  const std::string first = world.post("first");
  const std::size_t calls = world.slack->calls("chat.postMessage");
  const std::string second = world.post("second");
  CHECK(world.state(second) == "pending");
  CHECK(world.slack->calls("chat.postMessage") == calls);
  // Another instance, or the same one after a restart, knows it too.
  world.app.reset();
  world.start();
  world.wait(std::chrono::seconds(30));
  CHECK(world.slack->calls("chat.postMessage") == calls);
  world.wait(std::chrono::seconds(30));
  CHECK(world.slack->messages(first).size() == 1);
  CHECK(world.slack->messages(second).size() == 1);
}

TEST_CASE("a start with a token that works ends the pause") {
  PostWorld world;
  world.slack->add_fault("chat.postMessage", sim::error_word("token_revoked"));
  const std::string channel = world.post("news");
  REQUIRE(world.is_paused());
  world.app.reset();
  world.start();
  CHECK(!world.is_paused());
  world.app->run_due();
  CHECK(world.slack->messages(channel).size() == 1);
}

TEST_CASE("disconnect drops the content of failed summaries that show the member") {
  World world;
  const std::string ada = world.add_member("Ada", 1001, "ada-builds");
  const std::string ben = world.add_member("Ben", 1002, "ben");
  world.start();
  world.github->add_event("ada-builds", sim::star("fmtlib/fmt"));
  world.connect(ada, "ada-builds");
  world.connect(ben, "ben");
  world.slack->add_fault("chat.postMessage", sim::error_word("restricted_action"));
  world.summarise("general");
  const auto kept = [&] {
    const auto database = *storage::open(world.config.database_uri);
    return database->read([](storage::Connection& connection) {
      return connection
          .query("SELECT count(*) FROM delivery WHERE state = 'failed' AND message <> ''")
          .at(0)
          .integer(0);
    });
  };
  CHECK(kept() == 2);
  world.say(ben, "disconnect");  // who is not shown in it
  CHECK(kept() == 2);
  world.say(ada, "disconnect");
  CHECK(kept() == 0);
}

}  // namespace bb::tests

#include <doctest/doctest.h>

#include "sim/slack_fixture.test.hpp"

namespace bb::sim {
namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;
using test::SlackFixture;

struct ThreadFixture : SlackFixture {
  using SlackFixture::SlackFixture;

  std::string say(std::string_view text, std::string_view thread = "") {
    object arguments{{"channel", general}, {"text", text}};
    if (!thread.empty()) {
      arguments["thread_ts"] = thread;
    }
    arguments["metadata"] = object{{"event_type", "t"}, {"event_payload", object{{"id", text}}}};
    return word(post("chat.postMessage", arguments), "ts");
  }

  std::string error_of_reply(const value& thread) {
    return error_of_post({{"channel", general}, {"text", "x"}, {"thread_ts", thread}});
  }

  object replies(const std::string& ts, const std::string& more = "") {
    return get("conversations.replies", "channel=" + general + "&ts=" + ts + more);
  }
};

std::string texts(const object& answer) {
  std::string joined;
  for (const value& message : answer.at("messages").as_array()) {
    joined += (joined.empty() ? "" : " ") + std::string(message.at("text").as_string());
  }
  return joined;
}

std::string next_cursor(const object& answer) {
  return std::string(answer.at("response_metadata").at("next_cursor").as_string());
}

TEST_CASE("replies stand in their thread and not in the history") {
  ThreadFixture fixture;
  const std::string lead = fixture.say("lead");
  const std::string first = fixture.say("first", lead);
  const std::string second = fixture.say("second", lead);
  fixture.say("other");
  CHECK(texts(fixture.replies(lead)) == "lead first second");
  const object history = fixture.get("conversations.history", "channel=" + fixture.general);
  CHECK(texts(history) == "other lead");
  const value& parent = history.at("messages").at(1);
  CHECK(parent.at("thread_ts") == value(lead));
  CHECK(parent.at("reply_count") == 2);
  CHECK(parent.at("reply_users") == array{"U0BEAVER1"});
  CHECK(parent.at("latest_reply") == value(second));
  CHECK_FALSE(history.at("messages").at(0).as_object().contains("thread_ts"));
  const object thread = fixture.replies(lead);
  const value& reply = thread.at("messages").at(1);
  CHECK(reply.at("ts") == value(first));
  CHECK(reply.at("thread_ts") == value(lead));
  CHECK(reply.at("parent_user_id") == "U0BEAVER1");
  CHECK(fixture.slack->replies(fixture.general, lead).size() == 2);
  CHECK(fixture.slack->messages(fixture.general).size() == 4);
}

TEST_CASE("a reply needs the timestamp of a message of the channel that is no reply") {
  ThreadFixture fixture;
  const std::string lead = fixture.say("lead");
  const std::string reply = fixture.say("reply", lead);
  for (const value& malformed : {value("0"), value(""), value("abc"), value("1.2"),
                                 value(1795000000.5), value("1795000000.00000a")}) {
    CHECK(fixture.error_of_reply(malformed) == "invalid_thread_ts");
  }
  CHECK(fixture.error_of_reply("1795000000.999999") == "thread_not_found");
  CHECK(fixture.error_of_reply(value(reply)) == "thread_not_found");
  const std::string other = fixture.slack->add_channel({.name = "other"});
  CHECK(fixture.error_of_post({{"channel", other}, {"text", "x"}, {"thread_ts", lead}}) ==
        "thread_not_found");
  CHECK(fixture.slack->messages(fixture.general).size() == 2);
}

TEST_CASE("replies show payloads of metadata on request only") {
  ThreadFixture fixture;
  const std::string lead = fixture.say("lead");
  fixture.say("reply", lead);
  const object hidden = fixture.replies(lead);
  CHECK_FALSE(hidden.at("messages").at(1).at("metadata").as_object().contains("event_payload"));
  const object shown = fixture.replies(lead, "&include_all_metadata=true");
  CHECK(shown.at("messages").at(1).at("metadata").at("event_payload").at("id") == "reply");
}

TEST_CASE("replies come in pages that each begin with the parent") {
  ThreadFixture fixture;
  const std::string lead = fixture.say("lead");
  for (const char* text : {"a", "b", "c"}) {
    fixture.say(text, lead);
  }
  const object first = fixture.replies(lead, "&limit=2");
  CHECK(texts(first) == "lead a b");
  CHECK(first.at("has_more") == true);
  const object second = fixture.replies(lead, "&limit=2&cursor=" + next_cursor(first));
  CHECK(texts(second) == "lead c");
  CHECK(second.at("has_more") == false);
  CHECK(next_cursor(second).empty());
}

TEST_CASE("a window leaves out replies but not their parent") {
  ThreadFixture fixture;
  const std::string lead = fixture.say("lead");
  fixture.say("early", lead);
  fixture.clock.advance(std::chrono::minutes(5));
  const std::string edge = fixture.say("edge", lead);
  fixture.say("late", lead);
  CHECK(texts(fixture.replies(lead, "&oldest=" + edge)) == "lead late");
  CHECK(texts(fixture.replies(lead, "&inclusive=true&oldest=" + edge)) == "lead edge late");
  CHECK(texts(fixture.replies(lead, "&latest=" + edge)) == "lead early");
}

TEST_CASE("a message without replies is its own thread and a reply is alone") {
  ThreadFixture fixture;
  const std::string lead = fixture.say("lead");
  CHECK(texts(fixture.replies(lead)) == "lead");
  const std::string reply = fixture.say("reply", lead);
  CHECK(texts(fixture.replies(reply)) == "reply");
}

TEST_CASE("replies are refused with the error that Slack gives") {
  ThreadFixture fixture;
  const std::string lead = fixture.say("lead");
  const std::string outside =
      fixture.slack->add_channel({.name = "outside", .bot_is_member = false});
  struct Row {
    std::string query;
    const char* error;
  };
  for (const Row& row :
       {Row{"ts=" + lead, "invalid_arguments"},
        Row{"channel=" + fixture.general, "invalid_arguments"},
        Row{"channel=C0NOWHERE&ts=" + lead, "channel_not_found"},
        Row{"channel=" + outside + "&ts=" + lead, "not_in_channel"},
        Row{"channel=" + fixture.general + "&ts=1.000001", "thread_not_found"},
        Row{"channel=" + fixture.general + "&ts=" + lead + "&limit=0", "invalid_limit"},
        Row{"channel=" + fixture.general + "&ts=" + lead + "&limit=1001", "invalid_limit"},
        Row{"channel=" + fixture.general + "&ts=" + lead + "&cursor=x", "invalid_cursor"},
        Row{"channel=" + fixture.general + "&ts=" + lead + "&oldest=x", "invalid_ts_oldest"},
        Row{"channel=" + fixture.general + "&ts=" + lead + "&latest=x", "invalid_ts_latest"}}) {
    CAPTURE(row.query);
    CHECK(SlackFixture::word(fixture.get("conversations.replies", row.query), "error") ==
          row.error);
  }
  const object as_json =
      fixture.post("conversations.replies", {{"channel", fixture.general}, {"ts", lead}});
  CHECK(SlackFixture::word(as_json, "error") == "invalid_arguments");
}

}  // namespace
}  // namespace bb::sim

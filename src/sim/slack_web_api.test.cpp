#include <doctest/doctest.h>

#include "sim/slack_fixture.test.hpp"

namespace bb::sim {
namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;
using test::SlackFixture;

object ok_section() {
  return {{"type", "section"}, {"text", object{{"type", "mrkdwn"}, {"text", "hello"}}}};
}

array ids_of(const object& answer, std::string_view list) {
  array ids;
  for (const value& item : answer.at(list).as_array()) {
    ids.push_back(item.at("id"));
  }
  return ids;
}

std::string next_cursor(const object& answer) {
  return std::string(answer.at("response_metadata").at("next_cursor").as_string());
}

TEST_CASE("a call needs the token of the bot") {
  SlackFixture fixture;
  const std::string url = fixture.slack->url() + "/auth.test";
  const object none = fixture.send({.method = "POST", .url = url});
  CHECK(none.at("http_status") == 200);
  CHECK(SlackFixture::word(none, "error") == "not_authed");
  const object wrong = fixture.send(
      {.method = "POST", .url = url, .headers = {{"Authorization", "Bearer xoxb-other"}}});
  CHECK(wrong.at("http_status") == 200);
  CHECK(SlackFixture::word(wrong, "error") == "invalid_auth");
  const object right = fixture.get("auth.test");
  CHECK(right.at("ok") == true);
  CHECK(SlackFixture::word(right, "team") == "Cedar Falls C++");
  CHECK(SlackFixture::word(right, "user_id") == "U0BEAVER1");
}

TEST_CASE("a token in a JSON body does not count but one in a form does") {
  SlackFixture fixture;
  const std::string token = fixture.slack->options().bot_token.reveal();
  const std::string url = fixture.slack->url() + "/auth.test";
  const object in_json = fixture.send({.method = "POST",
                                       .url = url,
                                       .headers = {{"Content-Type", "application/json"}},
                                       .body = R"({"token":")" + token + R"("})"});
  CHECK(SlackFixture::word(in_json, "error") == "not_authed");
  const object in_form =
      fixture.send({.method = "POST",
                    .url = url,
                    .headers = {{"Content-Type", "application/x-www-form-urlencoded"}},
                    .body = "token=" + token});
  CHECK(in_form.at("ok") == true);
}

TEST_CASE("an unknown method is named in the answer") {
  SlackFixture fixture;
  const object answer = fixture.get("chat.shout");
  CHECK(SlackFixture::word(answer, "error") == "unknown_method");
  CHECK(SlackFixture::word(answer, "req_method") == "chat.shout");
}

TEST_CASE("a posted message is stored with a unique timestamp and its metadata") {
  SlackFixture fixture;
  const object metadata{{"event_type", "delivery"}, {"event_payload", object{{"id", "d1"}}}};
  const object answer = fixture.post(
      "chat.postMessage",
      {{"channel", fixture.general}, {"text", "one &amp; two"}, {"metadata", metadata}});
  REQUIRE(answer.at("ok") == true);
  CHECK(SlackFixture::word(answer, "ts") == "1795000000.000000");
  fixture.post("chat.postMessage", {{"channel", "#general"}, {"text", "second"}});
  const auto messages = fixture.slack->messages(fixture.general);
  REQUIRE(messages.size() == 2);
  CHECK(messages[0].text == "one &amp; two");
  CHECK(messages[0].from_bot);
  CHECK(boost::json::parse(messages[0].metadata) == value(metadata));
  CHECK(messages[1].ts == "1795000000.000001");
}

TEST_CASE("a form carries blocks as JSON text") {
  SlackFixture fixture;
  http::Parameters form;
  form.add("token", fixture.slack->options().bot_token.reveal());
  form.add("channel", fixture.general);
  form.add("blocks", boost::json::serialize(array{ok_section()}));
  const object answer =
      fixture.send({.method = "POST",
                    .url = fixture.slack->url() + "/chat.postMessage",
                    .headers = {{"Content-Type", "application/x-www-form-urlencoded"}},
                    .body = form.encode()});
  CHECK(answer.at("ok") == true);
  REQUIRE(fixture.slack->messages(fixture.general).size() == 1);
  CHECK(boost::json::parse(fixture.slack->messages(fixture.general)[0].blocks) ==
        value(array{ok_section()}));
}

TEST_CASE("posting to a person opens the direct conversation") {
  SlackFixture fixture;
  const object answer =
      fixture.post("chat.postMessage", {{"channel", fixture.ada}, {"text", "hello"}});
  CHECK(SlackFixture::word(answer, "channel").starts_with("D"));
  REQUIRE(fixture.slack->dm_messages(fixture.ada).size() == 1);
  CHECK(fixture.slack->dm_messages(fixture.ada)[0].text == "hello");
  CHECK(fixture.slack->dm_messages(fixture.ben).empty());
}

TEST_CASE("a message is refused where the bot cannot post") {
  SlackFixture fixture;
  fixture.slack->add_channel({.id = "C0OUT", .name = "out", .bot_is_member = false});
  fixture.slack->add_channel({.id = "C0OLD", .name = "old", .is_archived = true});
  fixture.slack->add_channel(
      {.id = "G0SECRET", .name = "secret", .bot_is_member = false, .is_private = true});
  const auto error = [&](const char* channel) {
    return fixture.error_of_post({{"channel", channel}, {"text", "hello"}});
  };
  CHECK(error("C0NONE") == "channel_not_found");
  CHECK(error("U0NONE") == "channel_not_found");
  CHECK(error("G0SECRET") == "channel_not_found");
  CHECK(error("C0OUT") == "not_in_channel");
  CHECK(error("C0OLD") == "is_archived");
  CHECK(error("U0BEAVER1") == "cannot_dm_bot");
  CHECK(fixture.error_of_post({{"text", "hello"}}) == "invalid_arguments");
}

TEST_CASE("the blocks of a message have at most 12000 characters together") {
  SlackFixture fixture;
  const auto error_of = [&](std::size_t characters) {
    array blocks;
    for (int i = 0; i < 6; ++i) {
      blocks.push_back({{"type", "section"},
                        {"text", {{"type", "mrkdwn"}, {"text", std::string(characters, 'a')}}}});
    }
    return fixture.error_of_post(
        {{"channel", fixture.general}, {"text", "hello"}, {"blocks", blocks}});
  };
  CHECK(error_of(2'000).empty());
  CHECK(error_of(2'001) == "msg_blocks_too_long");
}

TEST_CASE("a message needs text or blocks and has at most 40000 characters") {
  SlackFixture fixture;
  CHECK(fixture.error_of_post({{"channel", fixture.general}}) == "no_text");
  CHECK(fixture.error_of_post({{"channel", fixture.general}, {"blocks", array{}}}) == "no_text");
  CHECK(fixture.error_of_post({{"channel", fixture.general}, {"text", std::string(40'001, 'a')}}) ==
        "msg_too_long");
  CHECK(fixture.error_of_post({{"channel", fixture.general}, {"text", std::string(40'000, 'a')}})
            .empty());
}

TEST_CASE("text above 40000 characters is cut where the option says so") {
  SlackFixture fixture({.cut_long_text = true});
  std::string text;
  for (int i = 0; i < 40'001; ++i) {
    text += "é";
  }
  CHECK(fixture.error_of_post({{"channel", fixture.general}, {"text", text}}).empty());
  CHECK(fixture.slack->messages(fixture.general)[0].text.size() == 80'000);
}

TEST_CASE("metadata has a type and a payload") {
  SlackFixture fixture;
  const auto error = [&](value metadata) {
    return fixture.error_of_post(
        {{"channel", fixture.general}, {"text", "hello"}, {"metadata", std::move(metadata)}});
  };
  CHECK(error("text") == "invalid_metadata_format");
  CHECK(error(object{{"event_type", "x"}}) == "invalid_metadata_format");
  CHECK(error(object{{"event_payload", object{}}}) == "invalid_metadata_format");
  CHECK(error(object{{"event_type", ""}, {"event_payload", object{}}}) ==
        "invalid_metadata_format");
  CHECK(error(object{{"event_type", "x"},
                     {"event_payload", object{{"big", std::string(9'000, 'a')}}}}) ==
        "metadata_too_large");
  CHECK(error(object{{"event_type", "x"}, {"event_payload", object{}}}).empty());
}

TEST_CASE("a body that is not a JSON object is refused") {
  SlackFixture fixture;
  const auto error = [&](const std::string& type, const std::string& body) {
    http::Headers headers{{"Authorization", "Bearer xoxb-simulated-bot-token"}};
    headers.set("Content-Type", type);
    return SlackFixture::word(fixture.send({.method = "POST",
                                            .url = fixture.slack->url() + "/chat.postMessage",
                                            .headers = headers,
                                            .body = body}),
                              "error");
  };
  CHECK(error("application/json", "{\"channel\":") == "invalid_json");
  CHECK(error("application/json", "[1]") == "json_not_object");
  CHECK(error("text/plain", "hello") == "invalid_post_type");
  CHECK(error("application/x-www-form-urlencoded", "channel=%zz") == "invalid_form_data");
}

TEST_CASE("methods that read do not see JSON arguments") {
  SlackFixture fixture;
  CHECK(SlackFixture::word(fixture.post("conversations.members", {{"channel", fixture.general}}),
                           "error") == "invalid_arguments");
}

TEST_CASE("members come in pages and include the bot") {
  SlackFixture fixture({.page_size = 2});
  const object first = fixture.get("conversations.members", "channel=C0GENERAL&limit=1000");
  CHECK(first.at("members") == array{"U0ADA", "U0BEN"});
  http::Parameters query;
  query.add("channel", "C0GENERAL");
  query.add("cursor", next_cursor(first));
  const object second = fixture.get("conversations.members", query.encode());
  CHECK(second.at("members") == array{"U0BEAVER1"});
  CHECK(next_cursor(second).empty());
}

TEST_CASE("a person is an admin only when made one") {
  SlackFixture fixture;
  const auto is_admin = [&](const std::string& user) {
    const object answer = fixture.get("users.info", "user=" + user);
    return answer.at("user").at("is_admin").as_bool();
  };
  const std::string user = fixture.slack->add_user("Olga");
  CHECK_FALSE(is_admin(user));
  fixture.slack->make_admin(user);
  CHECK(is_admin(user));
}

TEST_CASE("lists refuse limits and cursors and types that Slack does not know") {
  SlackFixture fixture;
  const auto error = [&](const char* method, const char* query) {
    return SlackFixture::word(fixture.get(method, query), "error");
  };
  CHECK(error("conversations.members", "channel=C0GENERAL&limit=0") == "invalid_limit");
  CHECK(error("conversations.members", "channel=C0GENERAL&limit=1001") == "invalid_limit");
  CHECK(error("conversations.members", "channel=C0GENERAL&cursor=abc") == "invalid_cursor");
  CHECK(error("conversations.members", "channel=C0NONE") == "channel_not_found");
  CHECK(error("conversations.list", "types=channels") == "invalid_types");
  CHECK(error("users.info", "user=U0NONE") == "user_not_found");
  CHECK(error("conversations.info", "channel=C0NONE") == "channel_not_found");
}

TEST_CASE("channels are listed by type and without those the bot cannot see") {
  SlackFixture fixture;
  fixture.slack->add_channel({.id = "C0OUT", .name = "out", .bot_is_member = false});
  fixture.slack->add_channel({.id = "C0OLD", .name = "old", .is_archived = true});
  fixture.slack->add_channel({.id = "G0IN", .name = "in", .is_private = true});
  fixture.slack->add_channel(
      {.id = "G0SECRET", .name = "secret", .bot_is_member = false, .is_private = true});
  CHECK(ids_of(fixture.get("conversations.list"), "channels") ==
        array{"C0GENERAL", "C0OUT", "C0OLD"});
  CHECK(ids_of(fixture.get("conversations.list",
                           "types=public_channel,private_channel&exclude_archived=true"),
               "channels") == array{"C0GENERAL", "C0OUT", "G0IN"});
  CHECK(ids_of(fixture.get("users.conversations", "exclude_archived=true"), "channels") ==
        array{"C0GENERAL"});
  const object first = fixture.get("conversations.list", "limit=1");
  CHECK(ids_of(first, "channels") == array{"C0GENERAL"});
  CHECK_FALSE(next_cursor(first).empty());
}

TEST_CASE("history is newest first and shows payloads of metadata on request only") {
  SlackFixture fixture;
  const object metadata{{"event_type", "delivery"}, {"event_payload", object{{"id", "d1"}}}};
  fixture.post("chat.postMessage",
               {{"channel", fixture.general}, {"text", "old"}, {"metadata", metadata}});
  fixture.clock.advance(std::chrono::seconds(10));
  fixture.post("chat.postMessage", {{"channel", fixture.general}, {"text", "new"}});
  const object all =
      fixture.get("conversations.history", "channel=C0GENERAL&include_all_metadata=true");
  REQUIRE(all.at("messages").as_array().size() == 2);
  CHECK(all.at("messages").at(0).at("text") == "new");
  CHECK(all.at("messages").at(1).at("metadata") == value(metadata));
  const object brief = fixture.get("conversations.history", "channel=C0GENERAL");
  CHECK(brief.at("messages").at(1).at("metadata") == value(object{{"event_type", "delivery"}}));
  const object recent =
      fixture.get("conversations.history", "channel=C0GENERAL&oldest=1795000000.000000");
  CHECK(recent.at("messages").as_array().size() == 1);
  const object limited = fixture.get("conversations.history", "channel=C0GENERAL&limit=1");
  CHECK(limited.at("has_more") == true);
}

TEST_CASE("history of a channel without the bot cannot be read") {
  SlackFixture fixture;
  fixture.slack->change_channel(fixture.general,
                                [](SlackChannel& channel) { channel.bot_is_member = false; });
  CHECK(SlackFixture::word(fixture.get("conversations.history", "channel=C0GENERAL"), "error") ==
        "not_in_channel");
}

TEST_CASE("a direct conversation is opened once") {
  SlackFixture fixture;
  const object first = fixture.post("conversations.open", {{"users", fixture.ada}});
  const object second = fixture.post("conversations.open", {{"users", fixture.ada}});
  CHECK(first.at("channel").at("id") == second.at("channel").at("id"));
  CHECK(SlackFixture::word(fixture.post("conversations.open", {{"users", "U0NONE"}}), "error") ==
        "user_not_found");
  CHECK(SlackFixture::word(fixture.post("conversations.open", {}), "error") ==
        "users_list_not_supplied");
}

}  // namespace
}  // namespace bb::sim

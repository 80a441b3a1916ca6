#include "chat/slack/web_api.hpp"

#include <doctest/doctest.h>

#include <boost/json.hpp>
#include <chrono>
#include <deque>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "base/json.hpp"

namespace bb::chat::slack {
namespace {

using Json = boost::json::value;

// Records the requests and plays the answers in their order.
class RecordingClient final : public http::Client {
 public:
  Result<http::Response> send(const http::ClientRequest& request) override {
    requests.push_back(request);
    if (answers.empty()) {
      throw std::logic_error("no answer left for " + request.url);
    }
    Result<http::Response> answer = std::move(answers.front());
    answers.pop_front();
    return answer;
  }

  std::vector<http::ClientRequest> requests;
  std::deque<Result<http::Response>> answers;
};

struct Fixture {
  RecordingClient client;
  VirtualClock clock{TimePoint(std::chrono::seconds(1'700'000'000))};
  std::unique_ptr<Platform> api =
      make_web_api(client, clock, "https://slack.test/api/", Secret("xoxb-secret"));

  void answer(std::string body, int status = 200) {
    client.answers.emplace_back(http::json_response(status, std::move(body)));
  }
  void answer(ErrorCode code) { client.answers.emplace_back(fail(code, "slack.test")); }

  [[nodiscard]] std::string url(std::size_t index) const { return client.requests.at(index).url; }
  [[nodiscard]] std::string argument(std::size_t index, std::string_view name) const {
    const auto parameters = http::Parameters::parse(client.requests.at(index).body);
    return parameters ? parameters->find(name).value_or("absent") : "not a form";
  }
  [[nodiscard]] Json json_body(std::size_t index) const {
    return boost::json::parse(client.requests.at(index).body);
  }
};

const ChannelId channel{"C0123456"};
const DeliveryId delivery{"01JD"};
const TimePoint since{std::chrono::milliseconds(1'700'000'300'045)};
constexpr std::string_view rendered = R"({"text": "hi", "unfurl_links": false})";
constexpr const char* posted = R"({"ok": true, "channel": "C0123456", "ts": "1.2"})";

const Place thread{.channel = channel, .thread = "1.2"};

Post message(std::string_view content = rendered) {
  return {.place = {.channel = channel}, .rendered = content, .delivery = delivery};
}

std::string history(std::string_view messages, std::string_view cursor = "") {
  return R"({"ok": true, "messages": [)" + std::string(messages) +
         R"(], "response_metadata": {"next_cursor": ")" + std::string(cursor) + "\"}}";
}

std::string message_with(std::string_view id) {
  return R"({"ts": "5.6", "metadata": {"event_type": "busy_beaver_delivery", "event_payload": )"
         R"({"delivery_id": ")" +
         std::string(id) + "\"}}}";
}

TEST_CASE_FIXTURE(Fixture, "the bot learns its workspace and its own user") {
  answer(R"({"ok": true, "team_id": "T1", "team": "Chicago", "user_id": "U9", "bot_id": "B1"})");
  const auto identity = api->identify();
  REQUIRE(identity.has_value());
  CHECK(identity->team_id == "T1");
  CHECK(identity->team_name == "Chicago");
  CHECK(identity->bot_user.value == "U9");
  CHECK(url(0) == "https://slack.test/api/auth.test");
  CHECK(client.requests[0].method == "POST");
  CHECK(client.requests[0].headers.find("Authorization") == "Bearer xoxb-secret");
  CHECK(client.requests[0].headers.find("Content-Type") == "application/x-www-form-urlencoded");
}

TEST_CASE_FIXTURE(Fixture, "an identity without its ids is a bad response that names the path") {
  answer(R"({"ok": true, "team_id": "T1"})");
  const auto identity = api->identify();
  REQUIRE_FALSE(identity.has_value());
  CHECK((identity.error().code == ErrorCode::bad_response));
  CHECK(identity.error().message == "auth.test: 'user_id' is missing or not a string");
}

TEST_CASE_FIXTURE(Fixture, "a dead token says what to set") {
  answer(R"({"ok": false, "error": "invalid_auth"})");
  const auto identity = api->identify();
  REQUIRE_FALSE(identity.has_value());
  CHECK((identity.error().code == ErrorCode::unauthorized));
  CHECK(identity.error().message.find("SLACK_BOTUSER_OAUTH_TOKEN") != std::string::npos);
  CHECK(identity.error().message.find("xoxb-secret") == std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "a message is posted as JSON with its channel and delivery") {
  answer(posted);
  CHECK(api->post(message()).value() == "1.2");
  CHECK(url(0) == "https://slack.test/api/chat.postMessage");
  CHECK(client.requests[0].headers.find("Content-Type") == "application/json; charset=utf-8");
  const Json body = json_body(0);
  CHECK(json::string(body, "channel") == "C0123456");
  CHECK(json::string(body, "text") == "hi");
  CHECK(json::boolean(body, "unfurl_links") == false);
  CHECK(json::string(body, "metadata.event_type") == "busy_beaver_delivery");
  CHECK(json::string(body, "metadata.event_payload.delivery_id") == "01JD");
}

TEST_CASE_FIXTURE(Fixture, "only a reply names its thread") {
  answer(posted);
  answer(posted);
  Post reply = message();
  reply.place = thread;
  CHECK(api->post(reply).has_value());
  CHECK(api->post(message()).has_value());
  CHECK(json::string(json_body(0), "thread_ts") == "1.2");
  CHECK(json::string(json_body(0), "channel") == "C0123456");
  CHECK(json::find(json_body(1), "thread_ts") == nullptr);
}

TEST_CASE_FIXTURE(Fixture, "a plain message is its fallback text without blocks and markup") {
  answer(posted);
  Post plain =
      message(R"({"text": "a &lt;!channel&gt; &amp; <!here>", "blocks": [{"type": "divider"}]})");
  plain.form = Form::plain;
  CHECK(api->post(plain).value() == "1.2");
  const Json body = json_body(0);
  CHECK(json::string(body, "text") == "a &lt;!channel&gt; &amp; &lt;!here&gt;");
  CHECK(json::find(body, "blocks") == nullptr);
  CHECK(json::boolean(body, "mrkdwn") == false);
  CHECK(json::boolean(body, "unfurl_links") == false);
  CHECK(json::string(body, "channel") == "C0123456");
  CHECK(json::string(body, "metadata.event_payload.delivery_id") == "01JD");
}

TEST_CASE_FIXTURE(Fixture, "a message whose metadata is refused may be posted without it") {
  answer(R"({"ok": false, "error": "metadata_must_be_sent_from_app"})");
  CHECK((api->post(message()).error().code == ErrorCode::conflict));
  CHECK(client.requests.size() == 1);

  answer(posted);
  Post unmarked = message();
  unmarked.is_marked = false;
  CHECK(api->post(unmarked).value() == "1.2");
  CHECK(json::find(json_body(1), "metadata") == nullptr);
  CHECK(json::string(json_body(1), "channel") == "C0123456");
}

TEST_CASE_FIXTURE(Fixture, "a message without a clear answer may have been posted") {
  answer(ErrorCode::uncertain);
  answer(ErrorCode::bad_response);
  answer(R"({"ok": true, "channel": "C1"})");
  answer(R"({"text": "no ok"})");
  answer("<html>");
  answer("");
  answer(R"({"ok": false, "error": "fatal_error"})");
  answer(R"({"ok": false, "error": "not_in_channel"})", 503);
  answer("oops", 500);
  const std::size_t count = client.answers.size();
  for (std::size_t index = 0; index < count; ++index) {
    CAPTURE(index);
    const auto result = api->post(message());
    REQUIRE_FALSE(result.has_value());
    CHECK((result.error().code == ErrorCode::uncertain));
    CHECK(result.error().message.starts_with("chat.postMessage: "));
  }
}

TEST_CASE_FIXTURE(Fixture, "a message that never reached Slack was certainly not posted") {
  answer(ErrorCode::unavailable);
  CHECK((api->post(message()).error().code == ErrorCode::unavailable));
  answer("<html>", 404);
  CHECK((api->post(message()).error().code == ErrorCode::unavailable));
}

TEST_CASE_FIXTURE(Fixture, "a rendered message that is not JSON is not sent") {
  CHECK((api->post(message("[1]")).error().code == ErrorCode::invalid_input));
  CHECK((api->post(message("{")).error().code == ErrorCode::invalid_input));
  CHECK(client.requests.empty());
}

TEST_CASE_FIXTURE(Fixture, "a posted message is found by its delivery on a later page") {
  answer(history(message_with("other") + R"(, {"ts": "1.1", "text": "hello"}, 7)", "next"));
  answer(history(message_with("01JD"), "more"));
  CHECK(api->find_posted({.channel = channel}, delivery, since).value() == "5.6");
  CHECK(url(0) == "https://slack.test/api/conversations.history");
  CHECK(argument(0, "channel") == "C0123456");
  CHECK(argument(0, "include_all_metadata") == "true");
  CHECK(argument(0, "limit") == "100");
  CHECK(argument(0, "cursor") == "absent");
  CHECK(argument(1, "cursor") == "next");
}

TEST_CASE_FIXTURE(Fixture, "a posted reply is found among the replies of its thread") {
  answer(history(message_with("parent") + ", " + message_with("other"), "next"));
  answer(history(message_with("parent") + ", " + message_with("01JD")));
  CHECK(api->find_posted(thread, delivery, since).value() == "5.6");
  CHECK(url(0) == "https://slack.test/api/conversations.replies");
  CHECK(argument(0, "channel") == "C0123456");
  CHECK(argument(0, "ts") == "1.2");
  CHECK(argument(0, "oldest") == "1700000000.045000");
  CHECK(argument(0, "inclusive") == "true");
  CHECK(argument(0, "limit") == "100");
  CHECK(argument(0, "include_all_metadata") == "true");
  CHECK(argument(1, "cursor") == "next");
}

TEST_CASE_FIXTURE(Fixture, "a thread that is gone has no reply of ours") {
  answer(R"({"ok": false, "error": "thread_not_found"})");
  const auto found = api->find_posted(thread, delivery, since);
  REQUIRE(found.has_value());
  CHECK_FALSE(found->has_value());
}

TEST_CASE_FIXTURE(Fixture, "replies that cannot be read are forbidden") {
  for (const char* word :
       {"missing_scope", "not_allowed_token_type", "method_not_supported_for_channel_type"}) {
    CAPTURE(word);
    answer(std::string(R"({"ok": false, "error": ")") + word + "\"}");
    CHECK((api->find_posted(thread, delivery, since).error().code == ErrorCode::forbidden));
  }
}

TEST_CASE_FIXTURE(Fixture, "the search starts five minutes early because clocks differ") {
  answer(history(""));
  CHECK_FALSE(api->find_posted({.channel = channel}, delivery, since).value());
  CHECK(argument(0, "oldest") == "1700000000.045000");
}

TEST_CASE_FIXTURE(Fixture, "the history of a member is that of the direct conversation") {
  answer(R"({"ok": true, "channel": {"id": "D7"}})");
  answer(history(message_with("01JD")));
  CHECK(api->find_posted({.channel = {"U7"}}, delivery, since).value() == "5.6");
  CHECK(url(0) == "https://slack.test/api/conversations.open");
  CHECK(argument(0, "users") == "U7");
  CHECK(argument(1, "channel") == "D7");
}

TEST_CASE_FIXTURE(Fixture, "a history that cannot be read is forbidden") {
  for (const char* word :
       {"missing_scope", "not_allowed_token_type", "unknown_method", "not_in_channel",
        "method_not_supported_for_channel_type", "restricted_action", "ekm_access_denied"}) {
    CAPTURE(word);
    answer(std::string(R"({"ok": false, "error": ")") + word + "\"}");
    CHECK((api->find_posted({.channel = channel}, delivery, since).error().code ==
           ErrorCode::forbidden));
  }
  answer("no such page", 404);
  CHECK((api->find_posted({.channel = channel}, delivery, since).error().code ==
         ErrorCode::forbidden));
  answer(R"({"ok": false, "error": "missing_scope", "needed": "im:write"})");
  CHECK((api->find_posted({.channel = {"U7"}}, delivery, since).error().code ==
         ErrorCode::forbidden));
}

TEST_CASE_FIXTURE(Fixture, "a history that hides metadata proves nothing") {
  answer(history(R"({"ts": "1.1", "metadata": {"event_type": "busy_beaver_delivery"}})"));
  CHECK((api->find_posted({.channel = channel}, delivery, since).error().code ==
         ErrorCode::forbidden));
}

TEST_CASE_FIXTURE(Fixture,
                  "a history that fails for another reason is not taken for an empty one") {
  answer(R"({"ok": false, "error": "channel_not_found"})");
  CHECK((api->find_posted({.channel = channel}, delivery, since).error().code ==
         ErrorCode::not_found));
  answer(ErrorCode::uncertain);
  CHECK((api->find_posted({.channel = channel}, delivery, since).error().code ==
         ErrorCode::unavailable));
  answer(R"({"ok": true})");
  CHECK((api->find_posted({.channel = channel}, delivery, since).error().code ==
         ErrorCode::bad_response));
}

TEST_CASE_FIXTURE(Fixture, "members are those of all pages") {
  answer(R"({"ok": true, "members": ["U1", "U2"], "response_metadata": {"next_cursor": "a=="}})");
  answer(R"({"ok": true, "members": [], "response_metadata": {"next_cursor": "b"}})");
  answer(R"({"ok": true, "members": ["W3"], "response_metadata": {"next_cursor": ""}})");
  CHECK((api->members(channel).value() ==
         std::vector<UserId>{UserId{"U1"}, UserId{"U2"}, UserId{"W3"}}));
  CHECK(argument(0, "limit") == "200");
  CHECK(argument(1, "cursor") == "a==");
  CHECK(argument(2, "cursor") == "b");
}

TEST_CASE_FIXTURE(Fixture, "members come in one page where there is no cursor") {
  answer(R"({"ok": true, "members": ["U1"]})");
  CHECK(api->members(channel).value().size() == 1);
}

TEST_CASE_FIXTURE(Fixture, "a cursor that comes again ends in an error and not in a loop") {
  const std::string page =
      R"({"ok": true, "members": ["U1"], "response_metadata": {"next_cursor": "a"}})";
  answer(page);
  answer(page);
  const auto result = api->members(channel);
  CHECK((result.error().code == ErrorCode::bad_response));
  CHECK(result.error().message == "conversations.members: a cursor came twice");
}

TEST_CASE_FIXTURE(Fixture, "a list of members that never ends is given up") {
  for (int page = 0; page < 1'001; ++page) {
    answer(R"({"ok": true, "members": [], "response_metadata": {"next_cursor": ")" +
           std::to_string(page) + "\"}}");
  }
  CHECK((api->members(channel).error().code == ErrorCode::bad_response));
  CHECK(client.requests.size() == 1'000);
}

TEST_CASE_FIXTURE(Fixture, "a page that fails is an error and not the end of the list") {
  answer(R"({"ok": true, "members": ["U1"], "response_metadata": {"next_cursor": "a"}})");
  answer("", 502);
  CHECK((api->members(channel).error().code == ErrorCode::unavailable));
  answer(R"({"ok": true, "members": ["U1", 2]})");
  CHECK((api->members(channel).error().code == ErrorCode::bad_response));
  answer(R"({"ok": true, "members": {}})");
  CHECK(api->members(channel).error().message ==
        "conversations.members: 'members' is missing or not an array");
}

TEST_CASE_FIXTURE(Fixture, "a channel is found by its name in any case and on any page") {
  answer(R"({"ok": true, "channels": [{"id": "C1", "name": "random"}, {"name": "general"}],
             "response_metadata": {"next_cursor": "a"}})");
  answer(R"({"ok": true, "channels": [{"id": "C2", "name": "general"}],
             "response_metadata": {"next_cursor": "b"}})");
  const auto found = api->find_channel(" #General ");
  REQUIRE(found.has_value());
  CHECK(found->id.value == "C2");
  CHECK(found->name == "general");
  CHECK(url(0) == "https://slack.test/api/conversations.list");
  CHECK(argument(0, "types") == "public_channel,private_channel");
  CHECK(argument(0, "exclude_archived") == "true");
  CHECK(argument(1, "cursor") == "a");
}

TEST_CASE_FIXTURE(Fixture, "a channel that is not visible says how to make it so") {
  answer(R"({"ok": true, "channels": [{"id": "C1", "name": "random"}]})");
  const auto found = api->find_channel("beavers");
  CHECK((found.error().code == ErrorCode::not_found));
  CHECK(found.error().message ==
        "no channel named '#beavers' is visible to the bot: invite it with /invite");
}

TEST_CASE_FIXTURE(Fixture, "what is no channel name is quoted as it was given") {
  struct Row {
    const char* given;
    const char* message;
  };
  for (const Row& row :
       {Row{"C0NOPE",
            "no channel 'C0NOPE' is visible to the bot: check the id, or invite the bot "
            "with /invite"},
        Row{"#C0NOPE",
            "no channel 'C0NOPE' is visible to the bot: check the id, or invite the bot "
            "with /invite"},
        Row{"a channel?", "no channel 'a channel?' is visible to the bot: check the name"},
        Row{"<#C1|x>", "no channel '<#C1|x>' is visible to the bot: check the name"}}) {
    answer(R"({"ok": true, "channels": [{"id": "C1", "name": "random"}]})");
    CHECK(api->find_channel(row.given).error().message == row.message);
  }
  answer(R"({"ok": false, "error": "channel_not_found"})");
  answer(R"({"ok": true, "channels": []})");
  CHECK(api->find_channel("C0123NOPE").error().message ==
        "no channel 'C0123NOPE' is visible to the bot: check the id, or invite the bot with "
        "/invite");
}

TEST_CASE_FIXTURE(Fixture, "a read that a proxy answered or that was cut off may be tried again") {
  answer("<html>please log in</html>");
  CHECK((api->identify().error().code == ErrorCode::unavailable));
  answer(R"({"ok": true, "members": ["U1")");
  CHECK((api->members(channel).error().code == ErrorCode::unavailable));
}

TEST_CASE_FIXTURE(Fixture, "a channel id is looked up and not searched for") {
  answer(R"({"ok": true, "channel": {"id": "C0123456", "name": "general"}})");
  CHECK(api->find_channel("C0123456").value().name == "general");
  CHECK(url(0) == "https://slack.test/api/conversations.info");
  CHECK(argument(0, "channel") == "C0123456");
}

TEST_CASE_FIXTURE(Fixture, "a channel id is taken as it is where it cannot be looked up") {
  answer(R"({"ok": false, "error": "unknown_method"})");
  CHECK(api->find_channel("C0123456").value().id.value == "C0123456");
  answer(R"({"ok": false, "error": "missing_scope", "needed": "groups:read"})");
  CHECK(api->find_channel("G0123456").value().id.value == "G0123456");
  answer("<html>", 404);
  CHECK(api->find_channel("C0123456").value().id.value == "C0123456");
}

TEST_CASE_FIXTURE(Fixture, "a name in capitals that looks like an id is found by name") {
  answer(R"({"ok": false, "error": "channel_not_found"})");
  answer(R"({"ok": true, "channels": [{"id": "C5", "name": "chicago"}]})");
  CHECK(api->find_channel("CHICAGO").value().id.value == "C5");
}

TEST_CASE_FIXTURE(Fixture, "a channel look-up that fails is an error") {
  answer(R"({"ok": false, "error": "token_revoked"})");
  CHECK((api->find_channel("C0123456").error().code == ErrorCode::unauthorized));
  answer(R"({"ok": true})");
  CHECK((api->find_channel("general").error().code == ErrorCode::bad_response));
}

TEST_CASE_FIXTURE(Fixture, "an empty channel name is not looked for") {
  CHECK((api->find_channel("").error().code == ErrorCode::invalid_input));
  CHECK((api->find_channel(" # ").error().code == ErrorCode::invalid_input));
  CHECK(client.requests.empty());
}

TEST_CASE_FIXTURE(Fixture, "admins and owners who are at home in the workspace are admins") {
  struct Row {
    std::string user;
    bool is_admin;
  };
  const std::vector<Row> rows = {
      {R"({"is_admin": true, "is_owner": false, "tz": "America/Chicago"})", true},
      {R"({"is_admin": false, "is_owner": true, "tz": "America/Chicago"})", true},
      {R"({"is_admin": false, "is_owner": false, "tz": "America/Chicago"})", false},
      {R"({"tz": "America/Chicago"})", false},
      {R"({"is_admin": true, "team_id": "T1", "deleted": false, "is_stranger": false,
           "is_restricted": false, "tz": "America/Chicago"})",
       true},
      {R"({"is_admin": true, "is_owner": true, "deleted": true, "tz": "America/Chicago"})", false},
      {R"({"is_admin": true, "is_stranger": true, "tz": "America/Chicago"})", false},
      {R"({"is_admin": true, "is_restricted": true, "tz": "America/Chicago"})", false},
      {R"({"is_owner": true, "is_ultra_restricted": true, "tz": "America/Chicago"})", false},
      {R"({"is_admin": true, "team_id": "T2", "tz": "America/Chicago"})", false},
      {R"({"is_admin": true, "team_id": "T2", "enterprise_user": {"teams": ["T2", "T1"]},
           "tz": "America/Chicago"})",
       true},
  };
  answer(R"({"ok": true, "team_id": "T1", "user_id": "U9"})");
  REQUIRE(api->identify());
  for (const Row& row : rows) {
    CAPTURE(row.user);
    answer(R"({"ok": true, "user": )" + row.user + "}");
    const Person person = api->person({"U1"}).value();
    CHECK(person.is_admin == row.is_admin);
    CHECK(person.time_zone == "America/Chicago");
  }
  CHECK(url(1) == "https://slack.test/api/users.info");
  CHECK(argument(1, "user") == "U1");
  answer(R"({"ok": false, "error": "missing_scope", "needed": "users:read"})");
  CHECK(api->person({"U1"}).error().message.find("users:read") != std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "an admin is none before it is known which workspace this is") {
  const std::string admin = R"({"ok": true, "user": {"is_admin": true, "team_id": "T1"}})";
  answer(admin);
  answer(ErrorCode::unavailable);
  CHECK(api->person({"U1"}).error().code == ErrorCode::unavailable);
  answer(admin);
  answer(R"({"ok": true, "team_id": "T1", "user_id": "U9"})");
  CHECK(api->person({"U1"}).value().is_admin);
  CHECK(url(3) == "https://slack.test/api/auth.test");
}

}  // namespace
}  // namespace bb::chat::slack

#include "sim/slack.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <deque>

#include "base/guarded.hpp"
#include "crypto/crypto.hpp"
#include "http/server.hpp"
#include "sim/slack_fixture.test.hpp"

namespace bb::sim {
namespace {

using boost::json::object;
using boost::json::value;
using std::chrono::minutes;
using test::SlackFixture;

// The receiving end of events: keeps what came, answers what it is told to.
struct Bot {
  explicit Bot(SlackFixture& fixture)
      : server(std::move(
            http::Server::start(
                "127.0.0.1", 0, {},
                {.handle = [this](const http::Request& request) { return answer(request); }},
                fixture.clock, fixture.random)
                .value())) {
    fixture.slack->deliver_to(url());
  }
  ~Bot() { server->stop(); }

  http::Response answer(const http::Request& request) {
    return state.with([&](State& now) {
      now.requests.push_back(request);
      if (now.answers.empty()) {
        return http::Response{.status = 200, .headers = {}, .body = now.body};
      }
      http::Response response = now.answers.front();
      now.answers.pop_front();
      return response;
    });
  }
  std::string url() const {
    return "http://127.0.0.1:" + std::to_string(server->port()) + "/slack-event-subscription";
  }
  std::vector<http::Request> requests() const {
    return state.with([](const State& now) { return now.requests; });
  }
  void will_answer(http::Response response) {
    state.with([&](State& now) { now.answers.push_back(std::move(response)); });
  }

  struct State {
    std::vector<http::Request> requests;
    std::deque<http::Response> answers;
    std::string body;
  };
  Guarded<State> state;
  std::unique_ptr<http::Server> server;
};

TEST_CASE("what a member writes reaches the bot as a signed event") {
  SlackFixture fixture;
  Bot bot(fixture);
  const auto delivery = fixture.slack->say(fixture.ada, "connect <me> & you");
  REQUIRE(delivery);
  CHECK(delivery->accepted);
  REQUIRE(bot.requests().size() == 1);
  const http::Request request = bot.requests()[0];
  CHECK(request.path == "/slack-event-subscription");
  CHECK(request.headers.find("Content-Type") == "application/json");
  CHECK_FALSE(request.headers.find("X-Slack-Retry-Num"));
  const std::string timestamp = request.headers.find("X-Slack-Request-Timestamp").value_or("");
  CHECK(timestamp == "1795000000");
  CHECK(request.headers.find("X-Slack-Signature") ==
        "v0=" + crypto::to_hex(crypto::hmac_sha256(fixture.slack->options().signing_secret,
                                                   "v0:" + timestamp + ":" + request.body)));
  const value envelope = boost::json::parse(request.body);
  CHECK(envelope.at("type") == "event_callback");
  CHECK(envelope.at("team_id") == "T0CEDAR01");
  CHECK(std::string(envelope.at("event_id").as_string()) == delivery->event_id);
  CHECK(envelope.at("event_time") == 1'795'000'000);
  CHECK(envelope.at("is_ext_shared_channel") == false);
  CHECK(envelope.at("authorizations").as_array().size() == 1);
  const value& event = envelope.at("event");
  CHECK(event.at("type") == "message");
  CHECK(event.at("channel_type") == "im");
  CHECK(event.at("user") == "U0ADA");
  CHECK(event.at("text") == "connect &lt;me&gt; &amp; you");
  CHECK(event.at("ts") == event.at("event_ts"));
  CHECK_FALSE(event.as_object().contains("bot_id"));
  CHECK(std::string(event.at("channel").as_string()) == fixture.slack->direct_channel("U0ADA"));
}

TEST_CASE("nobody can say something as a stranger") {
  SlackFixture fixture;
  const auto delivery = fixture.slack->say("U0NONE", "hello");
  REQUIRE_FALSE(delivery);
  CHECK(delivery.error().code == ErrorCode::not_found);
}

TEST_CASE("a refused event is retried at once and after one and five minutes with the same id") {
  SlackFixture fixture;
  Bot bot(fixture);
  for (int i = 0; i < 4; ++i) {
    bot.will_answer({.status = 500, .headers = {}, .body = {}});
  }
  const auto delivery = fixture.slack->say(fixture.ada, "connect");
  REQUIRE(delivery);
  CHECK_FALSE(delivery->accepted);
  CHECK(bot.requests().size() == 2);
  CHECK(fixture.slack->tick().empty());
  fixture.clock.advance(minutes(1));
  CHECK(fixture.slack->tick().size() == 1);
  CHECK(fixture.slack->tick().empty());
  fixture.clock.advance(minutes(5));
  const auto last = fixture.slack->tick();
  REQUIRE(last.size() == 1);
  CHECK(last[0].attempts.size() == 4);
  fixture.clock.advance(minutes(60));
  CHECK(fixture.slack->tick().empty());
  const auto requests = bot.requests();
  REQUIRE(requests.size() == 4);
  CHECK(requests[1].headers.find("X-Slack-Retry-Num") == "1");
  CHECK(requests[3].headers.find("X-Slack-Retry-Num") == "3");
  CHECK(requests[3].headers.find("X-Slack-Retry-Reason") == "http_error");
  CHECK(requests[3].body == requests[0].body);
  CHECK(requests[3].headers.find("X-Slack-Request-Timestamp") == "1795000360");
}

TEST_CASE("retries end with acceptance or when the answer asks for none") {
  SlackFixture fixture;
  Bot bot(fixture);
  bot.will_answer({.status = 503, .headers = {}, .body = {}});
  const auto second_try = fixture.slack->say(fixture.ada, "connect");
  CHECK(second_try->accepted);
  CHECK(second_try->attempts.size() == 2);
  bot.will_answer({.status = 503, .headers = {{"X-Slack-No-Retry", "1"}}, .body = {}});
  const auto no_retry = fixture.slack->say(fixture.ada, "connect");
  CHECK_FALSE(no_retry->accepted);
  CHECK(no_retry->attempts.size() == 1);
  fixture.clock.advance(minutes(10));
  CHECK(fixture.slack->tick().empty());
}

TEST_CASE("a bot that is away gets the event once it is back") {
  SlackFixture fixture;
  {
    const Bot gone(fixture);
  }
  const auto delivery = fixture.slack->say(fixture.ada, "connect");
  REQUIRE(delivery->attempts.size() == 2);
  CHECK(delivery->attempts[1].reason == "connection_failed");
  CHECK(delivery->attempts[1].status == 0);
  const Bot back(fixture);
  fixture.clock.advance(minutes(1));
  const auto later = fixture.slack->tick();
  REQUIRE(later.size() == 1);
  CHECK(later[0].accepted);
  CHECK(back.requests().size() == 1);
}

TEST_CASE("the bot hears its own messages where echoing is on") {
  SlackFixture fixture({.echo_bot_messages = true});
  Bot bot(fixture);
  fixture.post("chat.postMessage", {{"channel", fixture.ada}, {"text", "hello"}});
  fixture.post("chat.postMessage", {{"channel", fixture.general}, {"text", "hello all"}});
  CHECK(bot.requests().empty());
  CHECK(fixture.slack->tick().size() == 1);
  REQUIRE(bot.requests().size() == 1);
  const value envelope = boost::json::parse(bot.requests()[0].body);
  CHECK(envelope.at("event").at("bot_id") == "B0BEAVER1");
  CHECK(envelope.at("event").at("text") == "hello");
}

TEST_CASE("an address is verified by the challenge") {
  SlackFixture fixture;
  http::Response (*echo)(const http::Request&) = [](const http::Request& request) {
    const value body = boost::json::parse(request.body);
    return http::Response{
        .status = 200, .headers = {}, .body = std::string(body.at("challenge").as_string())};
  };
  auto server =
      http::Server::start("127.0.0.1", 0, {}, {.handle = echo}, fixture.clock, fixture.random);
  REQUIRE(server);
  CHECK(fixture.slack->verify_url("http://127.0.0.1:" + std::to_string((*server)->port()) + "/"));
  Bot bot(fixture);
  CHECK_FALSE(fixture.slack->verify_url(bot.url()));
}

TEST_CASE("raw octets are delivered with the headers that they are given") {
  SlackFixture fixture;
  Bot bot(fixture);
  const std::string body = "not json \xff";
  http::Headers headers = fixture.slack->signed_headers(body, minutes(6));
  headers.set("X-Slack-Signature", "v0=bad");
  const auto response = fixture.slack->deliver_raw(body, headers);
  REQUIRE(response);
  REQUIRE(bot.requests().size() == 1);
  CHECK(bot.requests()[0].body == body);
  CHECK(bot.requests()[0].headers.find("X-Slack-Signature") == "v0=bad");
  CHECK(bot.requests()[0].headers.find("X-Slack-Request-Timestamp") == "1794999640");
}

TEST_CASE("every stored message is told once") {
  SlackFixture fixture;
  Bot bot(fixture);
  Guarded<std::vector<std::string>> texts;
  fixture.slack->on_message([&](const SlackMessage& message) {
    texts.with([&](auto& list) { list.push_back(message.text); });
  });
  (void)fixture.slack->say(fixture.ada, "from Ada");
  fixture.slack->write(fixture.ben, fixture.general, "from Ben");
  fixture.post("chat.postMessage", {{"channel", fixture.ada}, {"text", "from the bot"}});
  const auto told = texts.with([](const auto& list) { return list; });
  CHECK((told == std::vector<std::string>{"from Ada", "from Ben", "from the bot"}));
}

}  // namespace
}  // namespace bb::sim

// What Slack and others send to the bot's endpoints.
#include <fstream>

#include "tests/scenario/world.hpp"

namespace bb::tests {
namespace {

http::Headers json_headers(http::Headers headers) {
  headers.set("Content-Type", "application/json");
  return headers;
}

std::string message_event(const std::string& event_id, const std::string& text,
                          const std::string& ts = "1763660000.000100") {
  return R"({"type": "event_callback", "team_id": "T0CEDAR01", "event_id": ")" + event_id +
         R"(", "event": {"type": "message", "channel_type": "im", "channel": "D0000001", )"
         R"("user": "U0000001", "ts": ")" +
         ts + R"(", "text": ")" + text + R"("}})";
}

}  // namespace

TEST_CASE("the address is verified with the challenge and only with a good signature") {
  World world;
  world.start();
  CHECK(world.slack->verify_url(world.address("/slack-event-subscription")));
  CHECK(world.slack->verify_url(world.address("/slack/events")));
  const std::string body = R"({"type": "url_verification", "challenge": "c", "token": "t"})";
  CHECK(world.post("/slack-event-subscription", body).status == 401);
}

TEST_CASE("an event with a wrong or old or future signature is refused and not stored") {
  World world;
  world.start();
  const std::string body = message_event("Ev1", "help");
  const http::Headers good = json_headers(world.slack->signed_headers(body));
  http::Headers wrong = good;
  wrong.set("X-Slack-Signature", "v0=" + std::string(64, 'a'));
  http::Headers missing = good;
  missing.set("X-Slack-Signature", "");
  CHECK(world.slack->deliver_raw(body, wrong)->status == 401);
  CHECK(world.slack->deliver_raw(body, missing)->status == 401);
  CHECK(world.slack->deliver_raw(body, {{"Content-Type", "application/json"}})->status == 401);
  CHECK(world.slack->deliver_raw(body + " ", good)->status == 401);
  for (const int seconds : {301, -301}) {
    const http::Headers aged =
        json_headers(world.slack->signed_headers(body, std::chrono::seconds(seconds)));
    CHECK(world.slack->deliver_raw(body, aged)->status == 401);
  }
  CHECK(world.count("inbox") == 0);
  CHECK(world.slack->deliver_raw(body, good)->status == 200);
  CHECK(world.count("inbox") == 1);
}

TEST_CASE("an event that Slack sends twice is answered once") {
  World world;
  world.start();
  const auto deliver = [&](const std::string& body) {
    return world.slack->deliver_raw(body, json_headers(world.slack->signed_headers(body)))->status;
  };
  CHECK(deliver(message_event("Ev1", "help")) == 200);
  CHECK(deliver(message_event("Ev1", "help")) == 200);
  CHECK(deliver(message_event("Ev2", "help")) == 200);  // the same message under another event id
  CHECK(world.count("job") == 1);
  CHECK(deliver(message_event("Ev3", "help", "1763660001.000100")) == 200);
  CHECK(world.count("job") == 2);
}

TEST_CASE(
    "messages of bots and edits and other channels and unknown events are acknowledged only") {
  World world;
  world.start();
  for (
      const char* event :
      {R"({"type": "message", "channel_type": "im", "channel": "D1", "user": "U1", "bot_id": "B1", "ts": "1.1", "text": "connect"})",
       R"({"type": "message", "subtype": "bot_message", "channel_type": "im", "channel": "D1", "ts": "1.2", "text": "connect"})",
       R"({"type": "message", "subtype": "message_changed", "channel_type": "im", "channel": "D1", "ts": "1.3", "message": {"user": "U1", "text": "connect"}})",
       R"({"type": "message", "subtype": "message_deleted", "channel_type": "im", "channel": "D1", "ts": "1.4"})",
       R"({"type": "message", "channel_type": "channel", "channel": "C1", "user": "U1", "ts": "1.5", "text": "connect"})",
       R"({"type": "message", "channel_type": "im", "channel": "D1", "user": "U0BEAVER1", "ts": "1.6", "text": "connect"})",
       R"({"type": "something_new", "user": "U1"})"}) {
    CAPTURE(event);
    const auto delivery = world.slack->deliver_event(event);
    REQUIRE(delivery);
    CHECK(delivery->accepted);
  }
  CHECK(world.count("job") == 0);
}

TEST_CASE("an event of another workspace is acknowledged and not answered with our token") {
  World world;
  world.start();
  std::string body = message_event("Ev1", "help");
  body.replace(body.find("T0CEDAR01"), 9, "T0ELSEWHE");
  const auto response =
      world.slack->deliver_raw(body, json_headers(world.slack->signed_headers(body)));
  REQUIRE(response);
  CHECK(response->status == 200);
  CHECK(world.count("inbox") == 0);
}

TEST_CASE("bodies that are no events are refused with what is wrong and nothing is stored") {
  World world;
  world.start();
  for (const char* body : {"", "not json", "[]", "null", "5", R"({"type": 5})", R"({})",
                           R"({"type": "event_callback"})",
                           R"({"type": "event_callback", "event_id": "Ev1", "event": []})",
                           "{\"type\": \"event_callback\", \"x\": \"\xFF\"}"}) {
    CAPTURE(body);
    const auto response =
        world.slack->deliver_raw(body, json_headers(world.slack->signed_headers(body)));
    REQUIRE(response);
    CHECK(response->status == 400);
    CHECK(response->body.find("\"message\"") != std::string::npos);
  }
  CHECK(world.count("inbox") == 0);
}

TEST_CASE("a message of 100 kB gets a hint and a body above the limit is refused") {
  World world;
  const std::string ada = world.add_member("Ada", 1001, "ada-builds");
  world.start();
  CHECK(world.say(ada, std::string(100'000, 'x')).find("Say help") != std::string::npos);
  const std::string huge(10 * 1024 * 1024, 'x');
  const auto response = world.browser->send({.method = "POST",
                                             .url = world.address("/slack-event-subscription"),
                                             .headers = {{"Content-Type", "application/json"}},
                                             .body = huge});
  // The connection may be closed before all was sent; an answer, if one came, says why.
  if (response) {
    CHECK(response->status == 413);
  }
  CHECK(world.say(ada, "help").find("connect") != std::string::npos);
}

TEST_CASE("unknown paths and methods and content types get their status as JSON") {
  World world;
  world.start();
  CHECK(world.get("/nowhere").status == 404);
  const http::Response method = world.get("/slack-event-subscription");
  CHECK(method.status == 405);
  CHECK(method.headers.find("Allow").value_or("").find("POST") != std::string::npos);
  http::Headers text = {{"Content-Type", "text/plain"}};
  CHECK(world.post("/slack-event-subscription", "{}", text).status == 415);
  CHECK(world.get("/nowhere").body.find("\"error\"") != std::string::npos);
}

TEST_CASE("the health endpoints tell that the service runs and is ready") {
  World world;
  world.start();
  CHECK(world.get("/healthcheck").body == R"({"ping": "pong"})");
  CHECK(world.get("/healthz").status == 200);
  CHECK(world.get("/readyz").status == 200);
  auto database = storage::open(world.config.database_uri).value();
  database->write([](storage::Connection& connection) {
    connection.execute("DELETE FROM schema_migration WHERE version = 1");
  });
  CHECK(world.get("/readyz").status == 503);
}

TEST_CASE("an event is acknowledged while Slack and GitHub do not answer at all") {
  World world;
  const std::string ada = world.add_member("Ada", 1001, "ada-builds");
  world.start();
  world.slack->add_fault("*", sim::no_answer());
  world.github->add_fault("*", sim::no_answer());
  const auto delivery = world.slack->say(ada, "connect");
  REQUIRE(delivery);
  CHECK(delivery->accepted);
  CHECK(delivery->attempts.size() == 1);
}

TEST_CASE("what was accepted before a crash is answered after the restart") {
  World world;
  const std::string ada = world.add_member("Ada", 1001, "ada-builds");
  world.start();
  REQUIRE(world.slack->say(ada, "help")->accepted);
  world.app.reset();  // before any job ran
  CHECK(world.last_answer(ada).empty());
  world.start();
  world.settle();
  CHECK(world.last_answer(ada).find("connect") != std::string::npos);
}

TEST_CASE("answers that Slack did not take are posted when it is back") {
  World world;
  const std::string ada = world.add_member("Ada", 1001, "ada-builds");
  world.start();
  world.slack->add_fault("chat.postMessage", sim::server_error());
  world.slack->add_fault("chat.postMessage", sim::rate_limited(std::chrono::seconds(20)));
  REQUIRE(world.slack->say(ada, "help")->accepted);
  for (int i = 0; i < 10; ++i) {
    world.settle();
    world.clock.advance(std::chrono::seconds(30));
  }
  CHECK(world.last_answer(ada).find("connect") != std::string::npos);
  CHECK(world.slack->dm_messages(ada).size() == 2);
}

TEST_CASE("a dead Slack token stops the start with advice and does not show the token") {
  World world;
  world.config.slack.bot_token = Secret("xoxb-dead");
  const auto started = app::App::start(world.config, world.clock, world.random);
  REQUIRE_FALSE(started);
  CHECK(started.error().message.find("SLACK_BOTUSER_OAUTH_TOKEN") != std::string::npos);
  CHECK(started.error().message.find("xoxb-dead") == std::string::npos);
}

TEST_CASE("when Slack is down at start a known workspace is served and an unknown one is not") {
  World world;
  world.slack->add_fault("auth.test", sim::refused());
  CHECK_FALSE(app::App::start(world.config, world.clock, world.random));
  world.start();
  world.app.reset();
  world.slack->add_fault("auth.test", sim::refused());
  world.start();
  CHECK(world.app->workspace().team_id == "T0CEDAR01");
}

TEST_CASE("a database that cannot be used stops the start with advice") {
  World world;
  world.config.database_uri = "sqlite:" + world.folder.path("broken.db");
  std::ofstream(world.folder.path("broken.db")) << std::string(10'000, 'x');
  const auto started = app::App::start(world.config, world.clock, world.random);
  REQUIRE_FALSE(started);
  CHECK(started.error().message.find("broken.db") != std::string::npos);
}

TEST_CASE("a database of a newer version is refused") {
  World world;
  world.start();
  world.app.reset();
  auto database = storage::open(world.config.database_uri).value();
  database->write([](storage::Connection& connection) {
    connection.execute(
        "INSERT INTO schema_migration (version, name, checksum, applied_at) VALUES (9999, "
        "'9999_future', 'x', 0)");
  });
  const auto started = app::App::start(world.config, world.clock, world.random);
  REQUIRE_FALSE(started);
  CHECK(started.error().message.find("newer") != std::string::npos);
}

TEST_CASE("while the database is locked an event is refused in time and afterwards it is taken") {
  World world;
  world.limits.answer_time = std::chrono::milliseconds(50);
  const std::string ada = world.add_member("Ada", 1001, "ada-builds");
  world.start();
  auto other = storage::open(world.config.database_uri).value();
  const std::string body = message_event("Ev1", "help");
  const http::Headers headers = json_headers(world.slack->signed_headers(body));
  other->write([&](storage::Connection& connection) {
    // Of SQLite, whoever writes has locked everything.
    const bool is_sqlite = world.config.database_uri.starts_with("sqlite:");
    connection.execute_script(is_sqlite ? "DELETE FROM inbox" : "LOCK TABLE inbox");
    const auto response = world.slack->deliver_raw(body, headers);
    REQUIRE(response);
    CHECK(response->status == 503);
    CHECK(response->headers.find("Retry-After"));
  });
  // Whether the first try was stored after all, once the lock was gone, makes no difference.
  world.limits.answer_time = std::chrono::seconds(60);
  world.app.reset();
  world.start();
  for (const char* number : {"1", "2"}) {
    http::Headers again = headers;
    again.set("X-Slack-Retry-Num", number);
    again.set("X-Slack-Retry-Reason", "http_error");
    const auto response = world.slack->deliver_raw(body, again);
    REQUIRE(response);
    CHECK(response->status == 200);
  }
  CHECK(world.count("inbox") == 1);
  CHECK(world.count("job") == 1);
}

}  // namespace bb::tests

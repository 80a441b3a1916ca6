#include "chat/slack/events.hpp"

#include <doctest/doctest.h>

#include <boost/json.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <variant>

#include "base/json.hpp"

namespace bb::chat::slack {
namespace {

namespace fs = std::filesystem;

// The envelope of a direct message "connect"; `changes` are merged into it, those under "event"
// into the event. A null removes the member.
std::string envelope(std::string_view changes = "{}") {
  auto document = boost::json::parse(R"({
    "token": "t", "team_id": "T1", "api_app_id": "A1", "type": "event_callback",
    "event_id": "Ev1", "event_time": 1531420618,
    "event": {"type": "message", "channel": "D1", "channel_type": "im", "user": "U1",
              "ts": "1531420618.000100", "event_ts": "1531420618.000100", "text": "connect"}
  })")
                      .as_object();
  const auto merge = [](boost::json::object& target, const boost::json::object& source) {
    for (const auto& [name, value] : source) {
      if (value.is_null()) {
        target.erase(name);
      } else {
        target[name] = value;
      }
    }
  };
  auto changed = boost::json::parse(changes).as_object();
  if (auto* event = changed.if_contains("event"); event != nullptr && event->is_object()) {
    merge(document["event"].as_object(), event->get_object());
    changed.erase("event");
  }
  merge(document, changed);
  return boost::json::serialize(document);
}

IncomingMessage message_in(const std::string& body) {
  const Result<Event> event = parse_event(body);
  REQUIRE(event.has_value());
  REQUIRE(std::holds_alternative<IncomingMessage>(*event));
  return std::get<IncomingMessage>(*event);
}

// The type of the ignored event, or what it was instead.
std::string ignored_type(const std::string& body) {
  const Result<Event> event = parse_event(body);
  if (!event) {
    return "error: " + event.error().message;
  }
  if (const auto* ignored = std::get_if<IgnoredEvent>(&*event)) {
    return ignored->type;
  }
  return "not ignored";
}

std::string error_of(const std::string& body) {
  const Result<Event> event = parse_event(body);
  if (event) {
    return "no error";
  }
  CHECK((event.error().code == ErrorCode::invalid_input));
  return event.error().message;
}

TEST_CASE("the handshake gives its challenge") {
  const Result<Event> event =
      parse_event(R"({"token": "t", "challenge": "3eZbrw1aB", "type": "url_verification"})");
  REQUIRE(event.has_value());
  REQUIRE(std::holds_alternative<UrlVerification>(*event));
  CHECK(std::get<UrlVerification>(*event).challenge == "3eZbrw1aB");
}

TEST_CASE("a direct message is read with all its ids") {
  const IncomingMessage message = message_in(envelope());
  CHECK(message.event_id == "Ev1");
  CHECK(message.team_id == "T1");
  CHECK(message.channel.value == "D1");
  CHECK(message.user.value == "U1");
  CHECK(message.timestamp == "1531420618.000100");
  CHECK(message.text == "connect");
}

TEST_CASE("a message without a channel type is direct when its channel is") {
  CHECK(message_in(envelope(R"({"event": {"channel_type": null}})")).text == "connect");
  CHECK(ignored_type(envelope(R"({"event": {"channel_type": null, "channel": "C1"}})")) ==
        "message");
}

TEST_CASE("a message outside of a direct conversation is ignored") {
  for (const char* type : {"channel", "group", "mpim", "app_home"}) {
    CAPTURE(type);
    CHECK(ignored_type(envelope(std::string(R"({"event": {"channel_type": ")") + type + "\"}}")) ==
          "message");
  }
}

TEST_CASE("a message of a bot is ignored however it shows") {
  for (const char* mark : {R"("bot_id": "B1")", R"("bot_profile": {"id": "B1"})",
                           R"("app_id": "A1")", R"("bot_id": 7)", R"("bot_id": {})"}) {
    CAPTURE(mark);
    CHECK(ignored_type(envelope(std::string(R"({"event": {)") + mark + "}}")) == "message");
  }
  CHECK(ignored_type(envelope(R"({"event": {"subtype": "bot_message", "user": null}})")) ==
        "message.bot_message");
}

TEST_CASE("edits and deletions and other subtypes are ignored and named") {
  CHECK(ignored_type(envelope(R"({"event": {"subtype": "message_changed", "hidden": true}})")) ==
        "message.message_changed");
  CHECK(ignored_type(envelope(R"({"event": {"subtype": "message_deleted"}})")) ==
        "message.message_deleted");
  CHECK(ignored_type(envelope(R"({"event": {"subtype": "file_share"}})")) == "message.file_share");
  CHECK(ignored_type(envelope(R"({"event": {"subtype": ["odd"]}})")) == "message.?");
  CHECK(ignored_type(envelope(R"({"event": {"hidden": true}})")) == "message");
}

TEST_CASE("members that say nothing do not make a message one of a bot") {
  const std::string body = envelope();
  const std::string with_nulls =
      body.substr(0, body.find("\"text\"")) +
      R"("bot_id": null, "subtype": null, "app_id": "", "hidden": false, "text": "help"}})";
  CHECK(message_in(with_nulls).text == "help");
}

TEST_CASE("unknown types are ignored and keep their event id") {
  const Result<Event> event = parse_event(envelope(R"({"event": {"type": "reaction_added"}})"));
  REQUIRE(event.has_value());
  REQUIRE(std::holds_alternative<IgnoredEvent>(*event));
  CHECK(std::get<IgnoredEvent>(*event).type == "reaction_added");
  CHECK(std::get<IgnoredEvent>(*event).event_id == "Ev1");
  CHECK(ignored_type(R"({"type": "app_rate_limited", "team_id": "T1"})") == "app_rate_limited");
}

TEST_CASE("a body that is not a JSON object is refused") {
  CHECK(error_of("").starts_with("not JSON at offset 0"));
  CHECK(error_of("payload=%7B%7D").starts_with("not JSON at offset"));
  CHECK(error_of(envelope().substr(0, 50)).starts_with("not JSON at offset"));
  CHECK(error_of("[]") == "the body is not a JSON object");
  CHECK(error_of("null") == "the body is not a JSON object");
  CHECK(error_of(std::string(100'000, '[')).starts_with("not JSON at offset"));
}

TEST_CASE("a wrong shape is refused and its path named") {
  struct Row {
    const char* changes;
    const char* message;
  };
  for (const Row& row : {
           Row{R"({"type": null})", "'type' is missing"},
           Row{R"({"type": 7})", "'type' is not text"},
           Row{R"({"type": "url_verification"})", "'challenge' is missing"},
           Row{R"({"event": [1]})", "'event' is not an object"},
           Row{R"({"event": null})", "'event' is missing"},
           Row{R"({"event": {"type": null}})", "'event.type' is missing"},
           Row{R"({"event": {"user": null}})", "'event.user' is missing"},
           Row{R"({"event": {"user": {"id": "U1"}}})", "'event.user' is not text"},
           Row{R"({"event": {"user": ""}})", "'event.user' is not an id"},
           Row{R"({"event": {"user": "U1\u0000"}})", "'event.user' is not an id"},
           Row{R"({"event": {"channel": 1}})", "'event.channel' is not text"},
           Row{R"({"event": {"ts": 1531420618.0001}})", "'event.ts' is not text"},
           Row{R"({"event": {"text": ["a"]}})", "'event.text' is not text"},
           Row{R"({"event_id": null})", "'event_id' is missing"},
           Row{R"({"team_id": null})", "'team_id' is missing"},
       }) {
    CAPTURE(row.changes);
    CHECK(error_of(envelope(row.changes)) == row.message);
  }
  CHECK(error_of(envelope("{\"event_id\": \"" + std::string(256, 'E') + "\"}")) ==
        "'event_id' is not an id");
}

TEST_CASE("a message without text is an empty command") {
  CHECK(message_in(envelope(R"({"event": {"text": null}})")).text.empty());
}

TEST_CASE("a very long text is cut at a code point") {
  std::string text;
  while (text.size() < 100'000) {
    text += "\xF0\x9F\xA6\xAB";  // U+1F9AB BEAVER
  }
  const IncomingMessage message = message_in(envelope("{\"event\": {\"text\": \"" + text + "\"}}"));
  CHECK(message.text.size() <= 4'000);
  CHECK(message.text.size() > 3'990);
  CHECK(message.text.starts_with("\xF0\x9F\xA6\xAB"));
  CHECK(message.text.ends_with("\xF0\x9F\xA6\xAB\xE2\x80\xA6"));
}

TEST_CASE("a text keeps its NULs and its Unicode") {
  CHECK(message_in(envelope(R"({"event": {"text": "a\u0000b \ud83e\uddab"}})")).text ==
        std::string("a\0b \xF0\x9F\xA6\xAB", 8));
}

TEST_CASE("ill-formed UTF-8 and half surrogates are refused") {
  std::string body = envelope();
  body.replace(body.find("connect"), 7, "conn\xff\xc3(");
  CHECK(error_of(body).starts_with("not JSON at offset"));
  body = envelope();
  body.replace(body.find("connect"), 7, "\\ud83e!");
  CHECK(error_of(body).starts_with("not JSON at offset"));
}

std::string contents(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

// What a real event says about itself, read without the code under test.
bool is_by_person_in_direct_conversation(const std::string& body) {
  const Result<boost::json::value> value = json::parse(body);
  return value && json::string(*value, "event.channel").value_or("").starts_with("D") &&
         !json::find(*value, "event.bot_id") && !json::find(*value, "event.subtype");
}

TEST_CASE("real events are read or refused and never taken for a command of a person") {
  const char* const corpus = std::getenv("BB_CORPUS");
  const fs::path folder = fs::path(corpus == nullptr ? "../shared/data" : corpus) / "slack";
  if (!fs::is_directory(folder)) {
    MESSAGE("skipped: BB_CORPUS has no " << folder.string());
    return;
  }
  int read = 0;
  int refused = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.path().extension() != ".json") {
      continue;
    }
    const std::string text = contents(entry.path());
    CAPTURE(entry.path().string());
    for (const std::string& body :
         {text, R"({"type": "event_callback", "event_id": "Ev1", "team_id": "T1", "event": )" +
                    text + "}"}) {
      const Result<Event> event = parse_event(body);
      if (!event) {
        CHECK((event.error().code == ErrorCode::invalid_input));
        ++refused;
        continue;
      }
      ++read;
      if (std::holds_alternative<IncomingMessage>(*event)) {
        CHECK(is_by_person_in_direct_conversation(body));
      }
    }
  }
  CHECK(read > 100);
  MESSAGE("real events: " << read << " read and " << refused << " refused");
}

TEST_CASE("every real event of the Events API is read") {
  const char* const corpus = std::getenv("BB_CORPUS");
  const fs::path folder =
      fs::path(corpus == nullptr ? "../shared/data" : corpus) / "slack/bolt-python/events";
  if (!fs::is_directory(folder)) {
    MESSAGE("skipped: BB_CORPUS has no " << folder.string());
    return;
  }
  for (const auto& entry : fs::directory_iterator(folder)) {
    CAPTURE(entry.path().string());
    CHECK(parse_event(contents(entry.path())).has_value());
  }
}

TEST_CASE("links and entities of Slack are what the member typed") {
  const std::pair<std::string, std::string> cases[] = {
      {"hide <https://github.com/a/b>", "hide https://github.com/a/b"},
      {"hide <http://x.org/a|x.org/a> now", "hide x.org/a now"},
      {"feeds add <http://ada.bsky.social|ada.bsky.social>", "feeds add ada.bsky.social"},
      {"<http://x.org/a|something else>", "http://x.org/a"},
      {"feeds add <https://x.org/f?a=1&amp;b=2>", "feeds add https://x.org/f?a=1&b=2"},
      {"a &lt;b&gt; &amp;lt; &amp; &nbsp;", "a <b> &lt; & &nbsp;"},
      {"<!channel> <@U1> <https://open", "<!channel> <@U1> <https://open"},
      {"<http", "<http"},
      {"feeds add @<mailto:ada@x.org|ada@x.org>", "feeds add @ada@x.org"},
  };
  for (const auto& [sent, typed] : cases) {
    CAPTURE(sent);
    CHECK(message_in(envelope(R"({"event": {"text": ")" + sent + R"("}})")).text == typed);
  }
}

}  // namespace
}  // namespace bb::chat::slack

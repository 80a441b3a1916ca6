#include "sim/slack_view.hpp"

#include <doctest/doctest.h>

#include "sim/slack.hpp"

namespace bb::sim {
namespace {

const Names names = {.users = {{"U0ADA", "Ada"}, {"U0BOT", "Busy Beaver"}},
                     .channels = {{"C0GENERAL", "general"}}};

std::string shown(std::string_view mrkdwn) {
  return show_mrkdwn(mrkdwn, names, Ansi::never);
}

TEST_CASE("references are shown by name and links as text with address") {
  CHECK(shown("<@U0ADA> in <#C0GENERAL>") == "@Ada in #general");
  CHECK(shown("<@U0NEW> and <#C0NEW|news>") == "@U0NEW and #news");
  CHECK(shown("<https://example.org/?a=1&amp;b=2|a page>") ==
        "a page (https://example.org/?a=1&b=2)");
  CHECK(shown("<https://example.org/>") == "https://example.org/");
  CHECK(shown("<!channel> <!date^1392734382^{date}|Feb 18>") == "@channel Feb 18");
}

TEST_CASE("entities are text and never markup") {
  CHECK(shown("&lt;!channel&gt; &amp;amp; 1 &lt; 2") == "<!channel> &amp; 1 < 2");
}

TEST_CASE("markers of bold and italic disappear at the edges of words only") {
  CHECK(shown("*bold* _italic_ `code`") == "bold italic code");
  CHECK(shown("2*3*4 snake_case_name a * b * c") == "2*3*4 snake_case_name a * b * c");
  CHECK(show_mrkdwn("*bold*", names, Ansi::always) == "\x1b[1mbold\x1b[0m");
}

TEST_CASE("a terminal with colours gets a link behind its text") {
  CHECK(show_mrkdwn("<https://e.org/|a page>", {}, Ansi::always) ==
        "\x1b]8;;https://e.org/\x1b\\\x1b[4ma page\x1b[0m\x1b]8;;\x1b\\");
}

TEST_CASE("emoji that are known are drawn and others stay") {
  CHECK(shown(":star: :no_such_thing: 12:30:45") == "⭐ :no_such_thing: 12:30:45");
}

TEST_CASE("control characters cannot reach the terminal") {
  const std::string text = shown("\x1b[31mred\x07 <https://e.org/|\x1b]8> `\x1b`");
  CHECK(text.find('\x1b') == std::string::npos);
  CHECK(text.find('\x07') == std::string::npos);
  CHECK(shown("one\ntwo") == "one\ntwo");
  CHECK(shown("\n\n<unclosed *x").find("<unclosed *x") != std::string::npos);
}

TEST_CASE("a message shows its blocks with buttons as labels") {
  const SlackMessage message{
      .channel = "C0GENERAL",
      .ts = "1795000000.000000",
      .user = "U0BOT",
      .from_bot = true,
      .text = "the fallback",
      .blocks = R"([{"type":"header","text":{"type":"plain_text","text":":tada: News *today*"}},
                    {"type":"divider"},
                    {"type":"section","text":{"type":"mrkdwn","text":"*Ada*\n<@U0ADA>"}},
                    {"type":"actions","elements":[{"type":"button","url":"https://e.org/c",
                      "text":{"type":"plain_text","text":"Connect"}}]},
                    {"type":"context","elements":[{"type":"mrkdwn","text":"small"}]}])",
      .metadata = {},
      .arguments = {}};
  CHECK(show_message(message, names, Ansi::never) ==
        "Busy Beaver APP  11:06\n"
        "  🎉 News *today*\n"
        "  ────────────────────────────────────────\n"
        "  Ada\n"
        "  @Ada\n"
        "  [ Connect ]\n"
        "  small\n");
}

TEST_CASE("a reply is indented as a whole") {
  SlackMessage message;
  message.ts = "1795000000.000100";
  message.user = "U0BOT";
  message.text = "one\n\ntwo";
  CHECK(show_message(message, names, Ansi::never).starts_with("Busy Beaver  "));
  message.thread = "1795000000.000000";
  const std::string text = show_message(message, names, Ansi::never);
  CHECK(text.starts_with("      Busy Beaver  "));
  CHECK(text.ends_with("\n        one\n\n        two\n"));
}

TEST_CASE("a message without blocks shows its text") {
  const SlackMessage message{.channel = "D1",
                             .ts = "0.000001",
                             .user = "U0ADA",
                             .from_bot = false,
                             .text = "connect",
                             .blocks = {},
                             .metadata = {},
                             .arguments = {}};
  CHECK(show_message(message, names, Ansi::never) == "Ada  00:00\n  connect\n");
}

}  // namespace
}  // namespace bb::sim

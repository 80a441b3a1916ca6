#include "chat/terminal.hpp"

#include <doctest/doctest.h>

namespace bb::chat {
namespace {

Message section(Text text) {
  return {.fallback = "x", .blocks = {Section{std::move(text)}}};
}

std::string plain(Text text) {
  return render_terminal(section(std::move(text)), Color::never);
}

std::string markdown(Text text) {
  return render_markdown(section(std::move(text)));
}

TEST_CASE("plain output has no escape sequences") {
  const Message message{
      .fallback = "x",
      .blocks = {Header{"Title"},
                 Section{{{.text = "⭐", .emoji = "star"},
                          {.text = " 1 star for "},
                          {.text = "a/b", .style = Style::bold, .url = "https://x.org"},
                          {.text = " by "},
                          {.text = "ann", .user = {"U1"}}}},
                 Buttons{{{"Connect", "https://x.org/c"}}}, Context{{{.text = "small"}}}}};
  CHECK(render_terminal(message, Color::never) ==
        "Title\n\n⭐ 1 star for a/b by @ann\n\n[Connect] https://x.org/c\n\nsmall\n");
}

TEST_CASE("a picture is for chat platforms only") {
  Message message = section({{.text = "t"}});
  const std::string terminal = render_terminal(message, Color::always);
  const std::string page = render_markdown(message);
  std::get<Section>(message.blocks[0]).picture = {{"https://x.org/a.png", "Ada"}};
  CHECK(render_terminal(message, Color::always) == terminal);
  CHECK(render_markdown(message) == page);
}

TEST_CASE("coloured output has bold text and hyperlinks") {
  const Message message{.fallback = "x",
                        .blocks = {Header{"T"}, Section{{{.text = "b", .style = Style::bold}}},
                                   Section{{{.text = "l", .url = "https://x.org"}}}}};
  CHECK(render_terminal(message, Color::always) ==
        "\x1b[1;4mT\x1b[0m\n\n\x1b[1mb\x1b[0m\n\n"
        "\x1b]8;;https://x.org\x1b\\\x1b[4ml\x1b[0m\x1b]8;;\x1b\\\n");
}

TEST_CASE("foreign text cannot command the terminal") {
  CHECK(plain({{.text = "a\x1b[2Jb\x07"}}) == "a\\x1b[2Jb\\x07\n");
  CHECK(plain({{.text = "c\u009B2Jd"}}) == "c\\x9b2Jd\n");
  CHECK(plain({{.text = "e\u202Ef"}}) == "ef\n");
  const std::string coloured =
      render_terminal(section({{.text = "x", .url = "https://x.org/\x1b\\\x07"}}), Color::always);
  CHECK(coloured.find("https://x.org/%1B%5C%07\x1b\\") != std::string::npos);
}

TEST_CASE("a message without blocks is its fallback") {
  CHECK(render_terminal({.fallback = "Hello\x1b"}, Color::never) == "Hello\\x1b\n");
  CHECK(render_markdown({.fallback = "*Hello*"}) == "\\*Hello\\*\n");
}

TEST_CASE("Markdown of foreign text shows what was written") {
  CHECK(markdown({{.text = "<img src=x> **b** [l](u) &copy; `c`"}}) ==
        "\\<img src=x\\> \\*\\*b\\*\\* \\[l\\](u) \\&copy; \\`c\\`\n");
  CHECK(markdown({{.text = "snake_case v1.2 a-b #12"}}) == "snake_case v1.2 a-b #12\n");
  CHECK(markdown({{.text = "# no heading"}}) == "\\# no heading\n");
  CHECK(markdown({{.text = "- no list\n1. nor this\n    nor code"}}) ==
        "\\- no list\\\n1\\. nor this\\\nnor code\n");
}

TEST_CASE("Markdown has links and styles and headings") {
  const Message message{
      .fallback = "x",
      .blocks = {Header{"T"},
                 Section{{{.text = "a]b", .style = Style::bold, .url = "https://x.org/(1)"},
                          {.text = "\n"},
                          {.text = "x_y", .style = Style::code}}},
                 Divider{}, Buttons{{{"Go", "https://x.org"}}}}};
  CHECK(render_markdown(message) ==
        "## T\n\n**[a\\]b](<https://x.org/(1)>)**\\\n`x_y`\n\n---\n\n[Go](<https://x.org>)\n");
}

TEST_CASE("other schemes than http and https are no links") {
  CHECK(markdown({{.text = "x", .url = "javascript:alert(1)"}}) == "x\n");
  CHECK(plain({{.text = "x", .url = "file:///etc/passwd"}}) == "x\n");
}

}  // namespace
}  // namespace bb::chat

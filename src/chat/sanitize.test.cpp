#include "chat/sanitize.hpp"

#include <doctest/doctest.h>

#include "chat/terminal.hpp"

namespace bb::chat {
namespace {

TEST_CASE("control characters beyond ASCII become visible") {
  CHECK(without_disguise("a\u009B2Jb\u0080") == "a\\x9b2Jb\\x80");
  CHECK(one_line("a\u009D0;title\u009Cb") == "a\\x9d0;title\\x9cb");
  CHECK(without_disguise("a\u0085b") == "a\nb");
  CHECK(without_disguise("\u00A0\u00E9\u20AC") == "\u00A0\u00E9\u20AC");
}

TEST_CASE("what cannot be seen is removed and what joins letters and emoji stays") {
  struct Row {
    const char* text;
    const char* clean;
  };
  const Row rows[] = {
      {"pay\u200Bpal", "paypal"},
      {"pay\u00ADpal", "paypal"},
      {"pay\u200Cpal", "paypal"},
      {"pay\u200Dpal", "paypal"},
      {"pay\u2060\u2061\u2064pal\uFEFF", "paypal"},
      {"pay\u180E\u034Fpal", "paypal"},
      {"a\u200E\u200F\u061Cb", "ab"},
      {"a\u202Eb\u202C\u2066c\u2069", "abc"},
      {"a\U000E0041\U000E007Fb", "ab"},
      {"\u200Da", "a"},
      {"\u0646\u200D", "\u0646"},
      {"\u0645\u06CC\u200C\u062E\u0648\u0627\u0647\u0645",
       "\u0645\u06CC\u200C\u062E\u0648\u0627\u0647\u0645"},
      {"\u0915\u094D\u200D\u0937", "\u0915\u094D\u200D\u0937"},
      {"\U0001F469\u200D\U0001F4BB", "\U0001F469\u200D\U0001F4BB"},
      {"\u2764\uFE0F\u200D\U0001F525", "\u2764\uFE0F\u200D\U0001F525"},
      {"\U0001F469\u200D\u200D\U0001F4BB", "\U0001F469\u200D\U0001F4BB"},
      {"\U0001F3F4\U000E0067\U000E0062\U000E0065\U000E006E\U000E0067\U000E007F!",
       "\U0001F3F4\U000E0067\U000E0062\U000E0065\U000E006E\U000E0067\U000E007F!"},
      {"\U0001F3F4\U000E0067\U000E0062x", "\U0001F3F4x"},
      {"\U0001F3F4\U000E007Fx", "\U0001F3F4x"},
      {"\r\na\rb\u2028c", "\na\nb\nc"},
  };
  for (const auto& [text, clean] : rows) {
    CAPTURE(text);
    CHECK(without_disguise(text) == clean);
    CHECK(without_disguise(clean) == clean);
  }
}

TEST_CASE("text from right to left is kept apart from what stands around it") {
  CHECK(isolated("caf\u00E9 \U0001F600") == "caf\u00E9 \U0001F600");
  CHECK(isolated("") == "");
  CHECK(isolated("fix \u05D0\u05D1") == "\u2068fix \u05D0\u05D1\u2069");
  CHECK(isolated("\u0645") == "\u2068\u0645\u2069");
  CHECK(isolated("\U0001E900") == "\u2068\U0001E900\u2069");
}

TEST_CASE("Markdown for a terminal holds no control characters beyond ASCII") {
  Message message;
  message.fallback = "x\u009B2J";
  CHECK(render_markdown(message) == "x\\\\x9b2J\n");
  message.blocks = {Header{.text = "h\u009B2J"},
                    Section{.text = {{.text = "t\u009B2J", .style = Style::code}}}};
  CHECK(render_markdown(message).find("\u009B") == std::string::npos);
}

}  // namespace
}  // namespace bb::chat

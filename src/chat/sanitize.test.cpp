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

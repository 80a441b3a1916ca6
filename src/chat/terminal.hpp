// Messages for people at a terminal or in a Markdown file.
#pragma once

#include <string>

#include "chat/message.hpp"

namespace bb::chat {

enum class Color { never, always };

// Plain text with Unicode emoji; with Color::always bold, dim and underlined through ANSI escapes,
// and links as OSC 8 hyperlinks. Control characters of foreign text are escaped.
std::string render_terminal(const Message& message, Color color);

// CommonMark; everything that Markdown or HTML would take as markup is escaped.
std::string render_markdown(const Message& message);

}  // namespace bb::chat

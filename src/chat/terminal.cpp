#include "chat/terminal.hpp"

#include <optional>

#include "base/text.hpp"
#include "chat/sanitize.hpp"

namespace bb::chat {
namespace {

// Foreign text for a terminal: control characters become visible, also those of ISO 6429 beyond
// ASCII (U+0080..009F, two octets in UTF-8), which some terminals obey. Newlines stay: ours are
// structure.
std::string visible(std::string_view text) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string result;
  const std::string valid = without_disguise(text);
  for (std::size_t i = 0; i < valid.size(); ++i) {
    const char c = valid[i];
    const auto next = static_cast<unsigned char>(i + 1 < valid.size() ? valid[i + 1] : '\0');
    if (c == '\n') {
      result += c;
    } else if (c == '\xC2' && next < 0xA0) {
      result += "\\x";
      result += digits[next >> 4U];
      result += digits[next & 15U];
      ++i;
    } else {
      result += escape_control(std::string_view(&c, 1));
    }
  }
  return result;
}

class Terminal {
 public:
  explicit Terminal(Color color) : color_(color) {}

  [[nodiscard]] std::string text(const Text& spans) const {
    std::string result;
    for (const Span& span : spans) {
      result += this->span(span);
    }
    return result;
  }

  std::string operator()(const Header& header) const {
    return paint(visible(one_line(header.text)), "1;4");
  }
  std::string operator()(const Section& section) const { return text(section.text); }
  std::string operator()(const Context& context) const { return paint(text(context.text), "2"); }
  std::string operator()(const Divider& /*divider*/) const { return paint("----------", "2"); }

  // The address is shown: who reads must be able to go there, also where hyperlinks do not work.
  std::string operator()(const Buttons& buttons) const {
    std::string result;
    for (const Button& button : buttons.buttons) {
      if (const auto url = web_address(button.url)) {
        result += result.empty() ? "" : "\n";
        result += paint("[" + visible(one_line(button.label)) + "]", "1") + " " + *url;
      }
    }
    return result;
  }

 private:
  [[nodiscard]] std::string paint(const std::string& text, std::string_view code) const {
    if (color_ == Color::never || text.empty()) {
      return text;
    }
    // A reset inside would end the colour too early, so each painted run begins anew after it.
    std::string body = text;
    const std::string start = "\x1b[" + std::string(code) + "m";
    for (std::size_t at = 0; (at = body.find("\x1b[0m", at)) != std::string::npos;) {
      at += 4;
      body.insert(at, start);
    }
    return start + body + "\x1b[0m";
  }

  [[nodiscard]] std::string span(const Span& span) const {
    std::string shown = isolated(visible(span.url.empty() ? span.text : one_line(span.text)));
    if (!span.user.value.empty()) {
      shown = "@" + (shown.empty() ? visible(span.user.value) : shown);
    } else if (shown.empty() && !span.emoji.empty()) {
      shown = ":" + visible(span.emoji) + ":";
    }
    shown = styled(shown, span);
    const std::optional<std::string> url = web_address(span.url);
    if (!url) {
      return shown;
    }
    if (color_ == Color::never) {
      return shown.empty() ? *url : shown;
    }
    return "\x1b]8;;" + *url + "\x1b\\" + paint(shown.empty() ? *url : shown, "4") +
           "\x1b]8;;\x1b\\";
  }

  [[nodiscard]] std::string styled(const std::string& shown, const Span& span) const {
    switch (span.style) {
      case Style::plain:
        return shown;
      case Style::bold:
        return paint(shown, "1");
      case Style::italic:
        return paint(shown, "3");
      case Style::code:
        return color_ == Color::never ? "`" + shown + "`" : paint(shown, "36");
    }
    return shown;
  }

  Color color_;
};

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         static_cast<unsigned char>(c) >= 0x80;
}

// Whether `c` at this place would be markup: some characters only at the start of a line (lists,
// headings, numbers of a list), an underscore only at the edge of a word.
bool is_markup(std::string_view line, std::size_t i) {
  const char c = line[i];
  const char before = i == 0 ? ' ' : line[i - 1];
  const char after = i + 1 == line.size() ? ' ' : line[i + 1];
  if (c == '_') {
    return !(is_alphanumeric(before) && is_alphanumeric(after));
  }
  if (std::string_view("\\`*[]<>&~|!").find(c) != std::string_view::npos) {
    return true;
  }
  const std::string_view start = trim(line.substr(0, i));
  if (std::string_view("#+-=").find(c) != std::string_view::npos) {
    return start.empty() || start.find_first_not_of("#-=") == std::string_view::npos;
  }
  return (c == '.' || c == ')') && !start.empty() && parse_integer(start).has_value();
}

std::string escape_markdown(std::string_view text) {
  std::string result;
  for (const std::string_view line : split(text, '\n')) {
    // Four leading spaces would make a block of code, and a lone newline no break at all.
    std::string_view rest = line;
    if (!result.empty() || line.data() != text.data()) {
      result += "\\\n";
      rest.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    }
    for (std::size_t i = 0; i < rest.size(); ++i) {
      if (is_markup(rest, i)) {
        result += '\\';
      }
      result += static_cast<unsigned char>(rest[i]) < 0x20 || rest[i] == 0x7F ? ' ' : rest[i];
    }
  }
  return result;
}

std::string markdown_link(std::string_view text, const std::string& url) {
  // Parentheses would end the address; in angle brackets they do not.
  const std::string shown = isolated(escape_markdown(one_line(text)));
  return "[" + (shown.empty() ? escape_markdown(url) : shown) + "](<" + url + ">)";
}

std::string styled_markdown(const std::string& shown, std::string_view text, Style style) {
  const bool can_carry = !text.empty() && text.front() != ' ' && text.back() != ' ' &&
                         text.find('\n') == std::string_view::npos;
  switch (style) {
    case Style::bold:
      return can_carry ? "**" + shown + "**" : shown;
    case Style::italic:
      return can_carry ? "*" + shown + "*" : shown;
    case Style::code:
      return can_carry && text.find('`') == std::string_view::npos ? "`" + std::string(text) + "`"
                                                                   : shown;
    case Style::plain:
      break;
  }
  return shown;
}

std::string markdown(const Text& spans) {
  std::string result;
  for (const Span& span : spans) {
    std::string text = without_disguise(span.text);
    if (!span.user.value.empty()) {
      text = "@" + one_line(text.empty() ? span.user.value : text);
    }
    if (const auto url = web_address(span.url)) {
      const Style style = span.style == Style::code ? Style::plain : span.style;
      result += styled_markdown(markdown_link(text, *url), one_line(text), style);
    } else {
      result += styled_markdown(isolated(escape_markdown(text)), text, span.style);
    }
  }
  return result;
}

struct Markdown {
  std::string operator()(const Header& header) const {
    return "## " + escape_markdown(one_line(header.text));
  }
  std::string operator()(const Section& section) const { return markdown(section.text); }
  std::string operator()(const Context& context) const { return markdown(context.text); }
  std::string operator()(const Divider& /*divider*/) const { return "---"; }
  std::string operator()(const Buttons& buttons) const {
    std::string result;
    for (const Button& button : buttons.buttons) {
      if (const auto url = web_address(button.url)) {
        result += (result.empty() ? "" : " ") + markdown_link(button.label, *url);
      }
    }
    return result;
  }
};

// Blocks with an empty line between them; a message without blocks is its fallback.
template <class Renderer>
std::string join_blocks(const Message& message, const Renderer& renderer, std::string fallback) {
  std::string result;
  for (const Block& block : message.blocks) {
    const std::string rendered = std::visit(renderer, block);
    if (!rendered.empty()) {
      result += (result.empty() ? "" : "\n\n") + rendered;
    }
  }
  return (message.blocks.empty() ? fallback : result) + "\n";
}

}  // namespace

std::string render_terminal(const Message& message, Color color) {
  return join_blocks(message, Terminal(color), visible(message.fallback));
}

std::string render_markdown(const Message& message) {
  return join_blocks(message, Markdown{}, escape_markdown(without_disguise(message.fallback)));
}

}  // namespace bb::chat

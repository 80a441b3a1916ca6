#include "chat/slack/render.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <optional>

#include "base/text.hpp"
#include "chat/sanitize.hpp"

namespace bb::chat::slack {
namespace {

// Limits of Block Kit, in characters (https://api.slack.com/reference/block-kit/blocks).
constexpr std::size_t max_fallback = 4'000;
constexpr std::size_t max_header = 150;
constexpr std::size_t max_text = 3'000;
constexpr std::size_t max_button_label = 75;
constexpr std::size_t max_alt_text = 2'000;
constexpr std::size_t max_buttons = 25;

constexpr std::string_view ellipsis = "…";
// Slack takes it for white space, at which markup neither begins nor ends; readers do not see it.
constexpr std::string_view zero_width_space = "\u200B";

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         static_cast<unsigned char>(c) >= 0x80;
}

// Slack counts characters; those beyond the BMP as two.
std::size_t length_of(std::string_view text) {
  std::size_t length = 0;
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    length += (octet & 0xC0U) == 0x80U ? 0 : octet >= 0xF0 ? 2 : 1;
  }
  return length;
}

// Where a cut after at most `max_length` characters falls.
std::size_t offset_of(std::string_view text, std::size_t max_length) {
  std::size_t length = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    length += length_of(text.substr(i, 1));
    if (length > max_length) {
      return i;
    }
  }
  return text.size();
}

std::string shorten(std::string_view text, std::size_t max_length) {
  if (length_of(text) <= max_length) {
    return std::string(text);
  }
  return std::string(text.substr(0, offset_of(text, max_length - 1))) + std::string(ellipsis);
}

// Control characters other than newlines have no place in a message.
std::string clean(std::string_view text) {
  std::string result = without_disguise(text);
  for (char& c : result) {
    const auto octet = static_cast<unsigned char>(c);
    if ((octet < 0x20 && c != '\n') || octet == 0x7F) {
      c = ' ';
    }
  }
  return result;
}

void append_escaped(std::string& out, char c) {
  switch (c) {
    case '&':
      out += "&amp;";
      break;
    case '<':
      out += "&lt;";
      break;
    case '>':
      out += "&gt;";
      break;
    default:
      out += c;
  }
}

bool is_marker(char c) {
  return c == '*' || c == '_' || c == '~';
}

// mrkdwn has no escape for its markers. Between letters (snake_case) and between spaces they mean
// nothing; elsewhere they are kept from meaning something. A backtick works everywhere, so a
// look-alike replaces it.
std::string plain_to_mrkdwn(std::string_view text) {
  std::string result;
  result.reserve(text.size() + text.size() / 8);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const char before = i == 0 ? '\n' : text[i - 1];
    const char after = i + 1 == text.size() ? '\n' : text[i + 1];
    if (c == '`') {
      result += "\u02CB";
    } else if (is_marker(c) && !(is_alphanumeric(before) && is_alphanumeric(after)) &&
               !(before == ' ' && after == ' ')) {
      result += zero_width_space;
      result += c;
      result += zero_width_space;
    } else {
      if (c == '>' && before == '\n') {
        result += zero_width_space;  // a quote begins only at the start of a line
      }
      append_escaped(result, c);
    }
  }
  return result;
}

std::optional<char> marker_of(Style style) {
  switch (style) {
    case Style::plain:
      return std::nullopt;
    case Style::bold:
      return '*';
    case Style::italic:
      return '_';
    case Style::code:
      return '`';
  }
  return std::nullopt;
}

// A style ends at its own marker and at the end of a line, and does not begin at white space.
bool can_carry(std::string_view text, Style style) {
  const std::optional<char> marker = marker_of(style);
  return marker && !text.empty() && text.front() != ' ' && text.back() != ' ' &&
         text.find(*marker) == std::string_view::npos && text.find('\n') == std::string_view::npos;
}

// What `rendered` looks like in `style`; without it where `text`, from which it was made, cannot
// carry it.
std::string with_style(const std::string& rendered, std::string_view text, Style style) {
  return can_carry(text, style) ? *marker_of(style) + rendered + *marker_of(style) : rendered;
}

std::string link(std::string_view url, std::string shown) {
  std::ranges::replace(shown, '|', '/');
  return "<" + escape(url) + "|" + isolated(plain_to_mrkdwn(shown)) + ">";
}

bool is_user_id(std::string_view id) {
  return !id.empty() && std::ranges::all_of(id, [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  });
}

bool is_emoji_name(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '+';
  });
}

std::string span_to_mrkdwn(const Span& span) {
  if (is_emoji_name(span.emoji)) {
    return ":" + span.emoji + ":";
  }
  if (is_user_id(span.user.value)) {
    return with_style("<@" + span.user.value + ">", "@", span.style);
  }
  const std::string text = clean(span.text);
  if (const auto url = web_address(span.url)) {
    const std::string name = one_line(text);
    return with_style(link(*url, name.empty() ? *url : name), name, span.style);
  }
  const bool is_code = span.style == Style::code && can_carry(text, span.style);
  return with_style(isolated(is_code ? escape(text) : plain_to_mrkdwn(text)), text, span.style);
}

// As much of `text` as has at most `max_length` characters once encoded.
std::string cut(std::string_view text, std::size_t max_length,
                std::string (*encode)(std::string_view)) {
  std::size_t low = 0;
  std::size_t high = std::min(length_of(text), max_length);
  while (low < high) {
    const std::size_t middle = (low + high + 1) / 2;
    const bool fits = length_of(encode(text.substr(0, offset_of(text, middle)))) <= max_length;
    low = fits ? middle : low;
    high = fits ? high : middle - 1;
  }
  return encode(text.substr(0, offset_of(text, low)));
}

// Markup works only at the edge of a word.
bool needs_edge(std::string_view left, std::string_view right, Style left_style,
                Style right_style) {
  return !left.empty() && !right.empty() &&
         ((right_style != Style::plain && is_alphanumeric(left.back())) ||
          (left_style != Style::plain && is_alphanumeric(right.front())));
}

// `span` as it stands behind `before`, which ends in the style `last`.
std::string next_to_mrkdwn(std::string_view before, Style last, const Span& span) {
  std::string next = span_to_mrkdwn(span);
  if (needs_edge(before, next, last, span.style)) {
    next.insert(0, zero_width_space);
  }
  return next;
}

// Whole spans while they fit; then as much of a plain one as fits.
std::string to_mrkdwn(const Text& text) {
  std::string result;
  std::size_t length = 0;  // of the result
  Style last = Style::plain;
  for (const Span& span : text) {
    const std::string next = next_to_mrkdwn(result, last, span);
    const std::size_t added = length_of(next);
    if (length + added > max_text) {
      const std::size_t room = max_text - std::min(max_text, length + 1);
      if (span.url.empty() && span.user.value.empty() && span.emoji.empty()) {
        result += cut(clean(span.text), room, plain_to_mrkdwn);
      }
      result += length_of(result) < max_text ? ellipsis : std::string_view();
      break;
    }
    result += next;
    length += added;
    last = span.style;
  }
  return result;
}

namespace json = boost::json;

// "verbatim" keeps Slack from making links and mentions of what looks like them in foreign text.
json::object mrkdwn(const std::string& text) {
  return {{"type", "mrkdwn"}, {"text", text}, {"verbatim", true}};
}

json::object plain_text(std::string_view text, std::size_t max_length) {
  return {{"type", "plain_text"}, {"text", shorten(one_line(text), max_length)}, {"emoji", true}};
}

// Slack fetches pictures over https only. An address has fewer characters than the 3,000 of Slack.
std::optional<std::string> picture_address(std::string_view url) {
  return to_lower(url.substr(0, 8)) == "https://" ? web_address(url) : std::nullopt;
}

// Nothing where a block would be empty, which Slack refuses.
struct BlockRenderer {
  std::optional<json::object> operator()(const Header& header) const {
    json::object text = plain_text(header.text, max_header);
    if (text["text"].get_string().empty()) {
      return std::nullopt;
    }
    return json::object{{"type", "header"}, {"text", std::move(text)}};
  }

  std::optional<json::object> operator()(const Section& section) const {
    const std::string text = to_mrkdwn(section.text);
    if (text.empty()) {
      return std::nullopt;
    }
    json::object block = {{"type", "section"}, {"text", mrkdwn(text)}};
    const auto url =
        section.picture.empty() ? std::nullopt : picture_address(section.picture.front().url);
    if (url) {
      const std::string description = one_line(section.picture.front().description);
      block["accessory"] = {
          {"type", "image"},
          {"image_url", *url},
          {"alt_text", shorten(description.empty() ? "picture" : description, max_alt_text)}};
    }
    return block;
  }

  std::optional<json::object> operator()(const Buttons& buttons) const {
    json::array elements;
    for (const Button& button : buttons.buttons) {
      const auto url = web_address(button.url);
      const std::string label = one_line(button.label);
      if (url && !label.empty() && elements.size() < max_buttons) {
        elements.push_back({{"type", "button"},
                            {"text", plain_text(label, max_button_label)},
                            {"url", *url},
                            {"action_id", "open_" + std::to_string(elements.size() + 1)}});
      }
    }
    if (elements.empty()) {
      return std::nullopt;
    }
    return json::object{{"type", "actions"}, {"elements", std::move(elements)}};
  }

  std::optional<json::object> operator()(const Context& context) const {
    const std::string text = to_mrkdwn(context.text);
    if (text.empty()) {
      return std::nullopt;
    }
    return json::object{{"type", "context"}, {"elements", json::array{mrkdwn(text)}}};
  }

  std::optional<json::object> operator()(const Divider& /*divider*/) const {
    return json::object{{"type", "divider"}};
  }
};

std::string fallback_text(std::string_view text) {
  const std::string cleaned = clean(text);
  const std::string escaped = escape(cleaned);
  return length_of(escaped) <= max_fallback
             ? escaped
             : cut(cleaned, max_fallback - 1, escape) + std::string(ellipsis);
}

}  // namespace

std::string escape(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (const char c : text) {
    append_escaped(result, c);
  }
  return result;
}

std::size_t length(const Text& text) {
  std::string result;
  Style last = Style::plain;
  for (const Span& span : text) {
    result += next_to_mrkdwn(result, last, span);
    last = span.style;
  }
  return length_of(result);
}

std::string render(const Message& message) {
  json::object out = {{"text", fallback_text(message.fallback)}};
  json::array blocks;
  for (const Block& block : message.blocks) {
    if (auto rendered = std::visit(BlockRenderer{}, block)) {
      blocks.push_back(std::move(*rendered));
    }
  }
  if (!blocks.empty()) {
    out["blocks"] = std::move(blocks);
  }
  out["unfurl_links"] = message.previews_links;
  out["unfurl_media"] = message.previews_links;
  return json::serialize(out);
}

}  // namespace bb::chat::slack

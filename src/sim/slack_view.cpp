#include "sim/slack_view.hpp"

#include <array>
#include <boost/json.hpp>
#include <utility>

#include "base/json.hpp"
#include "base/text.hpp"
#include "base/time.hpp"
#include "sim/emoji.hpp"
#include "sim/slack.hpp"

namespace bb::sim {
namespace {

using boost::json::array;
using boost::json::value;

constexpr std::string_view bold = "\x1b[1m";
constexpr std::string_view underlined = "\x1b[4m";
constexpr std::string_view italic = "\x1b[3m";
constexpr std::string_view dim = "\x1b[2m";
constexpr std::string_view reset = "\x1b[0m";
constexpr std::string_view indent = "  ";
constexpr std::string_view thread_indent = "      ";

std::string decode_entities(std::string_view text) {
  constexpr std::array entities = {std::pair{"&amp;", '&'}, std::pair{"&lt;", '<'},
                                   std::pair{"&gt;", '>'}};
  std::string plain;
  for (std::size_t i = 0; i < text.size();) {
    bool decoded = false;
    for (const auto& [entity, letter] : entities) {
      if (text.substr(i).starts_with(entity)) {
        plain += letter;
        i += std::string_view(entity).size();
        decoded = true;
        break;
      }
    }
    if (!decoded) {
      plain += text[i++];
    }
  }
  return plain;
}

std::string without_controls(std::string_view text) {
  std::string shown;
  for (const std::string_view line : split(text, '\n')) {
    shown += (shown.empty() && line.data() == text.data() ? "" : "\n") + escape_control(line);
  }
  return shown;
}

std::string name_or(const std::map<std::string, std::string, std::less<>>& names,
                    std::string_view id, std::string_view label) {
  const auto found = names.find(id);
  if (found != names.end()) {
    return found->second;
  }
  return std::string(label.empty() ? id : label);
}

std::string styled(std::string_view text, std::string_view style, Ansi ansi) {
  if (ansi == Ansi::never || text.empty()) {
    return std::string(text);
  }
  return std::string(style) + std::string(text) + std::string(reset);
}

std::string plain(std::string_view text) {
  return without_controls(decode_entities(text));
}

// A terminal with colours can hide the address behind its text (OSC 8), as Slack does.
std::string show_link(std::string_view target, std::string_view label, Ansi ansi) {
  if (label.empty() || label == target) {
    return plain(target);
  }
  if (ansi == Ansi::always) {
    return "\x1b]8;;" + plain(target) + "\x1b\\" + styled(plain(label), underlined, ansi) +
           "\x1b]8;;\x1b\\";
  }
  return plain(label) + " (" + plain(target) + ")";
}

// What stands between < and >.
std::string show_reference(std::string_view inside, const Names& names, Ansi ansi) {
  const std::size_t bar = inside.find('|');
  const std::string_view target = inside.substr(0, bar);
  const std::string_view label =
      bar == std::string_view::npos ? std::string_view() : inside.substr(bar + 1);
  if (target.starts_with('@')) {
    return plain("@" + name_or(names.users, target.substr(1), label));
  }
  if (target.starts_with('#')) {
    return plain("#" + name_or(names.channels, target.substr(1), label));
  }
  if (target.starts_with('!')) {
    return plain(label.empty() ? "@" + std::string(target.substr(1, target.find('^') - 1))
                               : std::string(label));
  }
  return show_link(target, label, ansi);
}

bool is_word(char letter) {
  return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
         (letter >= '0' && letter <= '9') || (static_cast<unsigned char>(letter) & 0x80U) != 0;
}

// The end of a span such as *bold* that starts at `start`, or npos: the markers stand at the edges
// of words, on one line, with something other than space inside.
std::size_t find_span_end(std::string_view text, std::size_t start) {
  const char marker = text[start];
  if ((start > 0 && is_word(text[start - 1])) || start + 1 >= text.size() ||
      text[start + 1] == ' ' || text[start + 1] == marker) {
    return std::string_view::npos;
  }
  for (std::size_t i = start + 1; i < text.size() && text[i] != '\n'; ++i) {
    if (text[i] == marker && text[i - 1] != ' ' &&
        (i + 1 == text.size() || !is_word(text[i + 1]))) {
      return i;
    }
  }
  return std::string_view::npos;
}

// One piece of mrkdwn that starts at text[i]; moves i behind it. Empty where nothing special
// starts.
std::string show_piece(std::string_view text, std::size_t& i, const Names& names, Ansi ansi) {
  const auto take = [&](std::size_t end) {
    const std::string_view inside = text.substr(i + 1, end - i - 1);
    i = end + 1;
    return inside;
  };
  const char first = text[i];
  if (first == '<') {
    const std::size_t end = text.find('>', i);
    return end == std::string_view::npos ? "" : show_reference(take(end), names, ansi);
  }
  if (first == ':') {
    const std::size_t end = text.find(':', i + 1);
    const std::string_view symbol =
        end == std::string_view::npos ? "" : find_emoji(text.substr(i + 1, end - i - 1));
    if (!symbol.empty()) {
      take(end);
    }
    return std::string(symbol);
  }
  if (first == '`') {
    const std::size_t end = find_span_end(text, i);
    return end == std::string_view::npos ? "" : without_controls(decode_entities(take(end)));
  }
  if (first == '*' || first == '_' || first == '~') {
    const std::size_t end = find_span_end(text, i);
    if (end != std::string_view::npos) {
      const std::string inside = show_mrkdwn(take(end), names, Ansi::never);
      return styled(inside, first == '*' ? bold : first == '_' ? italic : dim, ansi);
    }
  }
  return "";
}

std::string show_text(const value* text, const Names& names, Ansi ansi) {
  if (text == nullptr) {
    return "";
  }
  const std::string content = json::string(*text, "text").value_or("");
  if (json::string(*text, "type") == "plain_text") {
    // Only emoji are special in plain text.
    std::string shown;
    for (std::size_t i = 0; i < content.size();) {
      const std::string piece = content[i] == ':' ? show_piece(content, i, names, ansi) : "";
      shown += piece.empty() ? std::string(1, content[i++]) : piece;
    }
    return without_controls(shown);
  }
  return show_mrkdwn(content, names, ansi);
}

std::string show_element(const value& element, const Names& names, Ansi ansi) {
  const auto type = json::string(element, "type");
  if (type == "button") {
    return styled("[ " + show_text(json::find(element, "text"), names, Ansi::never) + " ]", bold,
                  ansi);
  }
  if (type == "image") {
    return "";
  }
  return show_text(&element, names, ansi);
}

std::string show_elements(const value& block, std::string_view separator, const Names& names,
                          Ansi ansi) {
  std::string shown;
  if (const array* elements = json::array(block, "elements")) {
    for (const value& element : *elements) {
      const std::string one = show_element(element, names, ansi);
      shown += (shown.empty() || one.empty() ? "" : std::string(separator)) + one;
    }
  }
  return shown;
}

std::string show_section(const value& block, const Names& names, Ansi ansi) {
  std::string shown = show_text(json::find(block, "text"), names, ansi);
  if (const array* fields = json::array(block, "fields")) {
    for (const value& field : *fields) {
      shown += (shown.empty() ? "" : "\n") + show_text(&field, names, ansi);
    }
  }
  const value* accessory = json::find(block, "accessory");
  if (accessory != nullptr && json::string(*accessory, "type") == "button") {
    shown += "  " + show_element(*accessory, names, ansi);
  }
  return shown;
}

std::string show_block(const value& block, const Names& names, Ansi ansi) {
  const std::string type = json::string(block, "type").value_or("");
  if (type == "header") {
    return styled(show_text(json::find(block, "text"), names, Ansi::never), bold, ansi);
  }
  if (type == "section") {
    return show_section(block, names, ansi);
  }
  if (type == "divider") {
    return styled("────────────────────────────────────────", dim, ansi);
  }
  if (type == "context") {
    return styled(show_elements(block, " ", names, Ansi::never), dim, ansi);
  }
  if (type == "actions") {
    return show_elements(block, "\n", names, ansi);
  }
  if (type == "image") {
    return "[image: " + escape_control(json::string(block, "alt_text").value_or("")) + "]";
  }
  return json::string(block, "text").value_or("");
}

}  // namespace

std::string show_mrkdwn(std::string_view mrkdwn, const Names& names, Ansi ansi) {
  std::string shown;
  std::size_t plain_from = 0;
  const auto flush = [&](std::size_t end) {
    shown += without_controls(decode_entities(mrkdwn.substr(plain_from, end - plain_from)));
  };
  for (std::size_t i = 0; i < mrkdwn.size();) {
    const std::size_t start = i;
    const std::string piece = show_piece(mrkdwn, i, names, ansi);
    if (i == start) {
      ++i;
      continue;
    }
    flush(start);
    shown += piece;
    plain_from = i;
  }
  flush(mrkdwn.size());
  return shown;
}

std::string show_message(const SlackMessage& message, const Names& names, Ansi ansi) {
  const auto seconds = parse_integer(message.ts.substr(0, message.ts.find('.'))).value_or(0);
  const std::string time =
      TimeZone::utc().format(TimePoint(std::chrono::seconds(seconds)), "%H:%M");
  const std::string_view margin = message.thread.empty() ? "" : thread_indent;
  std::string shown = std::string(margin) +
                      styled(escape_control(name_or(names.users, message.user, "")), bold, ansi) +
                      (message.from_bot ? " APP" : "") + "  " + styled(time, dim, ansi) + "\n";
  std::string content;
  const auto blocks = json::parse(message.blocks);
  if (blocks && blocks->is_array()) {
    for (const value& block : blocks->get_array()) {
      const std::string one = show_block(block, names, ansi);
      content += (content.empty() || one.empty() ? "" : "\n") + one;
    }
  } else {
    content = show_mrkdwn(message.text, names, ansi);
  }
  for (const std::string_view line : split(content, '\n')) {
    shown +=
        (line.empty() ? "" : std::string(margin) + std::string(indent) + std::string(line)) + "\n";
  }
  return shown;
}

}  // namespace bb::sim

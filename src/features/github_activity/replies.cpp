#include "features/github_activity/replies.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace bb::github_activity {
namespace {

void append_line(std::string& text, std::string_view line) {
  text += (text.empty() || line.empty() ? "" : "\n") + std::string(line);
}

std::string text_of(const chat::Text& spans) {
  std::string text;
  for (const chat::Span& span : spans) {
    text += span.text;
  }
  return text;
}

struct FallbackOf {
  std::string& text;

  void operator()(const chat::Header& header) const { append_line(text, header.text); }
  void operator()(const chat::Section& section) const { append_line(text, text_of(section.text)); }
  void operator()(const chat::Context& context) const { append_line(text, text_of(context.text)); }
  void operator()(const chat::Divider& /*divider*/) const {}
  // An address is of use where no button can be shown.
  void operator()(const chat::Buttons& buttons) const {
    for (const chat::Button& button : buttons.buttons) {
      append_line(text, button.url);
    }
  }
};

}  // namespace

chat::Message reply(std::vector<chat::Block> blocks) {
  chat::Message message{.fallback = {}, .blocks = std::move(blocks)};
  for (const chat::Block& block : message.blocks) {
    std::visit(FallbackOf{message.fallback}, block);
  }
  return message;
}

chat::Message reply(std::string text) {
  std::vector<chat::Block> blocks = sections_of(text);
  return {.fallback = std::move(text), .blocks = std::move(blocks)};
}

std::vector<chat::Block> sections_of(std::string_view text) {
  constexpr std::size_t most_bytes = 2'500;  // a section of Slack has 3,000 characters
  std::vector<chat::Block> sections;
  while (text.size() > most_bytes) {
    const std::size_t space = text.rfind(' ', most_bytes);
    const std::size_t end = std::min(space, most_bytes);
    sections.emplace_back(chat::Section{.text = {{.text = std::string(text.substr(0, end))}}});
    text.remove_prefix(space == std::string_view::npos ? end : end + 1);
  }
  sections.emplace_back(chat::Section{.text = {{.text = std::string(text)}}});
  return sections;
}

std::string time_text(const TimeZone& zone, TimePoint time) {
  return zone.format(time, "%Y-%m-%d %H:%M %Z");
}

std::string github_text(const LinkedMember& member, const TimeZone& zone) {
  std::string text = member.polled_at ? "GitHub last told me what you did at " +
                                            time_text(zone, *member.polled_at) + "."
                                      : "I have not heard from GitHub about you yet.";
  if (member.gone_since) {
    text += " It does not show your account since " + time_text(zone, *member.gone_since) + ".";
  } else if (!member.error.empty()) {
    text += " The last attempt failed. I try again by myself.";
  }
  return text;
}

std::string list_text(const std::vector<std::string>& names, std::size_t most_bytes) {
  std::vector<std::string> words;
  std::size_t bytes = 0;
  for (const std::string& name : names) {
    bytes += name.size() + 2;
    if (!words.empty() && bytes > most_bytes) {
      break;
    }
    words.push_back(name);
  }
  if (words.size() < names.size()) {
    words.push_back(std::to_string(names.size() - words.size()) + " more");
  }
  return join_words(words);
}

}  // namespace bb::github_activity

#include "features/feeds/post.hpp"

#include <utility>

#include "base/text.hpp"

namespace bb::feeds {
namespace {

// A message of Slack holds more; a channel is read by people.
constexpr std::size_t longest_text = 1'200;  // octets
constexpr std::size_t longest_title = 300;
constexpr std::size_t longest_name = 100;
constexpr std::size_t furthest_word_end = 60;

// At the end of a word, where one is near.
std::string cut(std::string_view text, std::size_t most) {
  text = trim(text);
  if (text.size() <= most) {
    return std::string(text);
  }
  const std::size_t end = text.find_last_of(" \n", most);
  const bool is_near = end != std::string_view::npos && end + furthest_word_end > most;
  return is_near ? std::string(trim(text.substr(0, end))) + " …" : truncate(text, most);
}

std::string name_for_people(std::string_view source) {
  static constexpr std::pair<std::string_view, std::string_view> names[] = {
      {"x", "X"}, {"mastodon", "Mastodon"}, {"bluesky", "Bluesky"}};
  for (const auto& [name, shown] : names) {
    if (name == source) {
      return std::string(shown);
    }
  }
  return "the web";
}

// Who reposts something is not its author.
std::string sender_of(const Posted& post) {
  const std::string_view author = trim(post.item.author);
  return cut(author.empty() || post.item.is_repost ? post.feed_name : author, longest_name);
}

// " Ben" of what Ada reposts; empty for what is her own.
std::string reposted_author(const Posted& post) {
  const std::string_view author = trim(post.item.author);
  return author.empty() || !post.item.is_repost ? std::string() : " " + cut(author, longest_name);
}

void add_small_print(chat::Text& text, chat::Span span) {
  if (!text.empty()) {
    text.push_back({.text = " · "});
  }
  text.push_back(std::move(span));
}

chat::Text small_print(const Posted& post, bool links_to_item) {
  const Item& item = post.item;
  chat::Text text;
  if (item.media > 0) {
    add_small_print(text, {.text = count_of(item.media, "attachment", "attachments")});
  }
  if (links_to_item && !item.url.empty()) {
    add_small_print(text, {.text = "open", .url = item.url});
  }
  for (const Twin& twin : post.twins) {
    add_small_print(text, {.text = "on " + name_for_people(twin.source), .url = twin.url});
  }
  return text;
}

// "Ada posted", "Ada reposted Ben", "Ada: a title"; the feed in a file may have no name.
chat::Text headline(const Posted& post, bool is_hidden) {
  const Item& item = post.item;
  chat::Text text;
  if (const std::string sender = sender_of(post); !sender.empty()) {
    text.push_back({.text = sender, .style = chat::Style::bold});
  }
  const std::string title = cut(item.title, longest_title);
  const std::string original = reposted_author(post);
  if (is_hidden) {
    text.push_back(
        {.text = (item.is_repost ? " reposted" : " posted") + original +
                 " with a content warning: " + cut(item.content_warning, longest_title)});
  } else if (title.empty()) {
    const std::string verb = item.is_repost ? "reposted" : item.is_reply ? "replied" : "posted";
    if (!text.empty()) {
      text.push_back({.text = " "});
    }
    text.push_back({.text = verb, .url = item.url});
    if (!original.empty()) {
      text.push_back({.text = original});
    }
  } else {
    if (!text.empty()) {
      text.push_back({.text = ": "});
    }
    text.push_back({.text = title, .url = item.url});
  }
  return text;
}

std::string fallback_of(const Posted& post, bool is_hidden) {
  const Item& item = post.item;
  std::string text = sender_of(post) + (item.is_repost ? " reposted" : "") + reposted_author(post);
  for (const std::string& part :
       {is_hidden ? item.content_warning : item.title, is_hidden ? std::string() : item.text}) {
    if (!trim(part).empty()) {
      text += (text.empty() ? "" : ": ") + cut(part, longest_title);
    }
  }
  return item.url.empty() ? text : text + " " + item.url;
}

}  // namespace

chat::Message render_post(const Posted& post, Look look) {
  const bool is_hidden = !trim(post.item.content_warning).empty();
  const bool is_preview = look == Look::preview && !is_hidden && !post.item.url.empty();
  chat::Message message{.fallback = fallback_of(post, is_hidden),
                        .blocks = {chat::Section{.text = headline(post, is_hidden)}},
                        .previews_links = is_preview};
  const std::string text = cut(post.item.text, longest_text);
  if (!is_preview && !is_hidden && !text.empty()) {
    message.blocks.emplace_back(chat::Section{.text = {{.text = text}}});
  }
  if (chat::Text print = small_print(post, is_hidden); !print.empty()) {
    message.blocks.emplace_back(chat::Context{.text = std::move(print)});
  }
  return message;
}

}  // namespace bb::feeds

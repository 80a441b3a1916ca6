#include "features/feeds/selection.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

#include "base/text.hpp"
#include "crypto/crypto.hpp"

namespace bb::feeds {
namespace {

constexpr std::string_view white_space = " \t\r\n";
constexpr std::ptrdiff_t shortest_copy = 20;  // letters; many people say "Thank you!"

bool is_word_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80;
}

// Of UTF-8: not the first octet of its letter.
bool is_continuation_octet(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

// Both in lower case. "c++" is found in "new in c++." and not in "abc++".
bool has_word(std::string_view text, std::string_view word) {
  for (std::size_t at = text.find(word); at != std::string_view::npos;
       at = text.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    const bool begins =
        at == 0 || !is_word_character(word.front()) || !is_word_character(text[at - 1]);
    const bool ends =
        end == text.size() || !is_word_character(word.back()) || !is_word_character(text[end]);
    if (begins && ends) {
      return true;
    }
  }
  return false;
}

bool has_hashtag(const Item& item, std::string_view text, std::string_view tag) {
  return std::ranges::find(item.hashtags, tag) != item.hashtags.end() ||
         has_word(text, "#" + std::string(tag));
}

bool is_address(std::string_view word) {
  return word.contains("://") || word.starts_with("www.") || word.contains('/');
}

}  // namespace

std::string reason_against(const Item& item, const FeedSettings& settings) {
  const std::string text = to_lower(item.title + "\n" + item.text + "\n" + item.content_warning);
  if (item.is_reply && !settings.replies) {
    return "a reply";
  }
  if (item.is_repost && !settings.reposts) {
    return "a repost";
  }
  if (item.is_prerelease && !settings.prereleases) {
    return "a pre-release";
  }
  if (!settings.suppress.empty() && has_word(text, settings.suppress)) {
    return "has the word " + settings.suppress;
  }
  const auto is_in_text = [&](const std::string& word) { return has_word(text, word); };
  if (!settings.words.empty() && std::ranges::none_of(settings.words, is_in_text)) {
    return "has none of the words";
  }
  const auto is_tagged = [&](const std::string& tag) { return has_hashtag(item, text, tag); };
  if (!settings.hashtags.empty() && std::ranges::none_of(settings.hashtags, is_tagged)) {
    return "has none of the hashtags";
  }
  return {};
}

std::string fingerprint_of(const Item& item) {
  if (!item.title.empty() || item.is_repost) {
    return {};
  }
  std::string text = to_lower(item.text);
  std::ranges::replace_if(text, [](char c) { return white_space.contains(c); }, ' ');
  std::string words;
  for (const std::string_view word : split(text, ' ')) {
    if (!is_address(word)) {
      std::ranges::copy_if(word, std::back_inserter(words), is_word_character);
    }
  }
  const auto letters =
      std::ranges::count_if(words, [](char c) { return !is_continuation_octet(c); });
  return letters < shortest_copy ? std::string() : crypto::to_hex(crypto::sha256(words));
}

}  // namespace bb::feeds

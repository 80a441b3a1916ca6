#include "features/feeds/formats/entry.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <map>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "base/text.hpp"
#include "crypto/crypto.hpp"

namespace bb::feeds {
namespace {

constexpr std::size_t longest_id = 300;
constexpr std::size_t hash_digits = 32;

std::string hash(std::string_view text) {
  return crypto::to_hex(crypto::sha256(text)).substr(0, hash_digits);
}

std::string key_of(const Entry& entry) {
  std::string key(trim(entry.id.empty() ? entry.link : entry.id));
  constexpr std::string_view old_scheme = "http://";
  if (equals_ignoring_case(key.substr(0, old_scheme.size()), old_scheme)) {
    key.replace(0, old_scheme.size(), "https://");
  }
  if (key.empty()) {
    return hash(entry.item.title.empty() ? entry.item.text : entry.item.title);
  }
  return key.size() > longest_id ? hash(key) : key;
}

bool says_nothing(const Entry& entry) {
  return trim(entry.id).empty() && trim(entry.link).empty() && entry.item.title.empty() &&
         entry.item.text.empty();
}

// The one without a date, or the last of the feed, counts as old: feeds begin with what is new.
std::size_t oldest_of(const std::vector<Entry>& entries, std::span<const std::size_t> places) {
  return *std::ranges::min_element(places, [&](std::size_t left, std::size_t right) {
    const auto& left_time = entries[left].item.published_at;
    const auto& right_time = entries[right].item.published_at;
    return left_time == right_time ? left > right : left_time < right_time;
  });
}

// Without those that repeat an earlier one.
std::vector<std::size_t> distinct(const std::vector<Entry>& entries,
                                  std::span<const std::size_t> places) {
  using Words = std::pair<std::string_view, std::string_view>;
  std::map<Words, std::size_t> first;
  for (const std::size_t place : places) {
    first.emplace(Words(entries[place].link, entries[place].item.title), place);
  }
  std::vector<std::size_t> result;
  std::ranges::transform(first, std::back_inserter(result),
                         [](const auto& one) { return one.second; });
  return result;
}

}  // namespace

std::vector<Item> with_ids(std::vector<Entry> entries) {
  std::erase_if(entries, says_nothing);
  std::map<std::string, std::vector<std::size_t>> places_by_key;
  for (std::size_t place = 0; place < entries.size(); ++place) {
    places_by_key[key_of(entries[place])].push_back(place);
  }
  for (const auto& [key, all_places] : places_by_key) {
    const std::vector<std::size_t> places = distinct(entries, all_places);
    const std::size_t oldest = oldest_of(entries, places);
    for (const std::size_t place : places) {
      Entry& entry = entries[place];
      entry.item.id =
          place == oldest ? key : key + " " + hash(entry.link + "\n" + entry.item.title);
    }
  }
  std::vector<Item> items;
  for (Entry& entry : entries) {
    if (!entry.item.id.empty()) {
      items.push_back(std::move(entry.item));
    }
  }
  return items;
}

bool is_prerelease(std::string_view version) {
  static constexpr std::string_view words[] = {"alpha",   "beta",       "rc",       "pre",
                                               "preview", "dev",        "snapshot", "canary",
                                               "nightly", "prerelease", "unstable"};
  const std::string lower = to_lower(version);
  const auto is_letter = [](char c) { return c >= 'a' && c <= 'z'; };
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  for (auto begin = lower.begin(); begin != lower.end();) {
    begin = std::find_if(begin, lower.end(), is_letter);
    const auto end = std::find_if_not(begin, lower.end(), is_letter);
    const std::string_view word(begin, end);
    const bool is_between_digits = begin != lower.begin() && is_digit(*std::prev(begin)) &&
                                   end != lower.end() && is_digit(*end);
    if (std::ranges::find(words, word) != std::end(words) ||
        (is_between_digits && (word == "a" || word == "b"))) {
      return true;
    }
    begin = end;
  }
  return false;
}

}  // namespace bb::feeds

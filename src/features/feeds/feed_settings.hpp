// What people can choose for a feed, as "name=value" words, which is also how it is stored.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace bb::feeds {

// The author and the link, whose preview the chat platform shows; or the text as well, without one.
enum class Look : std::uint8_t { preview, text };

struct FeedSettings {
  std::chrono::seconds delay = std::chrono::minutes(30);    // after publication
  std::chrono::seconds spacing = std::chrono::minutes(15);  // between two runs that post
  std::size_t burst = 1;                                    // items in a run
  std::string suppress = "#nobot";                          // keeps an item out
  std::vector<std::string> words = {};                      // an item has one of them; empty: any
  std::vector<std::string> hashtags = {};
  bool replies = false;
  bool reposts = false;
  bool prereleases = true;
  Look look = Look::preview;

  bool operator==(const FeedSettings&) const = default;
};

// One row per setting; docs/user-guide.md is tested against it.
struct Setting {
  std::string_view name;
  std::string_view help;
  Result<void> (*set)(FeedSettings& settings, std::string_view value);
  std::string (*get)(const FeedSettings& settings);
};
std::span<const Setting> setting_table();

bool is_assignment(std::string_view word);

// `settings` changed by "delay=1h", ...; an error says which word is not usable and why.
Result<FeedSettings> with_changes(FeedSettings settings, std::span<const std::string> words);

// Those that are not at their default: "delay=1h burst=2"; read again by from_text().
std::string to_text(const FeedSettings& settings);
FeedSettings from_text(std::string_view text);

}  // namespace bb::feeds

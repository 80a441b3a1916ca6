// What a digest counts: one row per kind of activity, in the order of output.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "github/event.hpp"

namespace bb::github_activity {

struct Link {
  std::string text;
  std::string url;
  bool operator==(const Link&) const = default;
};

struct Category {
  std::string_view key;       // stable, for settings: "pushes"
  std::string_view emoji;     // short name: "arrow_up"
  std::string_view symbol;    // the same emoji in Unicode
  std::string_view singular;  // "push"
  std::string_view plural;
  std::string_view lead;  // between the noun and its links: " to ", ": "
  bool (*matches)(const github::Event&);
  Link (*link)(const github::Event&);  // equal links are shown once
  // What to add to the text of a link, from all events that share it: " (12 commits)". Null:
  // nothing.
  std::string (*note)(std::span<const github::Event* const> events) = nullptr;
};

std::span<const Category> catalog();

// The row that counts `event`; null if none does, or if it is private or done by a bot.
const Category* find_category(const github::Event& event);

}  // namespace bb::github_activity

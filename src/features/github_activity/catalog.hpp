// What a digest counts: one row per kind of activity, in the order of output.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "github/event.hpp"

namespace bb::github_activity {

struct Link {
  std::string text;
  std::string path;  // below the web address of GitHub: "/fmtlib/fmt/pull/17"
  bool operator==(const Link&) const = default;
};

// Whether several members at one repository make a highlight.
enum class Highlighted : std::uint8_t { no, as_starred, as_contributed };

struct Category {
  std::string_view key;       // stable, for settings: "pushes"
  std::string_view emoji;     // short name: "arrow_up"
  std::string_view symbol;    // the same emoji in Unicode
  std::string_view singular;  // "push"
  std::string_view plural;
  std::string_view lead;  // between the noun and its links: " to ", ": "
  bool (*matches)(const github::Event&);
  Link (*link)(const github::Event&);  // those to one address are shown once, as the newest
  // What to add to the text of a link, from all events that share it: " (12 commits)". Null:
  // nothing.
  std::string (*note)(std::span<const github::Event* const> events) = nullptr;
  bool on_by_default = false;
  Highlighted highlighted = Highlighted::no;
  // The key of a row whose events are not shown beside those of this row that are about the same.
  std::string_view replaces = {};
  // Also where the events of this row are hidden or switched off: they cause the others.
  bool replaces_unshown = false;
  // What an event of this row is about. Null: the path of its link.
  std::string (*subject)(const github::Event&) = nullptr;
  // What tells links to one address apart. Null: nothing does.
  std::string (*distinction)(const github::Event&) = nullptr;
  // What people also call it, in lower case, separated by commas.
  std::string_view aliases = {};
};

std::span<const Category> catalog();

// False for what nobody is to see: private events, and what a bot did.
bool is_presentable(const github::Event& event);

// True where a review is taken back, so that what told of it before does not count.
bool is_dismissal(const github::Event& event);

// The row that counts `event`; null if none does.
const Category* find_category(const github::Event& event,
                              std::span<const Category> rows = catalog());

// The row of this key, these words ("stars", "pull requests") or an alias ("PRs"), in any case;
// null if there is none.
const Category* find_row(std::string_view words, std::span<const Category> rows = catalog());

}  // namespace bb::github_activity

#include "features/github_activity/hiding.hpp"

#include <algorithm>
#include <expected>
#include <vector>

#include "base/text.hpp"
#include "chat/nearest_word.hpp"
#include "features/github_activity/kinds.hpp"

namespace bb::github_activity {
namespace {

constexpr std::size_t longest_owner = 39;  // GitHub's limits
constexpr std::size_t longest_name = 100;
constexpr std::size_t most_listed = 10'000;  // octets: a message of Slack has 12,000 characters

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

// Of an account that an enterprise manages, the name has an underscore.
bool is_owner(std::string_view text) {
  return !text.empty() && text.size() <= longest_owner && is_alphanumeric(text.front()) &&
         std::ranges::all_of(text,
                             [](char c) { return is_alphanumeric(c) || c == '-' || c == '_'; });
}

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= longest_name && text != "." && text != ".." &&
         std::ranges::all_of(
             text, [](char c) { return is_alphanumeric(c) || c == '-' || c == '_' || c == '.'; });
}

std::vector<std::string> kind_words() {
  std::vector<std::string> words;
  for (const Category& row : catalog()) {
    words.emplace_back(row.plural);
  }
  return words;
}

bool is_everything(std::string_view words) {
  return equals_ignoring_case(words, "everything") || equals_ignoring_case(words, "all");
}

chat::Message unknown_hint(std::string_view command, std::string_view words) {
  std::vector<std::string> candidates = kind_words();
  for (const Category& row : catalog()) {
    candidates.emplace_back(row.singular);
  }
  const std::string nearest = chat::nearest_word(to_lower(words), candidates);
  const std::string verb(command);
  return reply("I know no kind of activity and no repository of that name, so nothing changed." +
               (nearest.empty() ? std::string() : " Did you mean " + verb + " " + nearest + "?") +
               " A repository is given as owner/name; say just hide for the kinds.");
}

// The words between commas and "and".
std::vector<std::string_view> parts_of(std::string_view words) {
  constexpr std::string_view conjunction = " and ";
  std::vector<std::string_view> parts;
  for (std::string_view part : split(words, ',')) {
    for (std::size_t at = 0; (at = part.find(conjunction)) != std::string_view::npos;) {
      parts.push_back(trim(part.substr(0, at)));
      part.remove_prefix(at + conjunction.size());
    }
    parts.push_back(trim(part));
  }
  std::erase_if(parts, [](std::string_view part) { return part.empty(); });
  return parts;
}

// All that is named, or the first words that name nothing.
std::expected<std::vector<Hideable>, std::string_view> find_all(std::string_view words) {
  std::vector<Hideable> found;
  for (const std::string_view part : parts_of(words)) {
    std::optional<Hideable> what = find_hideable(part);
    if (!what) {
      return std::unexpected(part);
    }
    found.push_back(*std::move(what));
  }
  if (found.empty()) {
    return std::unexpected(words);
  }
  return found;
}

std::string name_of(const Hideable& what) {
  const auto* const* row = std::get_if<const Category*>(&what);
  return row != nullptr ? std::string((*row)->plural) : std::get<std::string>(what);
}

// The set that it belongs to, and how it is written there.
struct Place {
  std::set<std::string>& set;
  std::string key;
};

Place place_of(Preferences& preferences, const Hideable& what) {
  if (const auto* const* row = std::get_if<const Category*>(&what)) {
    return {.set = preferences.hidden_kinds, .key = std::string((*row)->key)};
  }
  return {.set = preferences.hidden_repositories, .key = std::get<std::string>(what)};
}

// A kind that nobody sees here is not seen either once its member shows it.
std::string switched_off_note(storage::Connection& connection, const Asked& asked,
                              const Hideable& what) {
  const auto* const* row = std::get_if<const Category*>(&what);
  return row != nullptr && !kinds_of(connection, asked.workspace).is_on(**row)
             ? " Here, " + std::string((*row)->plural) + " are switched off for everybody, though."
             : "";
}

}  // namespace

std::optional<std::string> parse_repository(std::string_view text) {
  const std::string lower = to_lower(trim(text));
  std::string_view rest = lower;
  for (const std::string_view prefix : {"https://", "http://", "www.", "github.com/"}) {
    if (rest.starts_with(prefix)) {
      rest.remove_prefix(prefix.size());
    }
  }
  if (rest.ends_with('/')) {
    rest.remove_suffix(1);
  }
  if (rest.ends_with(".git")) {
    rest.remove_suffix(std::string_view(".git").size());
  }
  const std::size_t slash = rest.find('/');
  if (slash == std::string_view::npos || !is_owner(rest.substr(0, slash)) ||
      !is_name(rest.substr(slash + 1))) {
    return std::nullopt;
  }
  return std::string(rest);
}

std::optional<Hideable> find_hideable(std::string_view words) {
  if (const Category* row = find_row(words)) {
    return row;
  }
  if (std::optional<std::string> repository = parse_repository(words)) {
    return *std::move(repository);
  }
  return std::nullopt;
}

std::string hidden_text(const Preferences& preferences) {
  std::vector<std::string> names;
  for (const Category& row : catalog()) {
    if (preferences.hidden_kinds.contains(std::string(row.key))) {
      names.emplace_back(row.plural);
    }
  }
  names.insert(names.end(), preferences.hidden_repositories.begin(),
               preferences.hidden_repositories.end());
  return list_text(names, most_listed);
}

chat::Message hide(storage::Connection& connection, const Asked& asked) {
  Preferences preferences = asked.member.preferences;
  if (asked.arguments.empty()) {
    const std::string hidden = hidden_text(preferences);
    return reply(
        (hidden.empty() ? "You hide nothing." : "You hide " + hidden + ".") +
        " You can hide a repository (hide owner/name) or a kind of activity (hide stars): " +
        join_words(kind_words()) + ". To reverse it, say show and the same.");
  }
  if (is_everything(asked.arguments)) {
    return reply("To have nothing shown about you at all, say pause.");
  }
  const auto found = find_all(asked.arguments);
  if (!found) {
    return unknown_hint("hide", found.error());
  }
  std::vector<std::string> hidden_now;
  std::vector<std::string> hidden_before;
  for (const Hideable& what : *found) {
    const Place place = place_of(preferences, what);
    const bool is_new = place.set.insert(place.key).second;
    (is_new ? hidden_now : hidden_before).push_back(name_of(what));
  }
  if (preferences.hidden_repositories.size() > most_hidden_repositories) {
    return reply("You hide " + std::to_string(asked.member.preferences.hidden_repositories.size()) +
                 " repositories, and I cannot remember more than " +
                 std::to_string(most_hidden_repositories) +
                 ", so nothing changed. Say show and one of them first, or hide a kind of "
                 "activity.");
  }
  if (hidden_now.empty()) {
    return reply("I hide " + join_words(hidden_before) + " already, so nothing changed.");
  }
  store_preferences(connection, asked.workspace, asked.member.user, preferences);
  const std::string names = join_words(hidden_now);
  return reply("I hide " + names + " in your part of the summaries from now on. Say show " + names +
               " to reverse it.");
}

chat::Message show(storage::Connection& connection, const Asked& asked) {
  Preferences preferences = asked.member.preferences;
  if (asked.arguments.empty()) {
    const std::string hidden = hidden_text(preferences);
    return reply(hidden.empty()
                     ? "You hide nothing, so there is nothing more to show."
                     : "You hide " + hidden + ". Say show and one of these, or show everything.");
  }
  if (is_everything(asked.arguments)) {
    preferences.hidden_kinds.clear();
    preferences.hidden_repositories.clear();
    store_preferences(connection, asked.workspace, asked.member.user, preferences);
    return reply("I hide nothing in your part of the summaries any more.");
  }
  const auto found = find_all(asked.arguments);
  if (!found) {
    return unknown_hint("show", found.error());
  }
  std::vector<std::string> shown_now;
  std::vector<std::string> shown_before;
  std::string notes;
  for (const Hideable& what : *found) {
    const Place place = place_of(preferences, what);
    (place.set.erase(place.key) > 0 ? shown_now : shown_before).push_back(name_of(what));
    notes += switched_off_note(connection, asked, what);
  }
  if (shown_now.empty()) {
    return reply("I did not hide " + join_words(shown_before) + ", so nothing changed." + notes);
  }
  store_preferences(connection, asked.workspace, asked.member.user, preferences);
  return reply("I show " + join_words(shown_now) + " in your part of the summaries again." + notes);
}

}  // namespace bb::github_activity

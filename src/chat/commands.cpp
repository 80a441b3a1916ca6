#include "chat/commands.hpp"

#include <algorithm>
#include <numeric>

#include "base/text.hpp"

namespace bb::chat {
namespace {

// Levenshtein distance: how many letters apart two words are.
std::size_t distance(std::string_view left, std::string_view right) {
  std::vector<std::size_t> row(right.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < left.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < right.size(); ++j) {
      const std::size_t replaced = diagonal + (left[i] == right[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

// The command word within what was said: without a leading slash or the punctuation around it.
std::string spoken_word(std::string_view text) {
  text = trim(text);
  while (!text.empty() && std::string_view("/!`*_\"'").contains(text.front())) {
    text.remove_prefix(1);
  }
  while (!text.empty() && std::string_view("`*_\"'.!?").contains(text.back())) {
    text.remove_suffix(1);
  }
  return to_lower(trim(text));
}

}  // namespace

Message Commands::answer(storage::Connection& connection, const Caller& caller,
                         std::string_view text) const {
  const std::string word = spoken_word(text);
  if (word == "help") {
    return help();
  }
  const auto found = std::ranges::find(commands_, word, &Command::word);
  return found == commands_.end() ? hint(word) : found->run(connection, caller);
}

Message Commands::help() const {
  Text lines = {{.text =
                     "Hi, I am Busy Beaver. I post a summary of what our members do in public on "
                     "GitHub. Say one of these words to me:"}};
  std::string fallback = lines.front().text;
  for (const Command& command : commands_) {
    lines.push_back({.text = "\n"});
    lines.push_back({.text = command.word, .style = Style::bold});
    lines.push_back({.text = ": " + command.help});
    fallback += "\n" + command.word + ": " + command.help;
  }
  lines.push_back({.text = "\n"});
  lines.push_back({.text = "help", .style = Style::bold});
  lines.push_back({.text = ": shows this list"});
  fallback += "\nhelp: shows this list";
  return {.fallback = fallback, .blocks = {Section{.text = lines}}};
}

Message Commands::hint(std::string_view text) const {
  constexpr std::size_t longest_typo = 20;
  std::string nearest;
  if (text.size() <= longest_typo) {
    std::size_t best = 3;  // more letters apart is another word, not a typo
    for (const Command& command : commands_) {
      const std::size_t apart = distance(text, command.word);
      if (apart < best) {
        best = apart;
        nearest = command.word;
      }
    }
  }
  const std::string suggestion = nearest.empty()
                                     ? "I did not understand that."
                                     : "I did not understand that. Did you mean " + nearest + "?";
  return {.fallback = suggestion + " Say help to see what I can do.",
          .blocks = {Section{.text = {{.text = suggestion + " Say "},
                                      {.text = "help", .style = Style::bold},
                                      {.text = " to see what I can do."}}}}};
}

}  // namespace bb::chat

#include "chat/commands.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "chat/nearest_word.hpp"

namespace bb::chat {
namespace {

constexpr std::string_view markup = "`*_\"'";

std::string_view without_punctuation(std::string_view word) {
  while (!word.empty() && std::string_view("/!`*_\"'").contains(word.front())) {
    word.remove_prefix(1);
  }
  while (!word.empty() && std::string_view("`*_\"'.!?,:;").contains(word.back())) {
    word.remove_suffix(1);
  }
  return word;
}

// "*hide stars*" without its stars. Only in pairs: a name may end with an underscore.
std::string_view without_markup(std::string_view text) {
  while (text.size() >= 2 && text.front() == text.back() && markup.contains(text.front())) {
    text = trim(text.substr(1, text.size() - 2));
  }
  return text;
}

// What follows a command: the end of the sentence is no part of it.
std::string_view without_end(std::string_view text) {
  while (!text.empty() && std::string_view(".!?").contains(text.back())) {
    text.remove_suffix(1);
  }
  return without_markup(trim(text));
}

// White space of any kind, also between words, becomes one space.
std::string to_single_spaces(std::string_view text) {
  std::string result;
  while (!(text = trim(text)).empty()) {
    const std::size_t end = std::min(text.find_first_of(" \t\r\n\v\f"), text.find("\u00A0"));
    result += (result.empty() ? "" : " ") + std::string(text.substr(0, end));
    text.remove_prefix(std::min(end, text.size()));
  }
  return result;
}

Text usage(const Command& command) {
  Text text = {{.text = command.word, .style = Style::bold}};
  if (!command.arguments.empty()) {
    text.push_back({.text = " " + command.arguments});
  }
  return text;
}

std::string plain_text(const Text& text) {
  std::string result;
  for (const Span& span : text) {
    result += span.text;
  }
  return result;
}

Message of_text(Text text) {
  return {.fallback = plain_text(text), .blocks = {Section{.text = std::move(text)}}};
}

Message admins_hint(const Command& command) {
  return of_text({{.text = command.word, .style = Style::bold},
                  {.text = " is for admins and owners of this Slack workspace. Ask one of them, "
                           "or say "},
                  {.text = "help", .style = Style::bold},
                  {.text = " to see what I can do for you."}});
}

Message no_arguments_hint(const Command& command) {
  return of_text({{.text = "Nothing happened. Say just "},
                  {.text = command.word, .style = Style::bold},
                  {.text = ", without any words after it: it " + command.help + "."}});
}

}  // namespace

Spoken parse_spoken(std::string_view text) {
  const std::string spaced = to_single_spaces(text);
  const std::string_view said = without_markup(spaced);
  const std::size_t space = said.find(' ');
  Spoken spoken{.word = to_lower(without_punctuation(said.substr(0, space))), .arguments = {}};
  if (space != std::string_view::npos) {
    spoken.arguments = without_end(said.substr(space + 1));
  }
  return spoken;
}

bool is_channel_name(std::string_view word) {
  return word.starts_with('#') || (word.starts_with("<#") && word.ends_with('>'));
}

Result<Caller> Commands::prepare(Platform& platform, Caller caller, std::string_view text) const {
  const Spoken spoken = parse_spoken(text);
  const Command* command = find(spoken.word);
  if (command == nullptr || command->access != Access::admins) {
    return caller;
  }
  Result<Person> person = platform.person(caller.user);
  if (!person) {
    return fail(person.error());
  }
  caller.person = *std::move(person);
  if (!caller.person.is_admin) {
    return caller;
  }
  const auto words = split(spoken.arguments, ' ');
  const auto name = std::ranges::find_if(words, is_channel_name);
  if (name == words.end()) {
    return caller;
  }
  const bool is_link = name->starts_with('<');
  Result<Channel> channel =
      platform.find_channel(is_link ? name->substr(2, name->find_first_of("|>") - 2) : *name);
  if (channel) {
    caller.named = *std::move(channel);
  } else if (channel.error().code != ErrorCode::not_found) {
    return fail(channel.error());
  }
  return caller;
}

Message Commands::answer(storage::Connection& connection, const Caller& caller,
                         std::string_view text) const {
  const Spoken spoken = parse_spoken(text);
  if (spoken.word == "help") {
    return help();
  }
  const Command* found = find(spoken.word);
  if (found == nullptr) {
    return hint(spoken.word);
  }
  if (found->access == Access::admins && !caller.person.is_admin) {
    return admins_hint(*found);
  }
  if (found->arguments.empty() && !spoken.arguments.empty()) {
    return no_arguments_hint(*found);
  }
  return found->run(connection, caller, spoken.arguments);
}

const Command* Commands::find(std::string_view word) const {
  const auto found = std::ranges::find(commands_, word, &Command::word);
  return found == commands_.end() ? nullptr : &*found;
}

Message Commands::help() const {
  Text lines = {{.text =
                     "Hi, I am Busy Beaver. I post a summary of what our members do in public on "
                     "GitHub. Say one of these words to me:"}};
  for (const Command& command : commands_) {
    if (command.help.empty()) {
      continue;
    }
    lines.push_back({.text = "\n"});
    std::ranges::move(usage(command), std::back_inserter(lines));
    lines.push_back(
        {.text = ": " + command.help + (command.access == Access::admins ? " (for admins)" : "")});
  }
  lines.push_back({.text = "\n"});
  lines.push_back({.text = "help", .style = Style::bold});
  lines.push_back({.text = ": shows this list"});
  return of_text(std::move(lines));
}

std::string as_sentence(std::string text) {
  if (!text.ends_with('.') && !text.ends_with('?')) {
    text += '.';
  }
  return text;
}

Message Commands::hint(std::string_view word) const {
  std::vector<std::string> words;
  for (const Command& command : commands_) {
    words.push_back(command.word);
  }
  const std::string nearest = nearest_word(word, words);
  return of_text({{.text = "I did not understand that." +
                           (nearest.empty() ? "" : " Did you mean " + nearest + "?") + " Say "},
                  {.text = "help", .style = Style::bold},
                  {.text = " to see what I can do."}});
}

}  // namespace bb::chat

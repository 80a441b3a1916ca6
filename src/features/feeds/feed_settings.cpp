#include "features/feeds/feed_settings.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "base/time.hpp"

namespace bb::feeds {
namespace {

using std::chrono::seconds;

constexpr seconds longest_span = std::chrono::hours(7 * 24);
constexpr std::int64_t most_in_a_run = 20;
constexpr std::size_t most_filters = 20;
constexpr std::size_t longest_filter = 60;  // octets

Result<void> set_span(seconds& span, std::string_view value) {
  if (value == "0") {
    span = seconds(0);
    return {};
  }
  const Result<seconds> read = parse_span(value);
  if (!read || *read > longest_span) {
    return fail(ErrorCode::invalid_input, "is a span such as 30m or 2h, at most 7d");
  }
  span = *read;
  return {};
}

std::string span_text(seconds span) {
  const auto count = span.count();
  return count == 0          ? "0"
         : count % 3600 == 0 ? std::to_string(count / 3600) + "h"
         : count % 60 == 0   ? std::to_string(count / 60) + "m"
                             : std::to_string(count) + "s";
}

Result<void> set_flag(bool& flag, std::string_view value) {
  const std::string word = to_lower(value);
  if (word != "yes" && word != "no") {
    return fail(ErrorCode::invalid_input, "is yes or no");
  }
  flag = word == "yes";
  return {};
}

std::string flag_text(bool flag) {
  return flag ? "yes" : "no";
}

Result<void> set_list(std::vector<std::string>& list, std::string_view value) {
  std::vector<std::string> words;
  for (std::string_view word : split(value, ',')) {
    word = trim(word);
    if (word.starts_with('#')) {
      word.remove_prefix(1);
    }
    if (word.size() > longest_filter || words.size() == most_filters) {
      return fail(ErrorCode::invalid_input, "is a list of a few words, separated by commas");
    }
    if (!word.empty()) {
      words.push_back(to_lower(word));
    }
  }
  list = std::move(words);
  return {};
}

std::string list_text(const std::vector<std::string>& list) {
  std::string text;
  for (const std::string& word : list) {
    text += (text.empty() ? "" : ",") + word;
  }
  return text;
}

Result<void> set_burst(FeedSettings& settings, std::string_view value) {
  const auto count = parse_integer(value);
  if (!count || *count < 1 || *count > most_in_a_run) {
    return fail(ErrorCode::invalid_input, "is a number from 1 to " + std::to_string(most_in_a_run));
  }
  settings.burst = static_cast<std::size_t>(*count);
  return {};
}

Result<void> set_suppress(FeedSettings& settings, std::string_view value) {
  if (value.size() > longest_filter) {
    return fail(ErrorCode::invalid_input, "is one word");
  }
  settings.suppress = to_lower(value);
  return {};
}

Result<void> set_look(FeedSettings& settings, std::string_view value) {
  const std::string word = to_lower(value);
  if (word != "preview" && word != "text") {
    return fail(ErrorCode::invalid_input, "is preview or text");
  }
  settings.look = word == "text" ? Look::text : Look::preview;
  return {};
}

using Settings = FeedSettings;
using View = std::string_view;

constexpr std::array table = {
    Setting{"delay", "how long an item waits after its publication",
            [](Settings& to, View value) { return set_span(to.delay, value); },
            [](const Settings& of) { return span_text(of.delay); }},
    Setting{"spacing", "how long after a post the next one of the feed may follow",
            [](Settings& to, View value) { return set_span(to.spacing, value); },
            [](const Settings& of) { return span_text(of.spacing); }},
    Setting{"burst", "how many items are posted at a time", &set_burst,
            [](const Settings& of) { return std::to_string(of.burst); }},
    Setting{"suppress", "a word whose items are not posted", &set_suppress,
            [](const Settings& of) { return of.suppress; }},
    Setting{"words", "only items with one of these words",
            [](Settings& to, View value) { return set_list(to.words, value); },
            [](const Settings& of) { return list_text(of.words); }},
    Setting{"hashtags", "only items with one of these hashtags",
            [](Settings& to, View value) { return set_list(to.hashtags, value); },
            [](const Settings& of) { return list_text(of.hashtags); }},
    Setting{"replies", "whether replies are posted",
            [](Settings& to, View value) { return set_flag(to.replies, value); },
            [](const Settings& of) { return flag_text(of.replies); }},
    Setting{"reposts", "whether reposts of others are posted",
            [](Settings& to, View value) { return set_flag(to.reposts, value); },
            [](const Settings& of) { return flag_text(of.reposts); }},
    Setting{"prereleases", "whether pre-releases of software are posted",
            [](Settings& to, View value) { return set_flag(to.prereleases, value); },
            [](const Settings& of) { return flag_text(of.prereleases); }},
    Setting{
        "look", "preview: the link with its preview; text: the text instead", &set_look,
        [](const Settings& of) { return std::string(of.look == Look::text ? "text" : "preview"); }},
};

Result<void> change(FeedSettings& settings, std::string_view word) {
  const std::size_t equals = word.find('=');
  const std::string name = to_lower(word.substr(0, equals));
  const auto* setting = std::ranges::find(table, name, &Setting::name);
  if (equals == std::string_view::npos || setting == table.end()) {
    std::vector<std::string> names;
    for (const Setting& known : table) {
      names.emplace_back(known.name);
    }
    return fail(ErrorCode::invalid_input,
                "there is no setting '" + truncate(name, 40) + "', but " + join_words(names));
  }
  const std::string_view value = word.substr(equals + 1);
  if (value.find_first_of(" \t\r\n") != std::string_view::npos) {
    return fail(ErrorCode::invalid_input, name + " takes no spaces");
  }
  const Result<void> set = setting->set(settings, value);
  return set ? set : fail(ErrorCode::invalid_input, name + " " + set.error().message);
}

}  // namespace

std::span<const Setting> setting_table() {
  return table;
}

bool is_assignment(std::string_view word) {
  const std::string_view name = word.substr(0, word.find('='));
  return name.size() < word.size() && !name.empty() &&
         std::ranges::all_of(to_lower(name), [](char c) { return c >= 'a' && c <= 'z'; });
}

Result<FeedSettings> with_changes(FeedSettings settings, std::span<const std::string> words) {
  for (const std::string& word : words) {
    if (const Result<void> changed = change(settings, word); !changed) {
      return fail(changed.error());
    }
  }
  return settings;
}

std::string to_text(const FeedSettings& settings) {
  std::string text;
  for (const Setting& setting : table) {
    const std::string value = setting.get(settings);
    if (value != setting.get(FeedSettings{})) {
      text += (text.empty() ? "" : " ") + std::string(setting.name) + "=" + value;
    }
  }
  return text;
}

FeedSettings from_text(std::string_view text) {
  FeedSettings settings;
  for (const std::string_view word : split(text, ' ')) {
    static_cast<void>(change(settings, word));  // one of another version keeps its default
  }
  return settings;
}

}  // namespace bb::feeds

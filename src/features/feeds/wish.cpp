#include "features/feeds/wish.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.hpp"
#include "base/time.hpp"
#include "chat/commands.hpp"
#include "features/feeds/notices.hpp"

namespace bb::feeds {
namespace {

constexpr std::int64_t most_newest = 10;
constexpr std::string_view newest_name = "newest=";

constexpr std::array<std::pair<std::string_view, Action>, 13> actions = {
    {{"list", Action::list},
     {"show", Action::list},
     {"add", Action::add},
     {"watch", Action::add},
     {"test", Action::test},
     {"set", Action::set},
     {"change", Action::set},
     {"remove", Action::remove},
     {"delete", Action::remove},
     {"off", Action::remove},
     {"pause", Action::pause},
     {"resume", Action::resume},
     {"continue", Action::resume}}};

std::string time_text(TimePoint time) {
  return TimeZone::utc().format(std::chrono::floor<std::chrono::minutes>(time),
                                "%Y-%m-%d %H:%M UTC");
}

std::string settings_text(const FeedSettings& settings) {
  const std::string text = to_text(settings);
  return text.empty() ? "the usual settings" : text;
}

std::string health_of(const Feed& feed) {
  if (feed.state == FeedState::paused) {
    return "paused";
  }
  if (feed.state == FeedState::gone) {
    return "gone: " + feed.error;
  }
  if (feed.failing_since) {
    return "failing since " + time_text(*feed.failing_since) + ": " + feed.error +
           "; tried again at " + time_text(feed.next_poll_at);
  }
  std::string text =
      feed.polled_at ? "read at " + time_text(*feed.polled_at) : std::string("not read yet");
  if (feed.recovered_at) {
    text += ", works again since " + time_text(*feed.recovered_at);
  }
  return text;
}

}  // namespace

Result<Wish> parse_wish(std::string_view arguments) {
  Wish wish;
  bool has_action = false;
  for (const std::string_view word : split(arguments, ' ')) {
    const auto* action =
        std::ranges::find(actions, to_lower(word), &decltype(actions)::value_type::first);
    if (!has_action && action != actions.end()) {
      wish.action = action->second;
    } else if (chat::is_channel_name(word)) {
      wish.names_channel = true;
    } else if (is_assignment(word)) {
      wish.changes.emplace_back(word);
    } else if (!word.empty() && has_action) {
      wish.subject += (wish.subject.empty() ? "" : " ") + std::string(word);
    } else if (!word.empty()) {
      return fail(ErrorCode::invalid_input,
                  "I do not know what '" + truncate(escape_control(word), 60) + "' means there.");
    }
    has_action = true;
  }
  const Result<std::int64_t> newest = take_newest(wish.changes);
  if (!newest) {
    return fail(newest.error());
  }
  wish.newest = *newest;
  if (wish.action != Action::list && wish.subject.empty()) {
    return fail(ErrorCode::invalid_input, "Which feed?");
  }
  if (const auto settings = with_changes({}, wish.changes); !settings) {
    return fail(settings.error());
  }
  if (wish.action == Action::set && wish.changes.empty()) {
    return fail(ErrorCode::invalid_input, "Which setting? For example delay=1h.");
  }
  return wish;
}

Result<std::int64_t> take_newest(std::vector<std::string>& words) {
  std::int64_t newest = 0;
  for (const std::string& word : words) {
    if (!to_lower(word).starts_with(newest_name)) {
      continue;
    }
    newest = parse_integer(std::string_view(word).substr(newest_name.size())).value_or(-1);
    if (newest < 0 || newest > most_newest) {
      return fail(ErrorCode::invalid_input,
                  "newest is a number from 0 to " + std::to_string(most_newest));
    }
  }
  std::erase_if(words,
                [](const std::string& word) { return to_lower(word).starts_with(newest_name); });
  return newest;
}

Result<std::string> carry_out(storage::Connection& connection, const Feed& feed, const Wish& wish,
                              TimePoint now) {
  const std::string name = feed_for_people(feed);
  const auto told = [](const Result<void>& result, std::string text) -> Result<std::string> {
    return result ? Result<std::string>(std::move(text)) : fail(result.error());
  };
  switch (wish.action) {
    case Action::set: {
      const Result<FeedSettings> settings = with_changes(feed.settings, wish.changes);
      return settings ? told(change_settings(connection, feed, *settings),
                             name + " has " + settings_text(*settings) + " now.")
                      : fail(settings.error());
    }
    case Action::remove:
      return told(remove_feed(connection, feed), "I do not read " + name + " any more.");
    case Action::pause:
      return told(pause_feed(connection, feed), "Paused: nothing of " + name +
                                                    " is posted until you say feeds resume " +
                                                    feed.target.address + ".");
    case Action::resume:
      return told(resume_feed(connection, feed, now),
                  "I read " + name + " again, and post what comes from now on.");
    case Action::list:
    case Action::add:
    case Action::test:
      break;
  }
  return fail(ErrorCode::internal, "this is no change of a feed");
}

std::string describe(const Feed& feed, const std::optional<jobs::DisabledChannel>& disabled) {
  std::string text =
      feed_for_people(feed) + ": " + health_of(feed) + "\n  " + settings_text(feed.settings);
  if (disabled) {  // the chat platform has refused the last post
    text += "; nothing is posted, as " + disabled->explanation();
  } else if (feed.posted_at) {
    text += "; last post at " + time_text(*feed.posted_at);
  }
  if (feed.moved_at) {
    text += "; moved to this address at " + time_text(*feed.moved_at);
  }
  return text + "; added by " + who_added(feed);
}

std::string who_added(const Feed& feed) {
  return !feed.variable.empty()        ? "TWITTER_USERNAME"
         : feed.added_by.value.empty() ? "the command line"
                                       : feed.added_by.value;
}

std::string describe_budget(storage::Connection& connection, const ReadBudget& budget,
                            TimePoint now) {
  std::string text;
  for (const auto& [source, reads] : budget) {
    text += source + ": " + std::to_string(paid_reads(connection, source, now)) + " of " +
            std::to_string(reads) + " paid reads used this month\n";
  }
  return text;
}

std::string added_text(const Feed& feed) {
  const std::string backlog = feed.backlog.value_or(0) > 0
                                  ? ", beginning with its newest " + std::to_string(*feed.backlog)
                                  : std::string();
  return "I read " + feed_for_people(feed) + " from now on and post there what is new" + backlog +
         ", with " + settings_text(feed.settings) + ". To see how that looks, say feeds test " +
         feed.target.address + ".";
}

}  // namespace bb::feeds

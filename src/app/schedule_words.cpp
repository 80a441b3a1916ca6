#include "app/schedule_words.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "base/text.hpp"
#include "features/github_activity/summary_request.hpp"
#include "jobs/disabled_channels.hpp"

namespace bb::app {
namespace {

constexpr std::string_view example = "schedule digest #general 19:00 America/Chicago mon-fri";

constexpr std::array fillers = {"at",    "on",      "in",     "for",     "the",     "to",
                                "every", "a",       "digest", "digests", "summary", "set",
                                "post",  "channel", "time",   "from"};

constexpr std::array<std::pair<std::string_view, ScheduleAction>, 11> actions = {
    {{"list", ScheduleAction::list},
     {"show", ScheduleAction::list},
     {"off", ScheduleAction::remove},
     {"remove", ScheduleAction::remove},
     {"delete", ScheduleAction::remove},
     {"stop", ScheduleAction::remove},
     {"end", ScheduleAction::remove},
     {"cancel", ScheduleAction::remove},
     {"pause", ScheduleAction::pause},
     {"resume", ScheduleAction::resume},
     {"continue", ScheduleAction::resume}}};

chat::Message reply(std::string text) {
  return {.fallback = text, .blocks = {chat::Section{.text = {{.text = text}}}}};
}

// Reads words one by one; the remaining ones are days of the week.
class WishReader {
 public:
  explicit WishReader(std::string_view arguments) {
    for (std::string_view word : split(arguments, ' ')) {
      while (word.ends_with(',')) {
        word.remove_suffix(1);
      }
      if (!word.empty()) {
        words_.push_back(word);
      }
    }
  }

  Result<ScheduleWish> read() {
    while (at_ < words_.size()) {
      if (take_action() || take_channel() || take_time() || take_zone()) {
        continue;
      }
      const std::string_view word = words_[at_++];
      if (word.contains('/')) {
        return fail(TimeZone::find(word).error());
      }
      if (std::ranges::find(fillers, to_lower(word)) == fillers.end()) {
        days_ += (days_.empty() ? "" : " ") +
                 (equals_ignoring_case(word, "day") ? "daily" : std::string(word));
      }
    }
    if (says_twice_) {
      return fail(ErrorCode::invalid_input, "One time and one zone, please: which ones?");
    }
    if (!days_.empty()) {
      const auto weekdays = jobs::parse_weekdays(days_);
      if (!weekdays) {
        return fail(
            ErrorCode::invalid_input,
            "I do not know what '" + truncate(escape_control(days_), 60) + "' means there.");
      }
      wish_.weekdays = *weekdays;
    }
    if (wish_.action == ScheduleAction::list &&
        (wish_.names_channel || wish_.time_of_day || wish_.weekdays || wish_.zone)) {
      wish_.action = ScheduleAction::set;
    }
    return wish_;
  }

 private:
  bool take_action() {
    const auto* found =
        std::ranges::find(actions, to_lower(words_[at_]), &decltype(actions)::value_type::first);
    if (found == actions.end()) {
      return false;
    }
    wish_.action = found->second;
    ++at_;
    return true;
  }

  bool take_channel() {
    if (!chat::is_channel_name(words_[at_])) {
      return false;
    }
    wish_.names_channel = true;
    ++at_;
    return true;
  }

  // Also of two words: "7 pm".
  bool take_time() { return take_value(wish_.time_of_day, ' ', &jobs::parse_time_of_day); }

  // Also of two words: "America/New York".
  bool take_zone() { return take_value(wish_.zone, '_', &TimeZone::find); }

  template <class T>
  bool take_value(std::optional<T>& value, char between, Result<T> (*parse)(std::string_view)) {
    const std::string one(words_[at_]);
    const bool is_known = value.has_value();
    if (const Result<T> read = parse(one)) {
      value = *read;
      says_twice_ = says_twice_ || is_known;
      ++at_;
      return true;
    }
    if (at_ + 1 < words_.size()) {
      if (const Result<T> read = parse(one + between + std::string(words_[at_ + 1]))) {
        value = *read;
        says_twice_ = says_twice_ || is_known;
        at_ += 2;
        return true;
      }
    }
    return false;
  }

  std::vector<std::string_view> words_;
  std::size_t at_ = 0;
  std::string days_;
  bool says_twice_ = false;  // a time or a zone
  ScheduleWish wish_;
};

std::string timetable_text(const jobs::Timetable& timetable) {
  return "at " + jobs::to_text(timetable.time_of_day) + " (" + timetable.zone.name() + "), " +
         jobs::to_text(timetable.weekdays);
}

std::string next_text(const jobs::Schedule& schedule, TimePoint now) {
  return slot_text(schedule.timetable.zone, schedule.next(now).at);
}

std::string last_text(storage::Connection& connection, const jobs::Schedule& schedule) {
  const auto slots = jobs::past_slots(connection, schedule.key, 1);
  if (slots.empty()) {
    return "";
  }
  const jobs::PastSlot& last = slots.front();
  return " The last one, " + slot_text(schedule.timetable.zone, last.slot.at) + ": " +
         (last.skipped.empty() ? github_activity::outcome_text(connection, last.job)
                               : "skipped, " + last.skipped) +
         ".";
}

std::string disabled_text(storage::Connection& connection, const jobs::ScheduleKey& key) {
  const auto disabled = jobs::find_disabled(connection, key.workspace, key.channel);
  return disabled ? " Nothing is posted, as " + disabled->explanation() + "." : "";
}

std::string list_text(storage::Connection& connection, const WorkspaceId& workspace,
                      TimePoint now) {
  std::string text;
  for (const jobs::Schedule& schedule : jobs::list_schedules(connection, workspace)) {
    text += (text.empty() ? "" : "\n") + std::string("#") + schedule.channel_name + ": " +
            schedule.key.what + " " + timetable_text(schedule.timetable) + ". " +
            (schedule.enabled ? "The next one: " + next_text(schedule, now) : "Paused") + "." +
            last_text(connection, schedule) + disabled_text(connection, schedule.key) +
            (schedule.variable.empty() ? "" : " (Set by the variable DIGEST_CHANNEL.)");
  }
  return text.empty() ? "Nothing is scheduled yet. Say for example " + std::string(example) + "."
                      : text +
                            "\nTo change one, say it again with another time; to end it, "
                            "schedule off #channel. There are also schedule pause #channel and "
                            "schedule resume #channel.";
}

// What was said, completed by what is known.
Result<jobs::Timetable> complete(const ScheduleWish& wish,
                                 const std::optional<jobs::Schedule>& known,
                                 const chat::Person& person, const TimeZone& zone) {
  if (!wish.time_of_day && !known) {
    return fail(ErrorCode::invalid_input,
                "At what time? Say for example " + std::string(example) + ".");
  }
  jobs::Timetable timetable =
      known ? known->timetable
            : jobs::Timetable{.zone = TimeZone::find(person.time_zone).value_or(zone)};
  timetable.time_of_day = wish.time_of_day.value_or(timetable.time_of_day);
  timetable.weekdays = wish.weekdays.value_or(timetable.weekdays);
  timetable.zone = wish.zone.value_or(timetable.zone);
  return timetable;
}

std::string set_text(const jobs::Schedule& schedule, const chat::Channel& channel, TimePoint now) {
  return "I post the digest in #" + channel.name + " " + timetable_text(schedule.timetable) +
         ". The next one: " + next_text(schedule, now) + "." +
         (channel.bot_is_member ? ""
                                : " I am not in that channel yet: invite me there with /invite.") +
         " To end it, say schedule off #" + channel.name + ".";
}

class ScheduleCommand {
 public:
  ScheduleCommand(const Clock& clock, TimeZone zone) : clock_(clock), zone_(std::move(zone)) {}

  chat::Message operator()(storage::Connection& connection, const chat::Caller& caller,
                           std::string_view arguments) const {
    const Result<ScheduleWish> wish = parse_schedule_wish(arguments);
    if (!wish) {
      return reply("Nothing changed: " + chat::as_sentence(wish.error().message) +
                   " Say for example " + std::string(example) + ".");
    }
    if (wish->action == ScheduleAction::list) {
      return reply(list_text(connection, caller.workspace, clock_.now()));
    }
    if (!caller.named) {
      return reply(wish->names_channel
                       ? "I see no channel of that name. Invite me there with /invite, then say "
                         "this again."
                       : "Which channel? Say for example " + std::string(example) + ".");
    }
    const Result<std::string> done = carry_out(connection, caller, *wish);
    return reply(done ? *done : "Nothing changed: " + done.error().message);
  }

 private:
  Result<std::string> carry_out(storage::Connection& connection, const chat::Caller& caller,
                                const ScheduleWish& wish) const {
    const TimePoint now = clock_.now();
    const chat::Channel& channel = *caller.named;
    const jobs::ScheduleKey key{.workspace = caller.workspace,
                                .what = std::string(github_activity::scheduled_digest),
                                .channel = channel.id};
    const auto told = [&](const Result<void>& result, std::string text) -> Result<std::string> {
      return result ? Result<std::string>(std::move(text)) : fail(result.error());
    };
    switch (wish.action) {
      case ScheduleAction::remove:
        return told(jobs::remove_schedule(connection, key),
                    "I post no digest by itself in #" + channel.name + " any more.");
      case ScheduleAction::pause:
        return told(jobs::pause_schedule(connection, key, now),
                    "Paused: I post no digest in #" + channel.name +
                        " until you say schedule resume #" + channel.name + ".");
      case ScheduleAction::resume: {
        const auto schedule = jobs::resume_schedule(connection, key, now);
        return schedule ? Result<std::string>(set_text(*schedule, channel, now))
                        : fail(schedule.error());
      }
      case ScheduleAction::list:
      case ScheduleAction::set:
        break;
    }
    return set(connection, caller, key, wish);
  }

  Result<std::string> set(storage::Connection& connection, const chat::Caller& caller,
                          const jobs::ScheduleKey& key, const ScheduleWish& wish) const {
    const Result<jobs::Timetable> timetable =
        complete(wish, jobs::find_schedule(connection, key), caller.person, zone_);
    if (!timetable) {
      return fail(timetable.error());
    }
    const auto schedule = jobs::set_schedule(connection,
                                             {.key = key,
                                              .channel_name = caller.named->name,
                                              .timetable = *timetable,
                                              .configured_by = caller.user},
                                             clock_.now());
    if (!schedule) {
      return fail(schedule.error());
    }
    return set_text(*schedule, *caller.named, clock_.now());
  }

  const Clock& clock_;
  TimeZone zone_;
};

}  // namespace

Result<ScheduleWish> parse_schedule_wish(std::string_view arguments) {
  return WishReader(arguments).read();
}

std::string slot_text(const TimeZone& zone, TimePoint at) {
  const std::string day = zone.format(at, "%e");
  return zone.format(at, "%A, %B ") + std::string(trim(day)) + zone.format(at, ", %H:%M %Z (") +
         TimeZone::utc().format(at, "%H:%M UTC)");
}

chat::Command schedule_command(const Clock& clock, TimeZone zone) {
  return {.word = "schedule",
          .arguments = "digest #CHANNEL 19:00 America/Chicago mon-fri",
          .help = "posts the digest there every day at that time; alone it lists what is scheduled",
          .run = ScheduleCommand(clock, std::move(zone)),
          .access = chat::Access::admins};
}

}  // namespace bb::app

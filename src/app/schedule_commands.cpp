#include "app/schedule_commands.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <boost/json.hpp>
#include <ostream>

#include "base/text.hpp"
#include "features/github_activity/summary_request.hpp"
#include "jobs/disabled_channels.hpp"
#include "jobs/schedules.hpp"

namespace bb::app {
namespace {

using jobs::PastSlot;
using jobs::Schedule;
using jobs::Slot;

constexpr int done = 0;
constexpr int failed = 1;
constexpr int wrong_usage = 2;

constexpr int listed_runs = 3;
constexpr std::size_t listed_slots = 10;

int report(const Error& error, std::ostream& err) {
  err << "busy-beaver: " << error.message << "\n";
  return error.code == ErrorCode::invalid_input ? wrong_usage : failed;
}

Result<jobs::Timetable> timetable_of(const ScheduleOptions& options, const TimeZone& zone) {
  const auto time_of_day = jobs::parse_time_of_day(options.time);
  if (!time_of_day) {
    return fail(time_of_day.error().within("--time"));
  }
  const auto weekdays = jobs::parse_weekdays(options.weekdays);
  if (!weekdays) {
    return fail(weekdays.error().within("--weekdays"));
  }
  const auto chosen = options.timezone.empty() ? zone : TimeZone::find(options.timezone);
  if (!chosen) {
    return fail(chosen.error().within("--timezone"));
  }
  return jobs::Timetable{.time_of_day = *time_of_day, .weekdays = *weekdays, .zone = *chosen};
}

// Of the stored ones, by the id of the channel or the name that it had.
Result<Schedule> find_stored(storage::Connection& connection, const ScheduleOptions& options) {
  const Result<WorkspaceId> workspace = workspace_of(connection);
  if (!workspace) {
    return fail(workspace.error());
  }
  std::string_view name = options.channel;
  if (name.starts_with('#')) {
    name.remove_prefix(1);
  }
  for (const Schedule& schedule : jobs::list_schedules(connection, *workspace)) {
    if (schedule.key.what == options.what &&
        (schedule.key.channel.value == name || schedule.channel_name == name)) {
      return schedule;
    }
  }
  return fail(ErrorCode::not_found, "nothing is scheduled in '" +
                                        truncate(escape_control(options.channel), 80) +
                                        "'; busy-beaver schedule list shows what is");
}

std::string local_text(const Schedule& schedule, TimePoint at) {
  return schedule.timetable.zone.format(at, "%a %Y-%m-%d %H:%M %Z");
}

// What a list tells of one schedule.
struct Listed {
  Schedule schedule;
  std::optional<jobs::DisabledChannel> disabled;
  std::vector<Slot> next;
  std::vector<std::pair<PastSlot, std::string>> past;  // and what became of it; newest first
};

std::vector<Listed> read_list(storage::Connection& connection, const WorkspaceId& workspace,
                              TimePoint now) {
  std::vector<Listed> list;
  for (const Schedule& schedule : jobs::list_schedules(connection, workspace)) {
    Listed listed{
        .schedule = schedule,
        .disabled = jobs::find_disabled(connection, schedule.key.workspace, schedule.key.channel),
        .next = {},
        .past = {}};
    for (TimePoint after = now; schedule.enabled && listed.next.size() < listed_runs;
         after = listed.next.back().at) {
      listed.next.push_back(schedule.next(after));
    }
    for (const PastSlot& past : jobs::past_slots(connection, schedule.key, listed_slots)) {
      listed.past.emplace_back(past, past.skipped.empty()
                                         ? github_activity::outcome_text(connection, past.job)
                                         : past.skipped);
    }
    list.push_back(std::move(listed));
  }
  return list;
}

std::string set_by(const Schedule& schedule) {
  return !schedule.variable.empty()             ? "DIGEST_CHANNEL"
         : schedule.configured_by.value.empty() ? "the command line"
                                                : schedule.configured_by.value;
}

void print(const Listed& listed, std::ostream& out) {
  const Schedule& schedule = listed.schedule;
  const auto line = [&](std::string_view word, TimePoint at, std::string_view outcome) {
    out << fmt::format("  {:<8} {}  {}  {}", word, local_text(schedule, at), format_rfc3339(at),
                       outcome);
    out << "\n";
  };
  out << fmt::format("{} in #{} ({}) at {} {}, {}, set by {}{}\n", schedule.key.what,
                     escape_control(schedule.channel_name), schedule.key.channel.value,
                     jobs::to_text(schedule.timetable.time_of_day), schedule.timetable.zone.name(),
                     jobs::to_text(schedule.timetable.weekdays), set_by(schedule),
                     schedule.enabled ? "" : ": paused");
  if (listed.disabled) {
    out << fmt::format("  {:<8} {}\n", "disabled", escape_control(listed.disabled->explanation()));
  }
  for (const Slot& slot : listed.next) {
    line("next", slot.at, "");
  }
  bool is_last = true;
  for (const auto& [past, outcome] : listed.past) {
    if (!past.skipped.empty()) {
      line("skipped", past.slot.at, escape_control(outcome));
    } else if (std::exchange(is_last, false)) {
      line("last", past.slot.at, escape_control(outcome));
    }
  }
}

boost::json::object to_json(const Listed& listed) {
  const Schedule& schedule = listed.schedule;
  const auto time = [&](const Slot& slot) {
    return boost::json::object{{"day", format_day(slot.day)},
                               {"local", local_text(schedule, slot.at)},
                               {"utc", format_rfc3339(slot.at)}};
  };
  boost::json::array next;
  for (const Slot& slot : listed.next) {
    next.push_back(time(slot));
  }
  boost::json::array past;
  for (const auto& [slot, outcome] : listed.past) {
    boost::json::object told = time(slot.slot);
    told["job_id"] = slot.job.value;
    told["skipped"] = !slot.skipped.empty();
    told["outcome"] = outcome;
    past.push_back(std::move(told));
  }
  return {{"what", schedule.key.what},
          {"channel", schedule.key.channel.value},
          {"channel_name", schedule.channel_name},
          {"time", jobs::to_text(schedule.timetable.time_of_day)},
          {"weekdays", jobs::to_text(schedule.timetable.weekdays)},
          {"timezone", schedule.timetable.zone.name()},
          {"enabled", schedule.enabled},
          {"disabled", listed.disabled ? listed.disabled->reason : ""},
          {"set_by", set_by(schedule)},
          {"next", std::move(next)},
          {"past", std::move(past)}};
}

CLI::App* add_command(CLI::App& parent, ScheduleOptions& options, const std::string& name,
                      const std::string& help) {
  CLI::App* command = parent.add_subcommand(name, help);
  command->add_option("what", options.what, "What is posted")
      ->check(CLI::IsMember({std::string(github_activity::scheduled_digest)}))
      ->capture_default_str();
  command->add_option("--channel", options.channel, "The channel, by name or id")
      ->option_text("CHANNEL")
      ->required();
  return command;
}

}  // namespace

CLI::App* add_schedule_set(CLI::App& parent, ScheduleOptions& options) {
  CLI::App* command = add_command(parent, options, "set", "Post a digest by itself every day");
  command->add_option("--time", options.time, "Local time, such as 19:00")
      ->option_text("TIME")
      ->required();
  command
      ->add_option("--timezone", options.timezone,
                   "IANA zone of that time and of the digest's dates; DIGEST_TIMEZONE without it")
      ->option_text("ZONE");
  command->add_option("--weekdays", options.weekdays, "Such as mon-fri or sat,sun")
      ->option_text("DAYS")
      ->capture_default_str();
  command->footer(
      "A running service follows within a second. A channel has one schedule: this replaces it.\n\n"
      "Example:\n"
      "  busy-beaver schedule set digest --channel general --time 19:00 \\\n"
      "    --timezone America/Chicago --weekdays mon-fri");
  return command;
}

CLI::App* add_schedule_list(CLI::App& parent, ScheduleOptions& options) {
  CLI::App* command = parent.add_subcommand(
      "list", "Show what is scheduled: the next runs, the last one and skipped ones");
  command->add_option("--at", options.at, "The next runs after this time, 2026-11-22T19:00:00Z")
      ->option_text("TIME");
  command->add_flag("--json", options.json, "As JSON");
  command->footer("Examples:\n  busy-beaver schedule list\n  busy-beaver schedule list --json");
  return command;
}

CLI::App* add_schedule_change(CLI::App& parent, ScheduleOptions& options, const std::string& name,
                              const std::string& help) {
  CLI::App* command = add_command(parent, options, name, help);
  command->footer("Example:\n  busy-beaver schedule " + name + " digest --channel general");
  return command;
}

int set_schedule(storage::Database& database, const ScheduleOptions& options, const TimeZone& zone,
                 const FindChannel& find_channel, const Clock& clock, std::ostream& out,
                 std::ostream& err) {
  const Result<jobs::Timetable> timetable = timetable_of(options, zone);
  if (!timetable) {
    return report(timetable.error(), err);
  }
  const Result<WorkspaceId> workspace = database.read(workspace_of);
  if (!workspace) {
    return report(workspace.error(), err);
  }
  const Result<chat::Channel> channel = channel_of(options.channel, find_channel, err);
  if (!channel) {
    return report(channel.error(), err);
  }
  const TimePoint now = clock.now();
  const auto schedule = database.write([&](storage::Connection& connection) {
    return jobs::set_schedule(
        connection,
        {.key = {.workspace = *workspace, .what = options.what, .channel = channel->id},
         .channel_name = channel->name,
         .timetable = *timetable},
        now);
  });
  if (!schedule) {
    return report(schedule.error(), err);
  }
  print({.schedule = *schedule, .disabled = {}, .next = {schedule->next(now)}, .past = {}}, out);
  return done;
}

int list_schedules(storage::Database& database, const ScheduleOptions& options, const Clock& clock,
                   std::ostream& out, std::ostream& err) {
  const Result<TimePoint> at = options.at.empty() ? clock.now() : parse_rfc3339(options.at);
  if (!at) {
    return report(at.error().within("--at"), err);
  }
  const auto list =
      database.read([&](storage::Connection& connection) -> Result<std::vector<Listed>> {
        const Result<WorkspaceId> workspace = workspace_of(connection);
        if (!workspace) {
          return fail(workspace.error());
        }
        return read_list(connection, *workspace, *at);
      });
  if (!list) {
    return report(list.error(), err);
  }
  if (options.json) {
    boost::json::array schedules;
    for (const Listed& listed : *list) {
      schedules.push_back(to_json(listed));
    }
    out << boost::json::serialize(boost::json::object{{"schedules", std::move(schedules)}}) << "\n";
    return done;
  }
  if (list->empty()) {
    err << "Nothing is scheduled yet: busy-beaver schedule set digest --channel CHANNEL --time "
           "19:00\n";
  }
  for (const Listed& listed : *list) {
    print(listed, out);
  }
  return done;
}

int change_schedule(storage::Database& database, const ScheduleOptions& options,
                    std::string_view name, const Clock& clock, std::ostream& out,
                    std::ostream& err) {
  const auto changed = database.write([&](storage::Connection& connection) -> Result<Schedule> {
    const TimePoint now = clock.now();
    Result<Schedule> schedule = find_stored(connection, options);
    if (!schedule) {
      return schedule;
    }
    if (name == "resume") {
      return jobs::resume_schedule(connection, schedule->key, now);
    }
    const Result<void> ended = name == "pause"
                                   ? jobs::pause_schedule(connection, schedule->key, now)
                                   : jobs::remove_schedule(connection, schedule->key);
    return ended ? schedule : fail(ended.error());
  });
  if (!changed) {
    return report(changed.error(), err);
  }
  out << fmt::format("{}d {} in #{}\n", name, changed->key.what,
                     escape_control(changed->channel_name));
  return done;
}

}  // namespace bb::app

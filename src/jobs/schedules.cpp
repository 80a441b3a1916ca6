#include "jobs/schedules.hpp"

#include <fmt/format.h>

#include "jobs/disabled_channels.hpp"

namespace bb::jobs {
namespace {

constexpr std::string_view columns =
    "workspace_id, what, channel, channel_name, time_of_day, weekdays, zone, enabled, "
    "configured_by, variable, settled_until, settled_day, next_at, revision";

std::optional<std::chrono::year_month_day> optional_day(const std::string& text) {
  const auto day = parse_day(text);
  return day ? std::optional(*day) : std::nullopt;
}

std::string text_of(const std::optional<std::chrono::year_month_day>& day) {
  return day ? format_day(*day) : std::string();
}

Result<Timetable> timetable_of(const storage::Row& row) {
  const auto time_of_day = parse_time_of_day(row.text(4));
  if (!time_of_day) {
    return fail(time_of_day.error());
  }
  const auto weekdays = parse_weekdays(row.text(5));
  if (!weekdays) {
    return fail(weekdays.error());
  }
  const auto zone = TimeZone::find(row.text(6));
  if (!zone) {
    return fail(zone.error());
  }
  return Timetable{.time_of_day = *time_of_day, .weekdays = *weekdays, .zone = *zone};
}

// What is stored was checked, but another system may not know the zone.
Result<Schedule> schedule_of(const storage::Row& row) {
  const Result<Timetable> timetable = timetable_of(row);
  if (!timetable) {
    return fail(timetable.error().within(
        fmt::format("the schedule {} of channel {}", row.text(1), row.text(2))));
  }
  return Schedule{
      .key = {.workspace = {row.text(0)}, .what = row.text(1), .channel = {row.text(2)}},
      .channel_name = row.text(3),
      .timetable = *timetable,
      .enabled = row.boolean(7),
      .configured_by = {row.text(8)},
      .variable = row.text(9),
      .settled = {.until = row.time(10), .day = optional_day(row.text(11))},
      .next_at = row.time(12),
      .revision = row.integer(13)};
}

std::unexpected<Error> no_schedule() {
  return fail(ErrorCode::not_found, "there is no such schedule");
}

std::unexpected<Error> set_elsewhere(const std::string& variable) {
  return fail(ErrorCode::conflict,
              fmt::format("this schedule is set by DIGEST_CHANNEL={}: change that variable, "
                          "DIGEST_TIME, DIGEST_TIMEZONE or DIGEST_WEEKDAYS and start again",
                          variable));
}

// The schedule, if people may change it.
Result<Schedule> find_changeable(storage::Connection& connection, const ScheduleKey& key) {
  std::optional<Schedule> schedule = find_schedule(connection, key);
  if (!schedule) {
    return no_schedule();
  }
  if (!schedule->variable.empty()) {
    return set_elsewhere(schedule->variable);
  }
  return *std::move(schedule);
}

// The day of the last slot that was not skipped, whatever the timetable was then.
std::optional<std::chrono::year_month_day> last_day(storage::Connection& connection,
                                                    const ScheduleKey& key) {
  const auto rows = connection.query(
      "SELECT day FROM schedule_slot WHERE workspace_id = $1 AND what = $2 AND channel = $3 AND "
      "job_id <> '' ORDER BY at DESC LIMIT 1",
      {key.workspace, key.what, key.channel});
  return rows.empty() ? std::nullopt : optional_day(rows[0].text(0));
}

}  // namespace

std::vector<Schedule> list_schedules(storage::Connection& connection,
                                     const WorkspaceId& workspace) {
  std::vector<Schedule> schedules;
  for (const storage::Row& row : connection.query(
           fmt::format("SELECT {} FROM schedule WHERE workspace_id = $1 ORDER BY what, "
                       "channel_name, channel",
                       columns),
           {workspace})) {
    if (Result<Schedule> schedule = schedule_of(row)) {
      schedules.push_back(*std::move(schedule));
    }
  }
  return schedules;
}

std::optional<Schedule> find_schedule(storage::Connection& connection, const ScheduleKey& key) {
  const auto rows = connection.query(
      fmt::format("SELECT {} FROM schedule WHERE workspace_id = $1 AND what = $2 AND channel = $3",
                  columns),
      {key.workspace, key.what, key.channel});
  if (rows.empty()) {
    return std::nullopt;
  }
  const Result<Schedule> schedule = schedule_of(rows[0]);
  return schedule ? std::optional(*schedule) : std::nullopt;
}

std::vector<Result<Schedule>> schedules_due(storage::Connection& connection, std::string_view what,
                                            TimePoint by) {
  std::vector<Result<Schedule>> schedules;
  for (const storage::Row& row : connection.query(
           fmt::format("SELECT {} FROM schedule WHERE what = $1 AND enabled = 1 AND next_at <= $2 "
                       "ORDER BY next_at",
                       columns),
           {what, by})) {
    schedules.push_back(schedule_of(row));
  }
  return schedules;
}

Result<Schedule> set_schedule(storage::Connection& connection, const NewSchedule& schedule,
                              TimePoint now) {
  const ScheduleKey& key = schedule.key;
  const std::optional<Schedule> known = find_schedule(connection, key);
  if (known && !known->variable.empty() && schedule.variable.empty()) {
    return set_elsewhere(known->variable);
  }
  if (schedule.variable.empty()) {
    enable(connection, key.workspace, key.channel);
  }
  if (known && known->enabled && known->timetable == schedule.timetable &&
      known->variable == schedule.variable) {
    return *known;
  }
  const Settled settled{.until = now, .day = last_day(connection, key)};
  const Timetable& timetable = schedule.timetable;
  const auto rows = connection.query(
      fmt::format(
          "INSERT INTO schedule ({}, created_at, changed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, "
          "1, $8, $9, $10, $11, $12, 1, $10, $10) ON CONFLICT (workspace_id, what, channel) DO "
          "UPDATE SET channel_name = excluded.channel_name, time_of_day = excluded.time_of_day, "
          "weekdays = excluded.weekdays, zone = excluded.zone, enabled = 1, configured_by = "
          "excluded.configured_by, variable = excluded.variable, settled_until = "
          "excluded.settled_until, settled_day = excluded.settled_day, next_at = "
          "excluded.next_at, revision = schedule.revision + 1, changed_at = excluded.changed_at "
          "RETURNING {}",
          columns, columns),
      {key.workspace, key.what, key.channel, schedule.channel_name, to_text(timetable.time_of_day),
       to_text(timetable.weekdays), timetable.zone.name(), schedule.configured_by,
       schedule.variable, now, text_of(settled.day), plan(timetable, settled, now).next.at});
  return schedule_of(rows.at(0)).value();
}

Result<void> remove_schedule(storage::Connection& connection, const ScheduleKey& key) {
  const Result<Schedule> known = find_changeable(connection, key);
  if (!known) {
    return fail(known.error());
  }
  connection.execute("DELETE FROM schedule WHERE workspace_id = $1 AND what = $2 AND channel = $3",
                     {key.workspace, key.what, key.channel});
  return {};
}

Result<void> pause_schedule(storage::Connection& connection, const ScheduleKey& key,
                            TimePoint now) {
  const Result<Schedule> known = find_changeable(connection, key);
  if (!known) {
    return fail(known.error());
  }
  connection.execute(
      "UPDATE schedule SET enabled = 0, revision = revision + 1, changed_at = $4 WHERE "
      "workspace_id = $1 AND what = $2 AND channel = $3",
      {key.workspace, key.what, key.channel, now});
  return {};
}

Result<Schedule> resume_schedule(storage::Connection& connection, const ScheduleKey& key,
                                 TimePoint now) {
  const Result<Schedule> known = find_changeable(connection, key);
  if (!known || known->enabled) {
    return known;
  }
  return set_schedule(connection,
                      {.key = key,
                       .channel_name = known->channel_name,
                       .timetable = known->timetable,
                       .configured_by = known->configured_by},
                      now);
}

std::int64_t remove_schedules_of_environment(storage::Connection& connection,
                                             const WorkspaceId& workspace,
                                             const std::optional<ChannelId>& channel) {
  return connection.execute(
      "DELETE FROM schedule WHERE workspace_id = $1 AND variable <> '' AND channel <> $2",
      {workspace, channel.value_or(ChannelId{})});
}

bool advance(storage::Connection& connection, const Schedule& read, const Settled& settled,
             TimePoint next_at) {
  return connection.execute(
             "UPDATE schedule SET settled_until = $5, settled_day = $6, next_at = $7, revision = "
             "revision + 1 WHERE workspace_id = $1 AND what = $2 AND channel = $3 AND revision = "
             "$4 AND enabled = 1",
             {read.key.workspace, read.key.what, read.key.channel, read.revision, settled.until,
              text_of(settled.day), next_at}) == 1;
}

std::vector<PastSlot> past_slots(storage::Connection& connection, const ScheduleKey& key,
                                 std::size_t most) {
  std::vector<PastSlot> slots;
  for (const storage::Row& row : connection.query(
           "SELECT day, at, job_id, skipped FROM schedule_slot WHERE workspace_id = $1 AND what = "
           "$2 AND channel = $3 ORDER BY at DESC LIMIT $4",
           {key.workspace, key.what, key.channel, most})) {
    slots.push_back({.slot = {.day = parse_day(row.text(0)).value_or(std::chrono::year_month_day{}),
                              .at = row.time(1)},
                     .job = {row.text(2)},
                     .skipped = row.text(3)});
  }
  return slots;
}

void add_slot(storage::Connection& connection, const ScheduleKey& key, const PastSlot& slot) {
  connection.execute(
      "INSERT INTO schedule_slot (workspace_id, what, channel, day, at, job_id, skipped) VALUES "
      "($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (workspace_id, what, channel, day) DO UPDATE SET "
      "at = excluded.at, job_id = excluded.job_id, skipped = excluded.skipped WHERE "
      "schedule_slot.job_id = ''",
      {key.workspace, key.what, key.channel, format_day(slot.slot.day), slot.slot.at, slot.job,
       slot.skipped});
}

std::optional<std::string> skip_if_unwanted(storage::Connection& connection, const ScheduleKey& key,
                                            const Slot& slot, TimePoint now) {
  const std::optional<Schedule> schedule = find_schedule(connection, key);
  std::string reason;
  if (!schedule) {
    reason = "the schedule was removed";
  } else if (!schedule->enabled) {
    reason = "paused";
  } else if (now - slot.at > catch_up_for) {
    reason = too_late;
  } else if (const auto disabled = find_disabled(connection, key.workspace, key.channel)) {
    reason = disabled->explanation();
  } else {
    return std::nullopt;
  }
  connection.execute(
      "UPDATE schedule_slot SET skipped = $5 WHERE workspace_id = $1 AND what = $2 AND channel = "
      "$3 AND day = $4",
      {key.workspace, key.what, key.channel, format_day(slot.day), reason});
  return reason;
}

std::int64_t clean_slots(storage::Connection& connection, TimePoint before) {
  return connection.execute("DELETE FROM schedule_slot WHERE at < $1", {before});
}

}  // namespace bb::jobs

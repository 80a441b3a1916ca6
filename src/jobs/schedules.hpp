// The schedules of workspaces: how people set them, and what became of their slots.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"
#include "jobs/schedule.hpp"
#include "storage/database.hpp"

namespace bb::jobs {

// A channel has one schedule of a kind at most.
struct ScheduleKey {
  WorkspaceId workspace;
  std::string what;  // "digest"
  ChannelId channel;
};

struct NewSchedule {
  ScheduleKey key;
  std::string channel_name = {};
  Timetable timetable;
  UserId configured_by = {};  // empty: the command line or the environment
  std::string variable = {};  // set by the environment: the variable's value
};

struct Schedule {
  ScheduleKey key;
  std::string channel_name;
  Timetable timetable;
  bool enabled = true;
  UserId configured_by;  // whom to tell when it cannot be carried out
  std::string variable;
  Settled settled;
  TimePoint next_at;
  std::int64_t revision = 0;

  // The first slot after `now`.
  [[nodiscard]] Slot next(TimePoint now) const { return plan(timetable, settled, now).next; }
};

// One whose zone this system does not know is left out.
std::vector<Schedule> list_schedules(storage::Connection& connection, const WorkspaceId& workspace);
std::optional<Schedule> find_schedule(storage::Connection& connection, const ScheduleKey& key);

// Of all workspaces, the enabled ones of a kind that have to be looked at by then. An error names
// one that cannot be carried out.
std::vector<Result<Schedule>> schedules_due(storage::Connection& connection, std::string_view what,
                                            TimePoint by);

// Adds or changes and resumes it, and enables its channel unless the environment sets it, which
// says the same at every start. Slots before `now` are none of a changed one. Nothing changes if
// it is like that already. conflict: it is the environment's, and `schedule` is not.
Result<Schedule> set_schedule(storage::Connection& connection, const NewSchedule& schedule,
                              TimePoint now);

// not_found: there is none; conflict: it is the environment's. A slot that is missed while paused
// is not caught up.
Result<void> remove_schedule(storage::Connection& connection, const ScheduleKey& key);
Result<void> pause_schedule(storage::Connection& connection, const ScheduleKey& key, TimePoint now);
Result<Schedule> resume_schedule(storage::Connection& connection, const ScheduleKey& key,
                                 TimePoint now);

// Removes what the environment had set, except for `channel`, if it is given.
std::int64_t remove_schedules_of_environment(storage::Connection& connection,
                                             const WorkspaceId& workspace,
                                             const std::optional<ChannelId>& channel);

// Writes down how far it is; false if it is not as `read` any more, or was paused.
bool advance(storage::Connection& connection, const Schedule& read, const Settled& settled,
             TimePoint next_at);

// What became of a slot.
struct PastSlot {
  Slot slot;
  JobId job = {};            // empty: none was enqueued
  std::string skipped = {};  // why nothing happened, empty if it did
};

// The newest ones first.
std::vector<PastSlot> past_slots(storage::Connection& connection, const ScheduleKey& key,
                                 std::size_t most);

// Adds it unless that day has one with a job.
void add_slot(storage::Connection& connection, const ScheduleKey& key, const PastSlot& slot);

// Why the job of a slot is not to do its work any more: the schedule was removed or paused since,
// it is too late, or the channel is disabled. Writes that down with the slot. Call it in the
// transaction that would do the work.
std::optional<std::string> skip_if_unwanted(storage::Connection& connection, const ScheduleKey& key,
                                            const Slot& slot, TimePoint now);

inline const std::string too_late =
    "more than " + std::to_string(catch_up_for.count()) + " hours late";

// Forgets slots before `before`.
std::int64_t clean_slots(storage::Connection& connection, TimePoint before);

}  // namespace bb::jobs

#include "jobs/scheduler.hpp"

#include <fmt/format.h>

#include "base/log.hpp"

namespace bb::jobs {
namespace {

// How often schedules that are not due are looked at: the clock may have gone back, and since the
// last start the rules of a zone may have changed.
constexpr std::chrono::hours look_at_all_every(1);

std::string slot_key(const ScheduleKey& key, const Slot& slot) {
  return fmt::format("{}:{}:{}:{}", key.what, key.workspace.value, key.channel.value,
                     format_day(slot.day));
}

void log_skipped(const ScheduleKey& key, const Slot& slot, std::string_view reason) {
  log::warning("schedule_skipped", {{"what", key.what},
                                    {"workspace", key.workspace.value},
                                    {"channel", key.channel.value},
                                    {"slot", format_rfc3339(slot.at)},
                                    {"reason", reason}});
}

}  // namespace

bool Scheduler::enqueue_due() {
  const TimePoint now = clock_.now();
  const bool all = now - looked_at_all_ >= look_at_all_every || now < looked_at_all_;
  if (all) {
    looked_at_all_ = now;
  }
  bool enqueued = false;
  for (const Kind& kind : kinds_) {
    const auto schedules = database_.read([&](storage::Connection& connection) {
      return schedules_due(connection, kind.what, all ? TimePoint::max() : now);
    });
    for (const Result<Schedule>& schedule : schedules) {
      if (schedule) {
        enqueued = settle(kind, *schedule) || enqueued;
      } else if (all) {
        log::error("schedule_unusable", {{"error", schedule.error().message}});
      }
    }
  }
  return enqueued;
}

bool Scheduler::settle(const Kind& kind, const Schedule& schedule) {
  const Plan plan = jobs::plan(schedule.timetable, schedule.settled, clock_.now());
  if (plan.settled == schedule.settled && plan.next.at == schedule.next_at) {
    return false;
  }
  struct Fired {
    bool is_ours = false;
    std::optional<JobId> job = std::nullopt;
  };
  const auto [is_ours, job] = database_.write([&](storage::Connection& connection) -> Fired {
    if (!advance(connection, schedule, plan.settled, plan.next.at)) {
      return {};  // another instance was faster, or somebody has just changed it
    }
    for (const Slot& slot : plan.missed) {
      add_slot(connection, schedule.key, {.slot = slot, .skipped = too_late});
    }
    if (!plan.due) {
      return {.is_ours = true};
    }
    NewJob due = kind.job(schedule, *plan.due);
    due.unique_key = slot_key(schedule.key, *plan.due);
    const std::optional<JobId> enqueued = queue_.enqueue(connection, due);
    if (enqueued) {
      add_slot(connection, schedule.key, {.slot = *plan.due, .job = *enqueued});
    }
    return {.is_ours = true, .job = enqueued};
  });
  if (!is_ours) {
    return false;
  }
  for (const Slot& slot : plan.missed) {
    log_skipped(schedule.key, slot, too_late);
  }
  if (job) {
    log::info("schedule_due", {{"what", schedule.key.what},
                               {"workspace", schedule.key.workspace.value},
                               {"channel", schedule.key.channel.value},
                               {"slot", format_rfc3339(plan.due->at)},
                               {"job", job->value}});
  }
  return job.has_value();
}

}  // namespace bb::jobs

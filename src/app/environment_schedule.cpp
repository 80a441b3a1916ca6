#include "app/environment_schedule.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "features/github_activity/summary_request.hpp"
#include "jobs/schedules.hpp"

namespace bb::app {
namespace {

constexpr std::chrono::hours try_again_after(1);

}  // namespace

bool EnvironmentSchedule::enqueue_if_due(const WorkspaceId& workspace) {
  const TimePoint now = clock_.now();
  const bool is_start = !tried_at_;
  if (!is_start && now - *tried_at_ < try_again_after) {
    return false;
  }
  tried_at_ = now;
  if (!is_start && is_applied(workspace)) {
    return false;
  }
  return database_.write([&](storage::Connection& connection) {
    return queue_
        .enqueue(connection, {.kind = "schedule.environment", .workspace_id = workspace.value})
        .has_value();
  });
}

jobs::Kind EnvironmentSchedule::kind() {
  return {.name = "schedule.environment",
          .handle = [this](const jobs::Job& job) { return apply({job.workspace_id}); }};
}

bool EnvironmentSchedule::is_applied(const WorkspaceId& workspace) {
  if (!wanted_) {
    return true;
  }
  const auto schedules = database_.read(
      [&](storage::Connection& connection) { return jobs::list_schedules(connection, workspace); });
  return std::ranges::any_of(schedules, [&](const jobs::Schedule& schedule) {
    return schedule.variable == wanted_->channel && schedule.timetable == wanted_->timetable;
  });
}

Result<jobs::Outcome> EnvironmentSchedule::apply(const WorkspaceId& workspace) {
  if (!wanted_) {
    const auto removed = database_.write([&](storage::Connection& connection) {
      return jobs::remove_schedules_of_environment(connection, workspace, std::nullopt);
    });
    if (removed > 0) {
      log::info("environment_schedule_removed");
    }
    return jobs::Outcome(jobs::Done{});
  }
  const Result<chat::Channel> channel = platform_.find_channel(wanted_->channel);
  if (!channel) {
    return fail(channel.error().within("DIGEST_CHANNEL"));
  }
  const auto schedule = database_.write([&](storage::Connection& connection) {
    jobs::remove_schedules_of_environment(connection, workspace, channel->id);
    return jobs::set_schedule(connection,
                              {.key = {.workspace = workspace,
                                       .what = std::string(github_activity::scheduled_digest),
                                       .channel = channel->id},
                               .channel_name = channel->name,
                               .timetable = wanted_->timetable,
                               .variable = wanted_->channel},
                              clock_.now());
  });
  if (!schedule) {
    return fail(schedule.error());
  }
  log::info("environment_schedule_set",
            {{"channel", channel->id.value}, {"next", format_rfc3339(schedule->next_at)}});
  return jobs::Outcome(jobs::Done{});
}

}  // namespace bb::app

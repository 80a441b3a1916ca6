#include "app/environment_schedule.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "features/github_activity/summary_request.hpp"
#include "jobs/schedules.hpp"

namespace bb::app {
namespace {

class EnvironmentSchedule {
 public:
  EnvironmentSchedule(storage::Database& database, chat::Platform& platform, const Clock& clock,
                      std::optional<DigestSchedule> wanted)
      : database_(database), platform_(platform), clock_(clock), wanted_(std::move(wanted)) {}

  [[nodiscard]] bool is_applied(const WorkspaceId& workspace) const;
  [[nodiscard]] Result<jobs::Outcome> apply(const WorkspaceId& workspace) const;

 private:
  storage::Database& database_;
  chat::Platform& platform_;
  const Clock& clock_;
  std::optional<DigestSchedule> wanted_;
};

bool EnvironmentSchedule::is_applied(const WorkspaceId& workspace) const {
  if (!wanted_) {
    return true;
  }
  const auto schedules = database_.read(
      [&](storage::Connection& connection) { return jobs::list_schedules(connection, workspace); });
  return std::ranges::any_of(schedules, [&](const jobs::Schedule& schedule) {
    return schedule.variable == wanted_->channel && schedule.timetable == wanted_->timetable;
  });
}

Result<jobs::Outcome> EnvironmentSchedule::apply(const WorkspaceId& workspace) const {
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

}  // namespace

EnvironmentJob::Setting environment_schedule(storage::Database& database, chat::Platform& platform,
                                             const Clock& clock,
                                             std::optional<DigestSchedule> wanted) {
  const EnvironmentSchedule schedule(database, platform, clock, std::move(wanted));
  return {
      .kind = "schedule.environment",
      .is_applied = [=](const WorkspaceId& workspace) { return schedule.is_applied(workspace); },
      .apply = [=](const WorkspaceId& workspace) { return schedule.apply(workspace); }};
}

}  // namespace bb::app

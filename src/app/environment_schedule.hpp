// The schedule that DIGEST_CHANNEL, DIGEST_TIME, DIGEST_WEEKDAYS and DIGEST_TIMEZONE set, for an
// installation that is configured by its environment alone.
#pragma once

#include <optional>

#include "app/config.hpp"
#include "base/clock.hpp"
#include "base/ids.hpp"
#include "chat/platform.hpp"
#include "jobs/queue.hpp"
#include "jobs/runner.hpp"
#include "storage/database.hpp"

namespace bb::app {

class EnvironmentSchedule {
 public:
  EnvironmentSchedule(storage::Database& database, jobs::Queue& queue, chat::Platform& platform,
                      const Clock& clock, std::optional<DigestSchedule> wanted)
      : database_(database),
        queue_(queue),
        platform_(platform),
        clock_(clock),
        wanted_(std::move(wanted)) {}

  // Enqueues the job that brings the stored schedule in line with the variables: after the start,
  // and every hour for as long as it has not worked, for example because the bot does not see the
  // channel yet. Called every second by the scheduler thread.
  bool enqueue_if_due(const WorkspaceId& workspace);

  // The job kind "schedule.environment".
  jobs::Kind kind();

 private:
  Result<jobs::Outcome> apply(const WorkspaceId& workspace);
  bool is_applied(const WorkspaceId& workspace);

  storage::Database& database_;
  jobs::Queue& queue_;
  chat::Platform& platform_;
  const Clock& clock_;
  std::optional<DigestSchedule> wanted_;
  std::optional<TimePoint> tried_at_;
};

}  // namespace bb::app

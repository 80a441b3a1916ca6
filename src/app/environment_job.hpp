// What the environment sets up in the workspace, brought about by a job, as it takes a network.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "jobs/queue.hpp"
#include "jobs/runner.hpp"
#include "storage/database.hpp"

namespace bb::app {

class EnvironmentJob {
 public:
  struct Setting {
    std::string kind;  // of the job: "schedule.environment"
    std::function<bool(const WorkspaceId& workspace)> is_applied;
    std::function<Result<jobs::Outcome>(const WorkspaceId& workspace)> apply;
  };

  EnvironmentJob(storage::Database& database, jobs::Queue& queue, const Clock& clock,
                 Setting setting)
      : database_(database), queue_(queue), clock_(clock), setting_(std::move(setting)) {}

  // Enqueues the job that brings what is stored in line with the variables: after the start, and
  // every hour for as long as it has not worked, for example because the bot does not see a channel
  // yet. Called every second by the scheduler thread.
  bool enqueue_if_due(const WorkspaceId& workspace);

  jobs::Kind kind() const;

 private:
  storage::Database& database_;
  jobs::Queue& queue_;
  const Clock& clock_;
  Setting setting_;
  std::optional<TimePoint> tried_at_;
};

}  // namespace bb::app

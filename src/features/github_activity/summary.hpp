// The summary of the last 24 hours, posted to a channel.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "base/time.hpp"
#include "chat/platform.hpp"
#include "features/github_activity/polling.hpp"
#include "jobs/outbox.hpp"
#include "jobs/queue.hpp"
#include "jobs/runner.hpp"
#include "storage/database.hpp"

namespace bb::github_activity {

class Summary {
 public:
  Summary(storage::Database& database, jobs::Queue& queue, jobs::Outbox& outbox, Polling& polling,
          const Clock& clock, chat::Renderer render, TimeZone zone)
      : database_(database),
        queue_(queue),
        outbox_(outbox),
        polling_(polling),
        clock_(clock),
        render_(render),
        zone_(std::move(zone)) {}

  // Enqueues the job; `channel` is a name or an id, looked up when the job runs.
  JobId request(const WorkspaceId& workspace, std::string_view channel);

  // The job kind "github.summary".
  jobs::Kind kind(jobs::Outbox::PlatformOf platform);

  // The key prefix of the deliveries that a summary job made.
  static std::string delivery_prefix(const JobId& job) { return "summary:" + job.value + ":"; }

 private:
  Result<jobs::Outcome> post(const jobs::Job& job, chat::Platform& platform);

  storage::Database& database_;
  jobs::Queue& queue_;
  jobs::Outbox& outbox_;
  Polling& polling_;
  const Clock& clock_;
  chat::Renderer render_;
  TimeZone zone_;
};

}  // namespace bb::github_activity

// The end of a pause: while the platform refuses a workspace's token, its deliveries wait, and the
// platform is asked now and then whether the token works again.
#pragma once

#include <chrono>
#include <string>

#include "base/clock.hpp"
#include "jobs/outbox.hpp"
#include "jobs/queue.hpp"
#include "jobs/runner.hpp"
#include "storage/database.hpp"

namespace bb::jobs {

class WorkspacePauses {
 public:
  WorkspacePauses(storage::Database& database, Queue& queue, const Clock& clock)
      : database_(database), queue_(queue), clock_(clock) {}

  // Enqueues the job "workspace.check" of every paused workspace, at most one in five minutes;
  // called every second by the scheduler.
  bool enqueue_if_due();

  // The job kind "workspace.check": ends the pause if the token works.
  Kind kind(Outbox::PlatformOf platform);

  // How often those who wait look whether a pause has ended; its end makes deliveries due at once.
  static constexpr std::chrono::minutes look_interval{1};

  // The platform refuses the token, and says why. Logged, unless the workspace is paused already.
  static void begin(storage::Database& database, const WorkspaceId& workspace,
                    const std::string& reason, TimePoint now);

  // The token works: what waited is due now. False if the workspace was not paused.
  static bool end(storage::Connection& connection, const WorkspaceId& workspace, TimePoint now);

 private:
  storage::Database& database_;
  Queue& queue_;
  const Clock& clock_;
};

}  // namespace bb::jobs

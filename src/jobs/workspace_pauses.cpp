#include "jobs/workspace_pauses.hpp"

#include <chrono>

#include "base/log.hpp"
#include "chat/workspaces.hpp"

namespace bb::jobs {
namespace {

constexpr std::chrono::minutes check_interval{5};

}  // namespace

bool WorkspacePauses::enqueue_if_due() {
  const auto slot = std::to_string(clock_.now().time_since_epoch() / check_interval);
  const auto key = [&](const WorkspaceId& workspace) {
    return "workspace.check:" + workspace.value + ":" + slot;
  };
  const std::vector<WorkspaceId> due = database_.read([&](storage::Connection& connection) {
    std::vector<WorkspaceId> unchecked = chat::paused_workspaces(connection);
    std::erase_if(unchecked, [&](const WorkspaceId& workspace) {
      return !connection.query("SELECT 1 FROM job WHERE unique_key = $1", {key(workspace)}).empty();
    });
    return unchecked;
  });
  if (due.empty()) {
    return false;
  }
  database_.write([&](storage::Connection& connection) {
    for (const WorkspaceId& workspace : due) {
      queue_.enqueue(connection, {.kind = "workspace.check",
                                  .unique_key = key(workspace),
                                  .workspace_id = workspace.value});
    }
  });
  return true;
}

Kind WorkspacePauses::kind(Outbox::PlatformOf platform) {
  return {.name = "workspace.check",
          .handle = [this, platform = std::move(platform)](const Job& job) -> Result<Outcome> {
            const Result<chat::Platform*> found = platform(job.workspace_id);
            if (!found) {
              return fail(found.error());
            }
            if (const Result<chat::Identity> identity = (*found)->identify(); !identity) {
              queue_.report_progress(job, identity.error().message);
              return Outcome(Done{});  // the next check comes by itself
            }
            const bool ended = database_.write([&](storage::Connection& connection) {
              return end(connection, {job.workspace_id}, clock_.now());
            });
            if (ended) {
              log::info("workspace_resumed", {{"workspace", job.workspace_id}});
            }
            return Outcome(Done{});
          },
          .most_running = 1};
}

void WorkspacePauses::begin(storage::Database& database, const WorkspaceId& workspace,
                            const std::string& reason, TimePoint now) {
  const bool is_new = database.write([&](storage::Connection& connection) {
    return chat::pause(connection, workspace, {.since = now, .reason = reason});
  });
  if (is_new) {
    log::error("workspace_paused", {{"workspace", workspace.value}, {"reason", reason}});
  }
}

bool WorkspacePauses::end(storage::Connection& connection, const WorkspaceId& workspace,
                          TimePoint now) {
  if (!chat::end_pause(connection, workspace)) {
    return false;
  }
  connection.execute(
      "UPDATE job SET run_at = $1 WHERE kind = $2 AND workspace_id = $3 AND state = 'ready' "
      "AND run_at > $1",
      {now, delivery_kind, workspace});
  return true;
}

}  // namespace bb::jobs

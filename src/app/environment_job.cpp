#include "app/environment_job.hpp"

namespace bb::app {
namespace {

constexpr std::chrono::hours try_again_after(1);

}  // namespace

bool EnvironmentJob::enqueue_if_due(const WorkspaceId& workspace) {
  const TimePoint now = clock_.now();
  const bool is_start = !tried_at_;
  if (!is_start && now - *tried_at_ < try_again_after) {
    return false;
  }
  tried_at_ = now;
  if (!is_start && setting_.is_applied(workspace)) {
    return false;
  }
  return database_.write([&](storage::Connection& connection) {
    return queue_.enqueue(connection, {.kind = setting_.kind, .workspace_id = workspace.value})
        .has_value();
  });
}

jobs::Kind EnvironmentJob::kind() const {
  return {.name = setting_.kind, .handle = [apply = setting_.apply](const jobs::Job& job) {
            return apply({job.workspace_id});
          }};
}

}  // namespace bb::app

#include "features/feeds/due_job.hpp"

#include <memory>

namespace bb::feeds {

bool DueJob::enqueue_if_due() {
  const TimePoint now = context_.clock.now();
  if (is_running_ || !context_.database.read([&](storage::Connection& connection) {
        return work_.is_due(connection, now);
      })) {
    return false;
  }
  const auto minute = std::chrono::floor<std::chrono::minutes>(now).time_since_epoch().count();
  return context_.database.write([&](storage::Connection& connection) {
    return context_.queue
        .enqueue(connection,
                 {.kind = work_.kind, .unique_key = work_.kind + ":" + std::to_string(minute)})
        .has_value();
  });
}

jobs::Kind DueJob::kind() {
  return {.name = work_.kind,
          .handle = [this](const jobs::Job& job) { return run(job); },
          .most_running = 1};
}

Result<jobs::Outcome> DueJob::run(const jobs::Job& job) {
  is_running_ = true;
  const auto release = [](std::atomic<bool>* flag) { *flag = false; };
  const std::unique_ptr<std::atomic<bool>, decltype(release)> held(&is_running_, release);
  while (const std::optional<std::string> progress = work_.round()) {
    context_.queue.report_progress(job, *progress);
    if (context_.client.is_stopped() || !context_.queue.is_wanted(job)) {
      return jobs::Outcome(jobs::RunAgain{context_.clock.now()});
    }
  }
  return jobs::Outcome(jobs::Done{});
}

}  // namespace bb::feeds

// The job that works off all that is due: enqueued when there is something, one at a time.
#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <string>

#include "features/feeds/context.hpp"
#include "jobs/runner.hpp"

namespace bb::feeds {

class DueJob {
 public:
  struct Work {
    std::string kind;
    std::function<bool(storage::Connection& connection, TimePoint now)> is_due;
    // Some of it, and how far that went; nothing if there was none.
    std::function<std::optional<std::string>()> round;
  };

  DueJob(const Context& context, Work work) : context_(context), work_(std::move(work)) {}
  DueJob(const DueJob&) = delete;
  DueJob& operator=(const DueJob&) = delete;

  // Called every second by the scheduler; enqueues at most once a minute, in all processes
  // together.
  bool enqueue_if_due();

  jobs::Kind kind();

 private:
  Result<jobs::Outcome> run(const jobs::Job& job);

  const Context& context_;
  Work work_;
  std::atomic<bool> is_running_ = false;
};

}  // namespace bb::feeds

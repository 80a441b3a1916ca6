// Turns the slots of schedules into jobs, each once, whoever else does the same on the same
// database.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "jobs/queue.hpp"
#include "jobs/schedules.hpp"
#include "storage/database.hpp"

namespace bb::jobs {

class Scheduler {
 public:
  // What can be scheduled, and the job of a slot (its unique key is set by the scheduler). The job
  // calls skip_if_unwanted().
  struct Kind {
    std::string what;
    std::function<NewJob(const Schedule& schedule, const Slot& slot)> job;
  };

  Scheduler(storage::Database& database, Queue& queue, const Clock& clock, std::vector<Kind> kinds)
      : database_(database), queue_(queue), clock_(clock), kinds_(std::move(kinds)) {}

  // Enqueues the jobs of slots that are due; slots that are too late are logged and written down.
  // True if there is a new job. Called every second by the scheduler thread.
  bool enqueue_due();

 private:
  bool settle(const Kind& kind, const Schedule& schedule);

  storage::Database& database_;
  Queue& queue_;
  const Clock& clock_;
  std::vector<Kind> kinds_;
  TimePoint looked_at_all_;
};

}  // namespace bb::jobs

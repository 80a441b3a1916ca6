// Asks GitHub, all day long, what linked members did in public.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "github/api.hpp"
#include "jobs/queue.hpp"
#include "jobs/runner.hpp"
#include "storage/database.hpp"

namespace bb::github_activity {

struct PollCounts {
  std::size_t polled = 0;  // accounts
  std::size_t failed = 0;  // of these
  std::size_t new_events = 0;
  bool broken_off = false;  // the service is stopping: what failed says nothing about GitHub
};

class Polling {
 public:
  static constexpr std::size_t concurrency = 10;  // GitHub allows 100 in all
  static constexpr std::chrono::minutes interval{5};

  Polling(storage::Database& database, jobs::Queue& queue, github::Api& github, const Clock& clock,
          std::function<bool()> is_stopping)
      : database_(database),
        queue_(queue),
        github_(github),
        clock_(clock),
        is_stopping_(std::move(is_stopping)) {}

  // A newly linked account: polled as soon as a worker is free.
  static void add(storage::Connection& connection, jobs::Queue& queue, std::int64_t github_id,
                  TimePoint now);

  // Enqueues the job "github.poll" if any account is due; called every second by the scheduler.
  bool enqueue_if_due();

  // The job kind "github.poll": every account that is due. One such job polls at a time, so that a
  // slow GitHub does not take all workers.
  jobs::Kind kind();

  // Polls those of the accounts that GitHub allows to be polled again now (X-Poll-Interval).
  // Failures are recorded per account, never returned: one broken account does not spoil the rest.
  PollCounts poll(std::span<const std::int64_t> github_ids);

  // Removes activity from before `before`.
  static std::int64_t clean(storage::Connection& connection, TimePoint before);

 private:
  struct Target {
    std::int64_t github_id = 0;
    github::EventsRequest request;
    int failures = 0;
  };

  PollCounts poll_due();
  PollCounts poll(std::vector<Target> targets);
  void give_back(const std::vector<Target>& targets,
                 const std::vector<std::pair<std::size_t, Error>>& failures);
  std::size_t store(const Target& target, const github::EventsAnswer& answer);
  void store_failure(const Target& target, const Error& error);
  // True if the account has another login today, which is stored.
  bool follow_rename(const Target& target);

  storage::Database& database_;
  jobs::Queue& queue_;
  github::Api& github_;
  const Clock& clock_;
  std::function<bool()> is_stopping_;
  std::atomic<bool> polling_due_ = false;
};

}  // namespace bb::github_activity

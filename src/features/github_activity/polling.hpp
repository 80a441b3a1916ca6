// Asks GitHub, all day long, what linked members did in public.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/guarded.hpp"
#include "chat/platform.hpp"
#include "features/github_activity/poll_state.hpp"
#include "features/github_activity/polling_load.hpp"
#include "features/github_activity/polling_round.hpp"
#include "github/api.hpp"
#include "jobs/outbox.hpp"
#include "jobs/queue.hpp"
#include "jobs/runner.hpp"
#include "storage/database.hpp"

namespace bb::github_activity {

class Polling {
 public:
  struct Settings {
    std::size_t concurrency = 10;  // GITHUB_CONCURRENCY
    chat::Renderer render = nullptr;
    std::function<bool()> is_stopping;
    std::function<github::Budget()> budget;
  };

  // What operators watch.
  struct Figures {
    double stretch = 1;       // of all intervals, so that the rate limit suffices
    std::int64_t linked = 0;  // accounts
    std::int64_t due = 0;     // of these: to be asked about now
    std::int64_t gone = 0;    // GitHub does not show them
    PollTotals totals;
  };

  Polling(storage::Database& database, jobs::Queue& queue, jobs::Outbox& outbox,
          github::Api& github, const Clock& clock, Settings settings)
      : queue_(queue),
        concurrency_(settings.concurrency),
        context_{.database = database,
                 .outbox = outbox,
                 .github = github,
                 .clock = clock,
                 .load = load_,
                 .render = settings.render,
                 .is_stopping = std::move(settings.is_stopping),
                 .budget = std::move(settings.budget)} {}
  Polling(const Polling&) = delete;
  Polling& operator=(const Polling&) = delete;

  // A newly linked account: polled as soon as a worker is free.
  static void add(storage::Connection& connection, jobs::Queue& queue, std::int64_t github_id,
                  TimePoint now);

  // After a member paused: if all who linked the account have, GitHub is not asked about it any
  // more. Call it in the transaction that sets github_account.paused_at.
  static void pause_if_unwanted(storage::Connection& connection, std::int64_t github_id);

  // After a member resumed: if the account was not polled, it is as soon as a worker is free.
  static void resume(storage::Connection& connection, jobs::Queue& queue, std::int64_t github_id,
                     TimePoint now);

  // Enqueues the job "github.poll" if any account is due and GitHub does not want to be left alone;
  // called every second by the scheduler.
  bool enqueue_if_due();

  // The job kind "github.poll": every account that is due. One such job runs at a time, so that a
  // slow GitHub does not take all workers.
  jobs::Kind kind();

  // Polls those of the accounts that GitHub allows to be polled again now (X-Poll-Interval); all
  // count as failed while GitHub wants to be left alone.
  // Failures are recorded per account, never returned: one broken account does not spoil the rest.
  // Ends at `until` (nothing: no end); whoever is not asked about by then is polled later, as
  // usual.
  PollCounts poll(std::span<const std::int64_t> github_ids,
                  std::optional<TimePoint> until = std::nullopt);

  [[nodiscard]] Figures figures();

  // Removes activity that came in before `before`.
  static std::int64_t clean(storage::Connection& connection, TimePoint before);

 private:
  PollCounts poll_due(const jobs::Job& job);
  PollCounts poll(std::vector<PollTarget> targets, std::optional<TimePoint> until);
  void measure();
  [[nodiscard]] bool is_limited() const;

  jobs::Queue& queue_;
  std::size_t concurrency_;
  PollingLoad load_;
  PollingContext context_;
  Guarded<std::optional<TimePoint>> limited_until_;
  std::atomic<bool> polling_due_ = false;
};

}  // namespace bb::github_activity

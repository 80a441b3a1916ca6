// A job queue in the database: at-least-once, with leases. Handlers are idempotent.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "storage/database.hpp"

namespace bb::jobs {

// Smaller runs first.
enum class Priority : std::uint8_t { answer = 0, delivery = 1, background = 5 };

struct NewJob {
  std::string kind;
  std::string payload = "{}";  // JSON
  std::optional<std::string> unique_key = std::nullopt;
  std::string workspace_id = {};
  UserId subject = {};  // whom the payload is about, so that it can be erased
  Priority priority = Priority::background;
  std::optional<TimePoint> run_at = std::nullopt;  // nothing: now
  std::string request_id = log::current_request_id();
};

struct Job {
  JobId id;
  std::string kind;
  std::string payload;
  std::string workspace_id;
  UserId subject;
  std::string request_id;
  int attempts = 0;  // this one included
  TimePoint created_at;
};

enum class State { ready, running, done, failed };
std::string_view to_string(State state);

// What GET /jobs/{id} tells.
struct Status {
  std::string kind;
  State state = State::ready;
  std::string progress;  // "polled 12 of 100 members"
  std::string error;     // of the last attempt, empty if there was none
  int attempts = 0;
  TimePoint run_at;
};

class Queue {
 public:
  Queue(storage::Database& database, const Clock& clock, Random& random)
      : database_(database), clock_(clock), random_(random) {}

  // Within the caller's transaction; nothing if a job with this unique key exists (finished or
  // not). Call Runner::wake() after the commit.
  std::optional<JobId> enqueue(storage::Connection& connection, const NewJob& job);

  // The same for many, in their order, with few statements; returns the ids of those enqueued.
  std::vector<JobId> enqueue_all(storage::Connection& connection, std::span<const NewJob> jobs);

  // Takes the next due job for `lease`, or one whose lease has run out. Of the jobs of one kind
  // about one person only the oldest is due, also while it waits to be tried again: what somebody
  // said first is handled first.
  std::optional<Job> claim(std::chrono::milliseconds lease);

  // True while this attempt still holds its lease; extends it.
  bool extend(const Job& job, std::chrono::milliseconds lease);

  // The end of one attempt. Nothing happens if the lease was lost to another worker meanwhile.
  // A final end forgets the payload and whom it was about.
  void finish(const Job& job);
  void run_again(const Job& job, TimePoint at);  // not counted as an attempt
  void retry(const Job& job, TimePoint at, std::string_view error);
  void fail(const Job& job, std::string_view error);

  void report_progress(const Job& job, std::string_view progress);

  std::optional<Status> status(const JobId& id);

  // When the next job is due or the next lease runs out; nothing if there is no open job.
  std::optional<TimePoint> next_due();

  // Makes every running job ready again, for the start of the only process of a database: those
  // that the one before it left behind need not wait for their leases. Where another process does
  // run one of them, that attempt has lost its lease. Returns how many.
  std::int64_t release_all();

  // Removes the jobs about a person that are not running right now, of those made until `before`
  // if it is given.
  void erase(storage::Connection& connection, const WorkspaceId& workspace, const UserId& subject,
             std::optional<TimePoint> before = std::nullopt);

  // Removes finished jobs older than `age`; returns how many.
  std::int64_t clean(std::chrono::milliseconds age);

 private:
  storage::Database& database_;
  const Clock& clock_;
  Random& random_;
};

// The wait before attempt `attempts + 1`: 2 s, 4 s, 8 s, ... up to 15 minutes, each with up to half
// of it taken off at random, so that many that failed together do not come back together.
std::chrono::milliseconds backoff(int attempts, Random& random);

}  // namespace bb::jobs

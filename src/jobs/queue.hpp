// A job queue in the database: at-least-once, with leases. Handlers are idempotent.
#pragma once

#include <chrono>
#include <cstdint>
#include <initializer_list>
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

// Which jobs a worker takes.
struct Choice {
  Priority at_most = Priority::background;
  std::vector<std::string> without_kinds = {};
};

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
  int attempts = 0;        // this one included
  std::int64_t claim = 0;  // the fencing token of this attempt
  bool discarded = false;  // an operator or `disconnect` wants no more of it
  TimePoint created_at;
};

enum class State { ready, running, done, failed, discarded };
std::string_view to_string(State state);
std::optional<State> state_named(std::string_view word);

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
  std::optional<Job> claim(std::chrono::milliseconds lease, const Choice& choice = {});

  // True while this attempt still holds its lease; extends it.
  bool extend(const Job& job, std::chrono::milliseconds lease);

  // False if the attempt is to break off: its job was discarded, or its lease lost to another
  // worker. Long handlers ask between two steps and then end with RunAgain.
  bool is_wanted(const Job& job);

  // The end of one attempt. Nothing happens if the lease was lost to another worker meanwhile.
  // `done` and `discarded` forget the payload and whom it was about; `failed` keeps both, so that
  // the job can be tried again. A job that was discarded meanwhile ends as discarded unless it is
  // done.
  void finish(const Job& job);
  void run_again(const Job& job, TimePoint at);  // not counted as an attempt
  void retry(const Job& job, TimePoint at, std::string_view error);
  void fail(const Job& job, std::string_view error);

  void report_progress(const Job& job, std::string_view progress);

  std::optional<Status> status(const JobId& id);

  // When the next job is due or the next lease runs out; nothing if there is no open job.
  std::optional<TimePoint> next_due(const Choice& choice = {});

  // Makes every running job ready again, for the start of the only process of a database: those
  // that the one before it left behind need not wait for their leases. Where another process does
  // run one of them, that attempt has lost its lease. Returns how many.
  std::int64_t release_all();

  // Removes the jobs about a person, of those made until `before` if it is given. Those that are
  // running right now are discarded.
  void erase(storage::Connection& connection, const WorkspaceId& workspace, const UserId& subject,
             std::optional<TimePoint> before = std::nullopt);

  // Removes finished jobs older than `age`; returns how many.
  std::int64_t clean(std::chrono::milliseconds age);

 private:
  // The end of an attempt other than done: `sql` changes the row of a job that is not discarded.
  void end(const Job& job, std::string_view sql, std::initializer_list<storage::Value> values);

  storage::Database& database_;
  const Clock& clock_;
  Random& random_;
};

// The wait before attempt `attempts + 1`: 2 s, 4 s, 8 s, ... up to 15 minutes, each with up to half
// of it taken off at random, so that many that failed together do not come back together.
std::chrono::milliseconds backoff(int attempts, Random& random);

}  // namespace bb::jobs

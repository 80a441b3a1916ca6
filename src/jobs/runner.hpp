// Runs jobs on worker threads.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "base/result.hpp"
#include "jobs/kind_limits.hpp"
#include "jobs/queue.hpp"

namespace bb::jobs {

struct Done {};
struct RunAgain {  // not a failure: something else has to happen first
  TimePoint at;
};
using Outcome = std::variant<Done, RunAgain>;

// An error of code rate_limited, unavailable, uncertain or internal is tried again (rate_limited
// after its retry_after); any other is final. An exception counts as internal.
using Handler = std::function<Result<Outcome>(const Job&)>;

struct Kind {
  std::string name;
  Handler handle;
  int max_attempts = 10;
  std::optional<std::size_t> most_running = std::nullopt;  // at a time, in one process
};

// How long a job is reserved for its worker, and how often that is extended while it runs (of real
// time).
struct LeaseTimes {
  std::chrono::milliseconds length = std::chrono::seconds(60);
  std::chrono::milliseconds extended_every = std::chrono::seconds(20);  // two may be missed
};

class Runner {
 public:
  Runner(Queue& queue, const Clock& clock, Random& random, std::vector<Kind> kinds,
         LeaseTimes lease = {});
  ~Runner();
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;

  // Starts `workers` threads. If there are several, one takes nothing but answers to people, so
  // that these do not wait for slow work to end.
  void start(std::size_t workers);

  // Lets running jobs end, takes no more, joins. Idempotent.
  // Jobs that still run (or are just being taken) after `grace` are hurried by `hurry`, which
  // breaks off their network calls.
  void stop(std::chrono::milliseconds grace = {}, const std::function<void()>& hurry = {});

  // A job was committed: an idle worker looks at once instead of at its next poll.
  void wake();

  // Runs on the calling thread what is due, and what that makes due, until nothing is left; returns
  // how many attempts it ran. For tests, and for commands without worker threads.
  std::size_t run_due();

 private:
  // Which jobs a worker takes.
  enum class Duty { everything, answers };

  // Claims one job and runs it; false if none was due.
  bool run_one(Duty duty = Duty::everything);
  Choice choice(Duty duty);
  bool run_if_claimed(const std::optional<Job>& job);
  Result<Outcome> handle(const Kind& kind, const Job& job);
  void settle(const Kind& kind, const Job& job, const Result<Outcome>& result);
  void retry_or_fail(const Kind& kind, const Job& job, const Error& error);
  void work(const std::stop_token& stop, Duty duty);
  std::optional<std::uint64_t> become_busy(const std::stop_token& stop);
  // Until `most` is over, or there was a wake() after the `seen`th one (without one: whatever
  // wakes).
  void wait_for_work(const std::stop_token& stop, std::optional<std::uint64_t> seen,
                     std::chrono::milliseconds most);
  std::chrono::milliseconds idle_wait(const Choice& choice);
  void keep_leases(const std::stop_token& stop);

  Queue& queue_;
  const Clock& clock_;
  Random& random_;
  std::map<std::string, Kind> kinds_;
  KindLimits limits_;
  LeaseTimes lease_;
  std::atomic<bool> outage_ =
      false;          // of the database: reported once, not by every worker each second
  std::mutex mutex_;  // of what follows up to the threads
  std::condition_variable_any work_arrived_;
  std::condition_variable_any lease_due_;
  std::condition_variable_any worker_idle_;
  std::size_t busy_ = 0;  // workers between looking for a job and its end
  std::uint64_t wakes_ = 0;
  std::list<const Job*> running_;
  std::jthread lease_keeper_;
  std::vector<std::jthread> workers_;
};

}  // namespace bb::jobs

// Runs jobs on worker threads.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <map>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "base/result.hpp"
#include "jobs/queue.hpp"

namespace bb::jobs {

struct Done {};
struct RunAgain {  // not a failure: something else has to happen first
  TimePoint at;
};
using Outcome = std::variant<Done, RunAgain>;

// An error of code rate_limited, unavailable, uncertain or internal is tried again (rate_limited after its
// retry_after); any other is final. An exception counts as internal.
using Handler = std::function<Result<Outcome>(const Job&)>;

struct Kind {
  std::string name;
  Handler handle;
  int max_attempts = 10;
};

class Runner {
 public:
  Runner(Queue& queue, const Clock& clock, Random& random, std::vector<Kind> kinds);
  ~Runner();
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;

  // Starts `workers` threads.
  void start(std::size_t workers);

  // Lets running jobs end, takes no more, joins. Idempotent.
  void stop();

  // A job was committed: an idle worker looks at once instead of at its next poll.
  void wake();

  // Runs on the calling thread what is due, and what that makes due, until nothing is left; returns how
  // many attempts it ran. For tests, and for commands without worker threads.
  std::size_t run_due();

 private:
  bool run_one();
  void work(const std::stop_token& stop);

  Queue& queue_;
  const Clock& clock_;
  Random& random_;
  std::map<std::string, Kind> kinds_;
  std::mutex mutex_;
  std::condition_variable_any work_arrived_;
  std::uint64_t wakes_ = 0;
  std::vector<std::jthread> workers_;
};

}  // namespace bb::jobs

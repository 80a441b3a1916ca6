#include "jobs/runner.hpp"

#include <fmt/format.h>
#include <pthread.h>

#include <algorithm>
#include <exception>

#include "base/log.hpp"

namespace bb::jobs {
namespace {

constexpr std::chrono::milliseconds longest_idle_wait{500};
constexpr std::chrono::milliseconds look_interval{50};  // for what other instances have enqueued
constexpr std::chrono::milliseconds shortest_idle_wait{1};  // another worker may have been faster
constexpr std::chrono::milliseconds outage_wait{1000};
constexpr std::chrono::seconds longest_retry_after = std::chrono::hours(24);

bool may_pass(ErrorCode code) {
  return code == ErrorCode::rate_limited || code == ErrorCode::unavailable ||
         code == ErrorCode::uncertain || code == ErrorCode::internal;
}

// Enters a job into the list of those whose leases are extended, for as long as it runs.
class Running {
 public:
  Running(std::mutex& mutex, std::list<const Job*>& jobs, const Job& job)
      : mutex_(mutex), jobs_(jobs) {
    const std::lock_guard lock(mutex_);
    place_ = jobs_.insert(jobs_.end(), &job);
  }
  ~Running() {
    const std::lock_guard lock(mutex_);
    jobs_.erase(place_);
  }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

 private:
  std::mutex& mutex_;
  std::list<const Job*>& jobs_;
  std::list<const Job*>::iterator place_;
};

// Counts a worker as idle again at the end of its round.
class Busy {
 public:
  Busy(std::mutex& mutex, std::condition_variable_any& idle, std::size_t& count)
      : mutex_(mutex), idle_(idle), count_(count) {}
  ~Busy() {
    {
      const std::lock_guard lock(mutex_);
      --count_;
    }
    idle_.notify_all();
  }
  Busy(const Busy&) = delete;
  Busy& operator=(const Busy&) = delete;

 private:
  std::mutex& mutex_;
  std::condition_variable_any& idle_;
  std::size_t& count_;
};

void name_thread(const char* name) {
  pthread_setname_np(pthread_self(), name);
}

}  // namespace

Runner::Runner(Queue& queue, const Clock& clock, Random& random, std::vector<Kind> kinds,
               LeaseTimes lease)
    : queue_(queue), clock_(clock), random_(random), lease_(lease) {
  for (Kind& kind : kinds) {
    std::string name = kind.name;
    if (kind.most_running) {
      limits_.set(name, *kind.most_running);
    }
    kinds_.emplace(std::move(name), std::move(kind));
  }
}

Runner::~Runner() {
  stop();
}

void Runner::start(std::size_t workers) {
  lease_keeper_ = std::jthread([this](const std::stop_token& stop) { keep_leases(stop); });
  for (std::size_t i = 0; i < workers; ++i) {
    const Duty duty = i == 0 && workers > 1 ? Duty::answers : Duty::everything;
    workers_.emplace_back([this, duty](const std::stop_token& stop) { work(stop, duty); });
  }
}

// The leases are kept until the last job has ended.
void Runner::stop(std::chrono::milliseconds grace, const std::function<void()>& hurry) {
  for (std::jthread& worker : workers_) {
    worker.request_stop();
  }
  if (hurry && !workers_.empty()) {
    std::unique_lock lock(mutex_);
    const bool ended = worker_idle_.wait_for(lock, grace, [this] { return busy_ == 0; });
    lock.unlock();
    if (!ended) {
      hurry();
    }
  }
  workers_.clear();
  lease_keeper_ = std::jthread();
}

void Runner::wake() {
  {
    const std::lock_guard lock(mutex_);
    ++wakes_;
  }
  work_arrived_.notify_all();
}

std::size_t Runner::run_due() {
  std::size_t attempts = 0;
  while (run_one()) {
    ++attempts;
  }
  return attempts;
}

bool Runner::run_one(Duty duty) {
  if (duty == Duty::answers) {
    return run_if_claimed(queue_.claim(lease_.length, choice(duty)));
  }
  KindLimits::Places places(limits_);
  const std::optional<Job> job = queue_.claim(lease_.length, {.without_kinds = places.full()});
  if (job && places.keep(job->kind)) {
    wake();
  }
  return run_if_claimed(job);
}

Choice Runner::choice(Duty duty) {
  switch (duty) {
    case Duty::everything:
      return {.without_kinds = limits_.full()};
    case Duty::answers:
      return {.at_most = Priority::answer, .without_kinds = limits_.all()};
  }
  return {};
}

bool Runner::run_if_claimed(const std::optional<Job>& job) {
  if (!job) {
    return false;
  }
  const log::RequestScope scope(job->request_id.empty() ? job->id.value : job->request_id);
  const auto kind = kinds_.find(job->kind);
  if (kind == kinds_.end()) {
    const std::string error = fmt::format("no handler for jobs of kind {}", job->kind);
    queue_.fail(*job, error);
    log::warning("job_failed", {{"job", job->id.value}, {"kind", job->kind}, {"error", error}});
    return true;
  }
  settle(kind->second, *job, handle(kind->second, *job));
  return true;
}

Result<Outcome> Runner::handle(const Kind& kind, const Job& job) {
  if (job.discarded) {  // while a worker ran it that is gone
    return RunAgain{clock_.now()};
  }
  if (job.attempts > kind.max_attempts) {
    return fail(ErrorCode::conflict,
                fmt::format("given up after {} attempts that did not end", kind.max_attempts));
  }
  const Running running(mutex_, running_, job);
  try {
    return kind.handle(job);
  } catch (const std::exception& exception) {
    return fail(ErrorCode::internal, exception.what());
  } catch (...) {
    return fail(ErrorCode::internal, "an exception of unknown type");
  }
}

void Runner::settle(const Kind& kind, const Job& job, const Result<Outcome>& result) {
  if (!result) {
    retry_or_fail(kind, job, result.error());
  } else if (const auto* again = std::get_if<RunAgain>(&*result)) {
    queue_.run_again(job, again->at);
  } else {
    queue_.finish(job);
    log::debug("job_done", {{"job", job.id.value}, {"kind", job.kind}, {"attempts", job.attempts}});
  }
}

void Runner::retry_or_fail(const Kind& kind, const Job& job, const Error& error) {
  if (!may_pass(error.code) || job.attempts >= kind.max_attempts) {
    queue_.fail(job, error.message);
    log::warning("job_failed", {{"job", job.id.value},
                                {"kind", job.kind},
                                {"attempts", job.attempts},
                                {"code", to_string(error.code)},
                                {"error", error.message}});
    return;
  }
  std::chrono::milliseconds wait = backoff(job.attempts, random_);
  if (error.retry_after) {
    wait = std::clamp(*error.retry_after, std::chrono::seconds(1), longest_retry_after);
  }
  queue_.retry(job, clock_.now() + wait, error.message);
  log::warning("job_retry", {{"job", job.id.value},
                             {"kind", job.kind},
                             {"attempts", job.attempts},
                             {"code", to_string(error.code)},
                             {"error", error.message},
                             {"wait_ms", wait.count()}});
}

// How many wakes there were before, or nothing if the worker is to stop. Asked under the lock, so
// that stop() either sees a busy worker or is seen by it.
std::optional<std::uint64_t> Runner::become_busy(const std::stop_token& stop) {
  const std::lock_guard lock(mutex_);
  if (stop.stop_requested()) {
    return std::nullopt;
  }
  ++busy_;
  return wakes_;
}

void Runner::work(const std::stop_token& stop, Duty duty) {
  name_thread("bb-job");
  while (const std::optional<std::uint64_t> seen = become_busy(stop)) {
    try {
      const bool ran = [&] {
        const Busy busy(mutex_, worker_idle_, busy_);
        return run_one(duty);
      }();
      if (outage_.exchange(false)) {
        log::warning("jobs_resumed");
      }
      if (!ran) {
        wait_for_work(stop, seen, idle_wait(choice(duty)));
      }
    } catch (const std::exception& exception) {
      // A job that was claimed keeps its lease and is taken up again when that runs out.
      if (!outage_.exchange(true)) {
        log::error("jobs_stopped", {{"error", exception.what()}});
      }
      wait_for_work(stop, std::nullopt, outage_wait);
    }
  }
}

std::chrono::milliseconds Runner::idle_wait(const Choice& choice) {
  const std::optional<TimePoint> due = queue_.next_due(choice);
  if (!due) {
    return longest_idle_wait;
  }
  return std::clamp<std::chrono::milliseconds>(*due - clock_.now(), shortest_idle_wait,
                                               longest_idle_wait);
}

void Runner::wait_for_work(const std::stop_token& stop, std::optional<std::uint64_t> seen,
                           std::chrono::milliseconds most) {
  std::unique_lock lock(mutex_);
  work_arrived_.wait_for(lock, stop, most, [&] { return seen && wakes_ != *seen; });
}

// Also looks for what wake() does not tell: jobs that another instance has enqueued.
void Runner::keep_leases(const std::stop_token& stop) {
  name_thread("bb-lease");
  auto extended_at = std::chrono::steady_clock::now();
  while (!stop.stop_requested()) {
    std::vector<Job> jobs;
    {
      std::unique_lock lock(mutex_);
      lease_due_.wait_for(lock, stop, std::min(look_interval, lease_.extended_every),
                          [] { return false; });
      if (const auto now = std::chrono::steady_clock::now();
          now - extended_at >= lease_.extended_every) {
        extended_at = now;
        for (const Job* job : running_) {
          jobs.push_back(*job);
        }
      }
    }
    try {
      for (const Job& job : jobs) {
        queue_.extend(job, lease_.length);
      }
      const std::optional<TimePoint> due = queue_.next_due(choice(Duty::everything));
      if (due && *due <= clock_.now()) {
        wake();
      }
    } catch (const std::exception& exception) {
      if (!jobs.empty()) {
        log::warning("job_lease_not_extended", {{"error", exception.what()}});
      }
    }
  }
}

}  // namespace bb::jobs

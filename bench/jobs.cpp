// Measures the job queue, for bench/run.sh:
//   jobs rate URI INSTANCES JOBS   jobs per second that so many processes of four workers run to
//   their
//     end, each job with nothing to do
//   jobs claim URI                 microseconds to claim one job, the median of many: with 1,000
//   ready
//     jobs of 1,000 people, with 100,000, with 100,000 finished ones beside those, and with 10,000
//     more of one person
//   jobs start URI                 milliseconds from the commit of a job to its end, which has
//     nothing to do, in another process: median and longest of many
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <iostream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "base/log.hpp"
#include "bench/child.hpp"
#include "jobs/runner.hpp"
#include "storage/migrations.hpp"

namespace bb {
namespace {

using namespace std::chrono_literals;
using Time = std::chrono::steady_clock;

constexpr std::size_t workers = 4;
constexpr std::int64_t people = 1'000;
constexpr auto longest_run = 60s;

std::unique_ptr<storage::Database> open_database(const std::string& uri, const Clock& clock) {
  auto database = storage::open(uri);
  if (!database || !storage::migrate(**database, storage::migrations(), clock)) {
    throw std::runtime_error("the database cannot be opened");
  }
  return *std::move(database);
}

// So many jobs in the state `ready`, of one person each or of `person`.
void add_jobs(storage::Database& database, jobs::Queue& queue, std::int64_t count,
              const std::string& person = "") {
  constexpr std::int64_t at_once = 1'000;
  for (std::int64_t done = 0; done < count; done += at_once) {
    std::vector<jobs::NewJob> jobs;
    for (std::int64_t i = done; i < std::min(done + at_once, count); ++i) {
      jobs.push_back({.kind = "bench",
                      .payload = R"({"text":"as much as a message has"})",
                      .workspace_id = "W1",
                      .subject = {person.empty() ? "U" + std::to_string(i % people) : person},
                      .priority = jobs::Priority::answer});
    }
    database.write([&](storage::Connection& connection) { queue.enqueue_all(connection, jobs); });
  }
}

std::int64_t count(storage::Database& database, std::string_view sql) {
  return database.read([&](storage::Connection& connection) {
    return connection.query(sql).at(0).optional_integer(0).value_or(0);
  });
}

// One instance: runs jobs until it is killed.
int run_jobs(const std::string& uri) {
  const SystemClock clock;
  SystemRandom random;
  const log::Writer silent({.level = log::Level::off});
  const auto database = open_database(uri, clock);
  jobs::Queue queue(*database, clock, random);
  jobs::Runner runner(queue, clock, random,
                      {{.name = "bench", .handle = [](const jobs::Job&) -> Result<jobs::Outcome> {
                          return jobs::Outcome(jobs::Done{});
                        }}});
  runner.start(workers);
  pause();
  return 0;
}

int measure_rate(const std::string& uri, int instances, std::int64_t jobs) {
  const SystemClock clock;
  SystemRandom random;
  const auto database = open_database(uri, clock);
  jobs::Queue queue(*database, clock, random);
  add_jobs(*database, queue, jobs);
  std::vector<pid_t> children;
  for (int i = 0; i < instances; ++i) {
    children.push_back(bench::start({"/proc/self/exe", "run", uri}, {}, -1));
  }
  const Time::time_point end = Time::now() + longest_run;
  while (Time::now() < end &&
         count(*database, "SELECT count(*) FROM job WHERE state IN ('ready', 'running')") > 0) {
    std::this_thread::sleep_for(200ms);
  }
  for (const pid_t child : children) {
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
  }
  // From the first to the last, without the start of the processes.
  const std::int64_t done = count(*database, "SELECT count(*) FROM job WHERE state = 'done'");
  const std::int64_t milliseconds =
      count(*database, "SELECT max(finished_at) - min(finished_at) FROM job");
  std::cout << (milliseconds > 0
                    ? static_cast<double>(done) * 1e3 / static_cast<double>(milliseconds)
                    : 0)
            << "\n";
  return done == jobs ? 0 : 1;
}

double claim_microseconds(jobs::Queue& queue) {
  constexpr int claims = 101;
  std::vector<double> times;
  std::vector<jobs::Job> claimed;
  for (int i = 0; i < claims; ++i) {
    const Time::time_point begin = Time::now();
    auto job = queue.claim(1min);
    times.push_back(std::chrono::duration<double, std::micro>(Time::now() - begin).count());
    claimed.push_back(std::move(job).value());
  }
  for (const jobs::Job& job : claimed) {
    queue.finish(job);
  }
  std::ranges::sort(times);
  return times[claims / 2];
}

int measure_claim(const std::string& uri) {
  const SystemClock clock;
  SystemRandom random;
  const auto database = open_database(uri, clock);
  jobs::Queue queue(*database, clock, random);
  add_jobs(*database, queue, 1'000);
  const double few = claim_microseconds(queue);
  add_jobs(*database, queue, 99'000);
  const double many = claim_microseconds(queue);
  database->write([](storage::Connection& connection) {
    connection.execute(
        "INSERT INTO job (id, kind, payload, unique_key, workspace_id, subject, request_id, "
        "priority, state, run_at, attempts, progress, error, created_at, finished_at) "
        "SELECT 'finished' || id, kind, '{}', NULL, workspace_id, '', request_id, priority, "
        "'done', run_at, 1, '', '', created_at, created_at FROM job");
  });
  const double finished = claim_microseconds(queue);
  add_jobs(*database, queue, 10'000, "U0");
  const double person = claim_microseconds(queue);
  std::cout << few << " " << many << " " << finished << " " << person << "\n";
  return 0;
}

// This process only enqueues, so the other one is woken by nothing but its own look.
int measure_start(const std::string& uri) {
  constexpr int jobs = 100;
  const SystemClock clock;
  SystemRandom random;
  const auto database = open_database(uri, clock);
  jobs::Queue queue(*database, clock, random);
  const pid_t child = bench::start({"/proc/self/exe", "run", uri}, {}, -1);
  const auto finished = [&] {
    return count(*database, "SELECT count(*) FROM job WHERE state = 'done'");
  };
  const Time::time_point end = Time::now() + longest_run;
  // The first one waits for the process.
  for (int i = 0; i <= jobs && Time::now() < end; ++i) {
    add_jobs(*database, queue, 1);
    while (finished() <= i && Time::now() < end) {
      std::this_thread::sleep_for(1ms);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(i % 50));
  }
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  const std::vector<std::int64_t> taken = database->read([](storage::Connection& connection) {
    std::vector<std::int64_t> milliseconds;
    for (const storage::Row& row :
         connection.query("SELECT finished_at - created_at FROM job WHERE state = 'done' ORDER BY "
                          "created_at")) {
      milliseconds.push_back(row.integer(0));
    }
    return milliseconds;
  });
  if (taken.size() != jobs + 1) {
    return 1;
  }
  std::vector<std::int64_t> sorted(taken.begin() + 1, taken.end());
  std::ranges::sort(sorted);
  std::cout << sorted[jobs / 2] << " " << sorted.back() << "\n";
  return 0;
}

}  // namespace
}  // namespace bb

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  try {
    if (arguments.size() == 4 && arguments[0] == "rate") {
      return bb::measure_rate(arguments[1], std::stoi(arguments[2]), std::stol(arguments[3]));
    }
    if (arguments.size() == 2 && arguments[0] == "claim") {
      return bb::measure_claim(arguments[1]);
    }
    if (arguments.size() == 2 && arguments[0] == "start") {
      return bb::measure_start(arguments[1]);
    }
    if (arguments.size() == 2 && arguments[0] == "run") {
      return bb::run_jobs(arguments[1]);
    }
  } catch (const std::exception& error) {
    std::cerr << "jobs: " << error.what() << "\n";
    return 1;
  }
  std::cerr << "usage: jobs rate URI INSTANCES JOBS | claim URI | start URI\n";
  return 2;
}

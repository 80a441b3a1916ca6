// `busy-beaver jobs list`, `show`, `retry` and `discard`.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>

#include "base/clock.hpp"
#include "storage/database.hpp"

namespace CLI {
class App;
}

namespace bb::app {

struct JobOptions {
  std::string id = {};
  std::string state = {};  // empty: all
  std::string kind = {};   // empty: all
  std::int64_t limit = 50;
  bool payload = false;  // it may hold what a member wrote
  bool json = false;
};

// Add the commands to `parent`; the options must live until the command line is parsed.
CLI::App* add_jobs_list(CLI::App& parent, JobOptions& options);
CLI::App* add_jobs_show(CLI::App& parent, JobOptions& options);
CLI::App* add_jobs_retry(CLI::App& parent, JobOptions& options);
CLI::App* add_jobs_discard(CLI::App& parent, JobOptions& options);

// Exit codes: 0, 1 where there is no such job or its state forbids it, 2 wrong usage.
int list_jobs(storage::Database& database, const JobOptions& options, std::ostream& out,
              std::ostream& err);
int show_job(storage::Database& database, const JobOptions& options, std::ostream& out,
             std::ostream& err);
int retry_job(storage::Database& database, const JobOptions& options, const Clock& clock,
              std::ostream& out, std::ostream& err);
int discard_job(storage::Database& database, const JobOptions& options, const Clock& clock,
                std::ostream& out, std::ostream& err);

}  // namespace bb::app

// What an operator can see of jobs and do about them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"
#include "jobs/queue.hpp"
#include "storage/database.hpp"

namespace bb::jobs {

struct JobRecord {
  JobId id;
  std::string kind;
  State state = State::ready;
  Priority priority = Priority::background;
  int attempts = 0;
  std::string workspace_id;
  std::string unique_key;  // empty if it has none
  std::string request_id;
  std::string payload;
  std::string progress;
  std::string error;
  bool discard_asked = false;
  TimePoint created_at;
  TimePoint run_at;
  std::optional<TimePoint> lease_until;
  std::optional<TimePoint> finished_at;
};

struct JobFilter {
  std::optional<State> state = std::nullopt;
  std::string kind = {};  // empty: all
  std::int64_t limit = 50;
};

// The newest first.
std::vector<JobRecord> list_jobs(storage::Connection& connection, const JobFilter& filter);

std::optional<JobRecord> find_job(storage::Connection& connection, const JobId& id);

// A failed job starts over now. Errors: not_found, conflict (it has not failed, or it is that of a
// delivery, which has a state of its own).
Result<void> retry_job(storage::Connection& connection, const JobId& id, TimePoint now);

// A ready or failed job is discarded at once, a running one as soon as it breaks off or ends
// without being done. Errors as above.
enum class Discarded { at_once, when_it_stops };
Result<Discarded> discard_job(storage::Connection& connection, const JobId& id, TimePoint now);

}  // namespace bb::jobs

#include "jobs/job_control.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "jobs/outbox.hpp"

namespace bb::jobs {
namespace {

// SQL: what record_of() reads.
constexpr std::string_view columns =
    "id, kind, state, priority, attempts, workspace_id, coalesce(unique_key, ''), request_id, "
    "payload, progress, error, discard_asked, created_at, run_at, lease_until, finished_at";

JobRecord record_of(const storage::Row& row) {
  return {.id = {row.text(0)},
          .kind = row.text(1),
          .state = state_named(row.text(2)).value(),
          .priority = static_cast<Priority>(row.integer(3)),
          .attempts = static_cast<int>(row.integer(4)),
          .workspace_id = row.text(5),
          .unique_key = row.text(6),
          .request_id = row.text(7),
          .payload = row.text(8),
          .progress = row.text(9),
          .error = row.text(10),
          .discard_asked = row.boolean(11),
          .created_at = row.time(12),
          .run_at = row.time(13),
          .lease_until = row.optional_time(14),
          .finished_at = row.optional_time(15)};
}

// A job that is not that of a delivery.
Result<JobRecord> required_job(storage::Connection& connection, const JobId& id) {
  std::optional<JobRecord> job = find_job(connection, id);
  if (!job) {
    return fail(ErrorCode::not_found,
                fmt::format("there is no job '{}'", truncate(escape_control(id.value), 60)));
  }
  if (job->kind == delivery_kind) {
    return fail(ErrorCode::conflict,
                "this job posts a delivery: use busy-beaver deliveries retry or skip");
  }
  return *std::move(job);
}

}  // namespace

std::vector<JobRecord> list_jobs(storage::Connection& connection, const JobFilter& filter) {
  std::vector<JobRecord> jobs;
  for (const storage::Row& row : connection.query(
           fmt::format(
               "SELECT {} FROM job WHERE ($1 = '' OR state = $1) AND ($2 = '' OR kind = $2) "
               "ORDER BY created_at DESC, id DESC LIMIT $3",
               columns),
           {filter.state ? to_string(*filter.state) : "", filter.kind, filter.limit})) {
    jobs.push_back(record_of(row));
  }
  return jobs;
}

std::optional<JobRecord> find_job(storage::Connection& connection, const JobId& id) {
  const storage::Rows rows =
      connection.query(fmt::format("SELECT {} FROM job WHERE id = $1", columns), {id});
  return rows.empty() ? std::nullopt : std::optional(record_of(rows[0]));
}

Result<void> retry_job(storage::Connection& connection, const JobId& id, TimePoint now) {
  const Result<JobRecord> job = required_job(connection, id);
  if (!job) {
    return fail(job.error());
  }
  if (connection.execute("UPDATE job SET state = 'ready', run_at = $2, attempts = 0, "
                         "discard_asked = 0, finished_at = NULL WHERE id = $1 AND state = 'failed'",
                         {id, now}) == 0) {
    return fail(ErrorCode::conflict,
                fmt::format("only a failed job can be tried again, and this one is {}",
                            to_string(job->state)));
  }
  return {};
}

Result<Discarded> discard_job(storage::Connection& connection, const JobId& id, TimePoint now) {
  const Result<JobRecord> job = required_job(connection, id);
  if (!job) {
    return fail(job.error());
  }
  if (connection.execute(
          "UPDATE job SET state = 'discarded', payload = '{}', subject = '', finished_at = $2 "
          "WHERE id = $1 AND state IN ('ready', 'failed')",
          {id, now}) == 1) {
    return Discarded::at_once;
  }
  if (connection.execute("UPDATE job SET discard_asked = 1 WHERE id = $1 AND state = 'running'",
                         {id}) == 1) {
    return Discarded::when_it_stops;
  }
  return fail(ErrorCode::conflict, fmt::format("the job is {} already", to_string(job->state)));
}

}  // namespace bb::jobs

#include "jobs/queue.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <utility>

#include "base/text.hpp"
#include "jobs/clean.hpp"
#include "storage/many_rows.hpp"

namespace bb::jobs {
namespace {

constexpr std::size_t max_error_bytes = 2000;

std::string stored(std::string_view text) {
  return truncate(to_valid_utf8(text), max_error_bytes);
}

constexpr std::array priorities = {Priority::answer, Priority::delivery, Priority::background};

// SQL: no open job of the same kind about the same person comes before `job`.
constexpr std::string_view first_of_subject =
    "(job.subject = '' OR NOT EXISTS (SELECT 1 FROM job AS other "
    "WHERE other.workspace_id = job.workspace_id AND other.subject = job.subject "
    "AND other.subject <> '' AND other.kind = job.kind AND other.state IN ('ready', 'running') "
    "AND (other.created_at, other.id) < (job.created_at, job.id)))";

// SQL: the job is of a kind that is wanted. Appends what its placeholders stand for.
std::string of_wanted_kind(const Choice& choice, std::vector<storage::Value>& parameters) {
  std::string sql;
  for (const std::string& kind : choice.without_kinds) {
    parameters.emplace_back(kind);
    sql += fmt::format(" AND kind <> ${}", parameters.size());
  }
  return sql;
}

// SQL: the next ready job of each of the chosen priorities. One at a time, so that each is the
// first row of a range of an index, however many are waiting.
std::string next_of_each_priority(const Choice& choice, std::string_view columns,
                                  std::string_view condition, std::string_view lock) {
  std::string sql;
  for (const Priority priority : priorities) {
    if (priority <= choice.at_most) {
      sql += fmt::format(
          "SELECT * FROM (SELECT {} FROM job WHERE state = 'ready' AND priority = {}{} AND {} "
          "ORDER BY run_at, id LIMIT 1{}) AS ready{} UNION ALL ",
          columns, static_cast<int>(priority), condition, first_of_subject, lock,
          static_cast<int>(priority));
    }
  }
  return sql;
}

// The earlier of the first due time and the first lease to run out.
std::optional<TimePoint> first_due(storage::Connection& connection, const Choice& choice) {
  std::vector<storage::Value> parameters;
  const std::string kind = of_wanted_kind(choice, parameters);
  const auto rows = connection.query(
      fmt::format("SELECT due_at FROM ({}SELECT * FROM (SELECT lease_until AS due_at FROM job "
                  "WHERE state = 'running' AND priority <= {}{} ORDER BY lease_until LIMIT 1) AS "
                  "running) AS due ORDER BY due_at LIMIT 1",
                  next_of_each_priority(choice, "run_at AS due_at", kind, ""),
                  static_cast<int>(choice.at_most), kind),
      parameters);
  return rows.empty() ? std::nullopt : rows[0].optional_time(0);
}

// A statement that checks and changes one row needs to see no more than that row.
bool change(storage::Database& database, std::string_view sql,
            std::initializer_list<storage::Value> parameters) {
  return database.write(
             [&](storage::Connection& connection) { return connection.execute(sql, parameters); },
             storage::Isolation::read_committed) == 1;
}

using Person = std::pair<std::string, std::string>;  // workspace and subject

Person person_of(const NewJob& job) {
  return {job.workspace_id, job.subject.value};
}

// When the newest job about each of these people was created.
std::map<Person, TimePoint> newest_creations(storage::Connection& connection,
                                             std::span<const NewJob> jobs) {
  static const storage::ManyRows rows(
      "SELECT column1, column2, (SELECT max(created_at) FROM job WHERE workspace_id = column1 "
      "AND subject = column2 AND subject <> '') FROM (VALUES",
      2, ") AS person");
  std::set<Person> people;
  for (const NewJob& job : jobs) {
    if (!job.subject.value.empty()) {
      people.insert(person_of(job));
    }
  }
  std::vector<storage::Value> values;
  for (const auto& [workspace, subject] : people) {
    values.insert(values.end(), {workspace, subject});
  }
  std::map<Person, TimePoint> newest;
  for (const storage::Row& row : rows.query(connection, values)) {
    if (const auto created_at = row.optional_time(2)) {
      newest.emplace(Person(row.text(0), row.text(1)), *created_at);
    }
  }
  return newest;
}

}  // namespace

std::string_view to_string(State state) {
  switch (state) {
    case State::ready:
      return "ready";
    case State::running:
      return "running";
    case State::done:
      return "done";
    case State::failed:
      return "failed";
    case State::discarded:
      return "discarded";
  }
  return "";
}

std::optional<State> state_named(std::string_view word) {
  for (const State state :
       {State::ready, State::running, State::done, State::failed, State::discarded}) {
    if (to_string(state) == word) {
      return state;
    }
  }
  return std::nullopt;
}

std::optional<JobId> Queue::enqueue(storage::Connection& connection, const NewJob& job) {
  std::vector<JobId> ids = enqueue_all(connection, std::span(&job, 1));
  return ids.empty() ? std::nullopt : std::optional(std::move(ids.front()));
}

std::vector<JobId> Queue::enqueue_all(storage::Connection& connection,
                                      std::span<const NewJob> jobs) {
  static const storage::ManyRows rows(
      "INSERT INTO job (id, kind, payload, unique_key, workspace_id, subject, request_id, "
      "priority, "
      "state, run_at, attempts, progress, error, created_at) VALUES",
      14, "ON CONFLICT (unique_key) DO NOTHING RETURNING id");
  const TimePoint now = clock_.now();
  std::map<Person, TimePoint> newest = newest_creations(connection, jobs);
  std::vector<storage::Value> values;
  values.reserve(jobs.size() * 14);
  for (const NewJob& job : jobs) {
    TimePoint created_at = now;
    if (!job.subject.value.empty()) {
      // After the newest one about the same person, whatever the clock says: they are run in the
      // order of their creation.
      const auto [last, first] = newest.try_emplace(person_of(job), now);
      created_at = first ? now : std::max(now, last->second + std::chrono::milliseconds(1));
      last->second = created_at;
    }
    values.insert(values.end(),
                  {new_id(clock_, random_), job.kind, job.payload, job.unique_key, job.workspace_id,
                   job.subject, job.request_id, static_cast<int>(job.priority), "ready",
                   job.run_at.value_or(now), 0, "", "", created_at});
  }
  std::vector<JobId> ids;
  for (const storage::Row& row : rows.query(connection, values)) {
    ids.push_back({row.text(0)});
  }
  return ids;
}

// The number of the claim is the fencing token: every claim raises it and nothing lowers it, so a
// worker that lost its lease cannot touch the row any more.
std::optional<Job> Queue::claim(std::chrono::milliseconds lease, const Choice& choice) {
  const TimePoint now = clock_.now();
  // Looking does not take the write lock, which an idle service would otherwise take all the time.
  const auto due = next_due(choice);
  if (!due || *due > now) {
    return std::nullopt;
  }
  std::vector<storage::Value> parameters{now, now + lease};
  const std::string kind = of_wanted_kind(choice, parameters);
  const auto take = [&](storage::Connection& connection) {
    // What another worker is about to take is left to it.
    const std::string_view lock = connection.dialect().skip_locked;
    constexpr std::string_view columns = "id, priority, run_at";
    return connection.query(
        fmt::format(
            "UPDATE job SET state = 'running', lease_until = $2, attempts = attempts + 1, "
            "claim = claim + 1 WHERE id = (SELECT id FROM ({}"
            "SELECT * FROM (SELECT {} FROM job WHERE state = 'running' AND lease_until <= $1 "
            "AND priority <= {}{} ORDER BY lease_until LIMIT 1{}) AS abandoned"
            ") AS candidate ORDER BY priority, run_at, id LIMIT 1) RETURNING id, kind, payload, "
            "workspace_id, subject, request_id, attempts, claim, discard_asked, created_at",
            next_of_each_priority(choice, columns, " AND run_at <= $1" + kind, lock), columns,
            static_cast<int>(choice.at_most), kind, lock),
        parameters);
  };
  const auto rows = database_.write(take, storage::Isolation::read_committed);
  if (rows.empty()) {
    return std::nullopt;
  }
  const storage::Row& row = rows[0];
  return Job{.id = {row.text(0)},
             .kind = row.text(1),
             .payload = row.text(2),
             .workspace_id = row.text(3),
             .subject = {row.text(4)},
             .request_id = row.text(5),
             .attempts = static_cast<int>(row.integer(6)),
             .claim = row.integer(7),
             .discarded = row.boolean(8),
             .created_at = row.time(9)};
}

bool Queue::extend(const Job& job, std::chrono::milliseconds lease) {
  return change(
      database_,
      "UPDATE job SET lease_until = $3 WHERE id = $1 AND claim = $2 AND state = 'running'",
      {job.id, job.claim, clock_.now() + lease});
}

bool Queue::is_wanted(const Job& job) {
  return database_.read([&](storage::Connection& connection) {
    return !connection
                .query(
                    "SELECT 1 FROM job WHERE id = $1 AND claim = $2 AND state = 'running' "
                    "AND discard_asked = 0",
                    {job.id, job.claim})
                .empty();
  });
}

void Queue::finish(const Job& job) {
  change(database_,
         "UPDATE job SET state = 'done', payload = '{}', subject = '', error = '', "
         "lease_until = NULL, finished_at = $3 WHERE id = $1 AND claim = $2 AND state = 'running'",
         {job.id, job.claim, clock_.now()});
}

void Queue::run_again(const Job& job, TimePoint at) {
  end(job,
      "UPDATE job SET state = 'ready', run_at = $3, lease_until = NULL, attempts = attempts - 1 "
      "WHERE id = $1 AND claim = $2 AND state = 'running'",
      {at});
}

void Queue::retry(const Job& job, TimePoint at, std::string_view error) {
  end(job,
      "UPDATE job SET state = 'ready', run_at = $3, error = $4, lease_until = NULL "
      "WHERE id = $1 AND claim = $2 AND state = 'running'",
      {at, stored(error)});
}

void Queue::fail(const Job& job, std::string_view error) {
  end(job,
      "UPDATE job SET state = 'failed', error = $3, lease_until = NULL, finished_at = $4 "
      "WHERE id = $1 AND claim = $2 AND state = 'running'",
      {stored(error), clock_.now()});
}

void Queue::end(const Job& job, std::string_view sql,
                std::initializer_list<storage::Value> values) {
  std::vector<storage::Value> parameters{job.id, job.claim};
  parameters.insert(parameters.end(), values.begin(), values.end());
  const auto change_row = [&](storage::Connection& connection) {
    const bool discarded =
        connection.execute(
            "UPDATE job SET state = 'discarded', payload = '{}', subject = '', lease_until = NULL, "
            "finished_at = $3 WHERE id = $1 AND claim = $2 AND state = 'running' "
            "AND discard_asked = 1",
            {job.id, job.claim, clock_.now()}) == 1;
    if (!discarded) {
      connection.execute(sql, parameters);
    }
  };
  database_.write(change_row, storage::Isolation::read_committed);
}

void Queue::report_progress(const Job& job, std::string_view progress) {
  change(database_,
         "UPDATE job SET progress = $3 WHERE id = $1 AND claim = $2 AND state = 'running'",
         {job.id, job.claim, stored(progress)});
}

std::optional<Status> Queue::status(const JobId& id) {
  const auto rows = database_.read([&](storage::Connection& connection) {
    return connection.query(
        "SELECT kind, state, progress, error, attempts, run_at FROM job WHERE id = $1", {id});
  });
  if (rows.empty()) {
    return std::nullopt;
  }
  const storage::Row& row = rows[0];
  return Status{.kind = row.text(0),
                .state = state_named(row.text(1)).value(),
                .progress = row.text(2),
                .error = row.text(3),
                .attempts = static_cast<int>(row.integer(4)),
                .run_at = row.time(5)};
}

std::optional<TimePoint> Queue::next_due(const Choice& choice) {
  return database_.read(
      [&](storage::Connection& connection) { return first_due(connection, choice); });
}

void Queue::erase(storage::Connection& connection, const WorkspaceId& workspace,
                  const UserId& subject, std::optional<TimePoint> before) {
  // A job without a subject is about nobody, so it is not this person's either.
  const TimePoint made_by = before.value_or(TimePoint::max());
  connection.execute(
      "DELETE FROM job WHERE workspace_id = $1 AND subject = $2 AND subject <> '' "
      "AND state <> 'running' AND created_at <= $3",
      {workspace, subject, made_by});
  connection.execute(
      "UPDATE job SET discard_asked = 1 WHERE workspace_id = $1 AND subject = $2 AND subject <> '' "
      "AND state = 'running' AND created_at <= $3",
      {workspace, subject, made_by});
}

std::int64_t Queue::release_all() {
  return database_.write([](storage::Connection& connection) {
    return connection.execute(
        "UPDATE job SET state = 'ready', lease_until = NULL WHERE state = 'running'");
  });
}

std::int64_t Queue::clean(std::chrono::milliseconds age) {
  return delete_in_batches(
      database_, "DELETE FROM job WHERE id IN (SELECT id FROM job WHERE finished_at < $1 LIMIT $2)",
      clock_.now() - age);
}

std::chrono::milliseconds backoff(int attempts, Random& random) {
  constexpr std::chrono::milliseconds longest = std::chrono::minutes(15);
  constexpr int doublings = 9;  // 2 s doubled nine times is longer than the longest
  const std::chrono::milliseconds first = std::chrono::seconds(2);
  const auto full = std::min(longest, first * (1 << std::clamp(attempts - 1, 0, doublings)));
  const auto half = static_cast<std::uint64_t>(full.count() / 2);
  return full - std::chrono::milliseconds(static_cast<std::int64_t>(random.below(half + 1)));
}

}  // namespace bb::jobs

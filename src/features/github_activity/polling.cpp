#include "features/github_activity/polling.hpp"

#include <algorithm>
#include <memory>

#include "base/log.hpp"
#include "base/text.hpp"

namespace bb::github_activity {
namespace {

// While a poll is under way its account is not due; a worker that dies leaves it to the next one
// after this.
constexpr std::chrono::minutes claim_time(5);
constexpr std::chrono::hours longest_wait(6);
constexpr std::size_t accounts_per_job = 500;
constexpr std::chrono::hours oldest_activity(35 * 24);

constexpr std::string_view target_columns =
    "SELECT p.github_id, a.login, p.etag, p.failures, COALESCE((SELECT event_id FROM activity "
    "WHERE "
    "github_id = p.github_id ORDER BY created_at DESC LIMIT 1), '') FROM poll_state p JOIN "
    "github_account a ON a.github_id = p.github_id ";

std::chrono::milliseconds wait_after(int failures) {
  const std::chrono::milliseconds wait = std::chrono::minutes(1) * (1 << std::min(failures, 10));
  return std::min<std::chrono::milliseconds>(wait, longest_wait);
}

}  // namespace

void Polling::add(storage::Connection& connection, jobs::Queue& queue, std::int64_t github_id,
                  TimePoint now) {
  connection.execute(
      "INSERT INTO poll_state (github_id, etag, next_poll_at, allowed_at, failures, error) VALUES "
      "($1, '', $2, $3, 0, '') ON CONFLICT (github_id) DO UPDATE SET next_poll_at = "
      "excluded.next_poll_at",
      {github_id, now, now});
  queue.enqueue(connection, {.kind = "github.poll"});
}

bool Polling::enqueue_if_due() {
  const TimePoint now = clock_.now();
  const bool due = database_.read([&](storage::Connection& connection) {
    return !connection.query("SELECT 1 FROM poll_state WHERE next_poll_at <= $1 LIMIT 1", {now})
                .empty();
  });
  if (!due) {
    return false;
  }
  const auto minute = std::chrono::floor<std::chrono::minutes>(now).time_since_epoch().count();
  return database_.write([&](storage::Connection& connection) {
    return queue_
        .enqueue(connection,
                 {.kind = "github.poll", .unique_key = "github.poll:" + std::to_string(minute)})
        .has_value();
  });
}

jobs::Kind Polling::kind() {
  return {.name = "github.poll", .handle = [this](const jobs::Job& job) -> Result<jobs::Outcome> {
            if (polling_due_.exchange(true)) {
              return jobs::Outcome(jobs::Done{});  // the one under way goes on until nothing is due
            }
            const auto release = [](std::atomic<bool>* flag) { *flag = false; };
            const std::unique_ptr<std::atomic<bool>, decltype(release)> held(&polling_due_,
                                                                             release);
            const PollCounts counts = poll_due();
            if (counts.broken_off) {
              return jobs::Outcome(jobs::RunAgain{clock_.now()});
            }
            queue_.report_progress(job, "polled " + count_of(counts.polled, "account", "accounts") +
                                            ", " + std::to_string(counts.failed) + " failed, " +
                                            count_of(counts.new_events, "new event", "new events"));
            return jobs::Outcome(jobs::Done{});
          }};
}

PollCounts Polling::poll_due() {
  PollCounts total;
  while (true) {
    const TimePoint now = clock_.now();
    std::vector<Target> targets;
    database_.write([&](storage::Connection& connection) {
      for (const storage::Row& row : connection.query(
               std::string(target_columns) +
                   "WHERE p.next_poll_at <= $1 GROUP BY p.github_id, a.login, p.etag, p.failures, "
                   "p.next_poll_at ORDER BY p.next_poll_at LIMIT $2",
               {now, static_cast<std::int64_t>(accounts_per_job)})) {
        targets.push_back(
            {.github_id = row.integer(0),
             .request = {.login = row.text(1), .etag = row.text(2), .known_event = row.text(4)},
             .failures = static_cast<int>(row.integer(3))});
        connection.execute("UPDATE poll_state SET next_poll_at = $1 WHERE github_id = $2",
                           {now + claim_time, row.integer(0)});
      }
    });
    if (targets.empty()) {
      return total;
    }
    const PollCounts counts = poll(std::move(targets));
    total.polled += counts.polled;
    total.failed += counts.failed;
    total.new_events += counts.new_events;
    if (counts.broken_off) {
      total.broken_off = true;
      return total;
    }
  }
}

PollCounts Polling::poll(std::span<const std::int64_t> github_ids) {
  const TimePoint now = clock_.now();
  std::vector<Target> targets;
  database_.read([&](storage::Connection& connection) {
    for (const std::int64_t github_id : github_ids) {
      const storage::Rows rows = connection.query(
          std::string(target_columns) + "WHERE p.github_id = $1 AND p.allowed_at <= $2 LIMIT 1",
          {github_id, now});
      if (!rows.empty()) {
        targets.push_back({.github_id = github_id,
                           .request = {.login = rows[0].text(1),
                                       .etag = rows[0].text(2),
                                       .known_event = rows[0].text(4)},
                           .failures = static_cast<int>(rows[0].integer(3))});
      }
    }
  });
  return poll(std::move(targets));
}

PollCounts Polling::poll(std::vector<Target> targets) {
  PollCounts counts{.polled = targets.size()};
  std::vector<github::EventsRequest> requests;
  requests.reserve(targets.size());
  for (const Target& target : targets) {
    requests.push_back(target.request);
  }
  std::vector<std::pair<std::size_t, Error>> failures;
  github_.public_events(requests, concurrency,
                        [&](std::size_t index, Result<github::EventsAnswer> answer) {
                          if (answer) {
                            counts.new_events += store(targets[index], *answer);
                          } else {
                            failures.emplace_back(index, answer.error());
                          }
                        });
  counts.failed = failures.size();
  if (!failures.empty() && is_stopping_()) {
    counts.broken_off = true;
    give_back(targets, failures);
    return counts;
  }
  for (const auto& [index, error] : failures) {
    const Target& target = targets[index];
    if (error.code != ErrorCode::not_found || !follow_rename(target)) {
      store_failure(target, error);
    }
  }
  return counts;
}

// Due again for whoever comes next.
void Polling::give_back(const std::vector<Target>& targets,
                        const std::vector<std::pair<std::size_t, Error>>& failures) {
  const TimePoint now = clock_.now();
  database_.write([&](storage::Connection& connection) {
    for (const auto& [index, error] : failures) {
      connection.execute("UPDATE poll_state SET next_poll_at = $1 WHERE github_id = $2",
                         {now, targets[index].github_id});
    }
  });
}

std::size_t Polling::store(const Target& target, const github::EventsAnswer& answer) {
  const TimePoint now = clock_.now();
  bool someone_else = false;
  const std::size_t added = database_.write([&](storage::Connection& connection) {
    // Unlinked while the request was under way: nothing about the person is stored again.
    if (connection
            .query("SELECT 1 FROM github_account WHERE github_id = $1 LIMIT 1", {target.github_id})
            .empty()) {
      return std::size_t{0};
    }
    std::int64_t rows = 0;
    for (const github::Event& event : answer.events) {
      if (event.actor_id && *event.actor_id != target.github_id) {
        someone_else = true;  // the login belongs to another account now
        continue;
      }
      if (event.id.empty() || !event.is_public || event.created_at < now - oldest_activity) {
        continue;
      }
      rows += connection.execute(
          "INSERT INTO activity (event_id, github_id, type, repo, facts, created_at) VALUES ($1, "
          "$2, "
          "$3, $4, $5, $6) ON CONFLICT (event_id) DO NOTHING",
          {event.id, target.github_id, event.type, event.repo, github::to_json(event.facts),
           event.created_at});
    }
    connection.execute(
        "UPDATE poll_state SET etag = $1, next_poll_at = $2, allowed_at = $3, polled_at = $4, "
        "failures = 0, error = '' WHERE github_id = $5",
        {answer.etag, now + std::max<std::chrono::milliseconds>(interval, answer.poll_interval),
         now + answer.poll_interval, now, target.github_id});
    return static_cast<std::size_t>(rows);
  });
  if (answer.rejected > 0) {
    log::warning("github_events_unreadable",
                 {{"github_id", target.github_id}, {"count", answer.rejected}});
  }
  if (someone_else) {
    follow_rename(target);
  }
  return added;
}

void Polling::store_failure(const Target& target, const Error& error) {
  const TimePoint now = clock_.now();
  const bool limited = error.code == ErrorCode::rate_limited;
  const std::chrono::milliseconds wait =
      limited                              ? error.retry_after.value_or(std::chrono::seconds(60))
      : error.code == ErrorCode::not_found ? longest_wait
                                           : wait_after(target.failures);
  log::warning("github_poll_failed", {{"github_id", target.github_id},
                                      {"code", to_string(error.code)},
                                      {"error", error.message},
                                      {"again_in_seconds", wait.count() / 1000}});
  database_.write([&](storage::Connection& connection) {
    connection.execute(
        "UPDATE poll_state SET next_poll_at = $1, allowed_at = $2, failures = $3, error = $4 WHERE "
        "github_id = $5",
        {now + wait, limited ? now + wait : now, target.failures + (limited ? 0 : 1), error.message,
         target.github_id});
  });
}

bool Polling::follow_rename(const Target& target) {
  const Result<github::Account> account = github_.account_by_id(target.github_id);
  if (!account || equals_ignoring_case(account->login, target.request.login)) {
    return false;
  }
  const TimePoint now = clock_.now();
  database_.write([&](storage::Connection& connection) {
    connection.execute("UPDATE github_account SET login = $1 WHERE github_id = $2",
                       {account->login, target.github_id});
    connection.execute(
        "UPDATE poll_state SET etag = '', next_poll_at = $1, allowed_at = $2, failures = 0, error "
        "= "
        "'' WHERE github_id = $3",
        {now, now, target.github_id});
  });
  log::info("github_login_renamed", {{"github_id", target.github_id}});
  return true;
}

std::int64_t Polling::clean(storage::Connection& connection, TimePoint before) {
  return connection.execute("DELETE FROM activity WHERE created_at < $1", {before});
}

}  // namespace bb::github_activity

#include "features/github_activity/polling.hpp"

#include <algorithm>
#include <memory>

#include "base/text.hpp"

namespace bb::github_activity {
namespace {

// While a poll is under way its account is not due; a worker that dies leaves it to the next one
// after this.
constexpr std::chrono::minutes claim_time(5);
constexpr std::size_t accounts_per_round = 500;

void add_up(PollCounts& sum, const PollCounts& counts) {
  sum.polled += counts.polled;
  sum.failed += counts.failed;
  sum.gone += counts.gone;
  sum.late += counts.late;
  sum.new_events += counts.new_events;
  sum.broken_off = sum.broken_off || counts.broken_off;
}

}  // namespace

void Polling::add(storage::Connection& connection, jobs::Queue& queue, std::int64_t github_id,
                  TimePoint now) {
  connection.execute(
      "INSERT INTO poll_state (github_id, etag, next_poll_at, allowed_at, failures, error) VALUES "
      "($1, '', $2, $2, 0, '') ON CONFLICT (github_id) DO UPDATE SET next_poll_at = "
      "excluded.next_poll_at",
      {github_id, now});
  queue.enqueue(connection, {.kind = "github.poll"});
}

void Polling::pause_if_unwanted(storage::Connection& connection, std::int64_t github_id) {
  connection.execute(
      "UPDATE poll_state SET next_poll_at = $1 WHERE github_id = $2 AND NOT EXISTS (SELECT 1 FROM "
      "github_account WHERE github_id = $2 AND paused_at IS NULL)",
      {never, github_id});
}

void Polling::resume(storage::Connection& connection, jobs::Queue& queue, std::int64_t github_id,
                     TimePoint now) {
  const bool was_paused =
      connection.execute(
          "UPDATE poll_state SET next_poll_at = $1 WHERE github_id = $2 AND next_poll_at = $3",
          {now, github_id, never}) > 0;
  if (was_paused) {
    queue.enqueue(connection, {.kind = "github.poll"});
  }
}

bool Polling::is_limited() const {
  const auto until = limited_until_.with([](const auto& value) { return value; });
  return until && context_.clock.now() < *until;
}

bool Polling::enqueue_if_due() {
  const TimePoint now = context_.clock.now();
  if (polling_due_ || is_limited()) {
    return false;
  }
  const bool due = context_.database.read([&](storage::Connection& connection) {
    return !connection.query("SELECT 1 FROM poll_state WHERE next_poll_at <= $1 LIMIT 1", {now})
                .empty();
  });
  if (!due) {
    return false;
  }
  // Once a minute, and as soon as a limit ends.
  const TimePoint minute = std::chrono::floor<std::chrono::minutes>(now);
  const auto limited_until = limited_until_.with([](const auto& value) { return value; });
  const TimePoint slot = std::max(minute, limited_until.value_or(minute));
  return context_.database.write([&](storage::Connection& connection) {
    return queue_
        .enqueue(connection,
                 {.kind = "github.poll",
                  .unique_key = "github.poll:" + std::to_string(slot.time_since_epoch().count())})
        .has_value();
  });
}

jobs::Kind Polling::kind() {
  return {.name = "github.poll",
          .handle = [this](const jobs::Job& job) -> Result<jobs::Outcome> {
            polling_due_ = true;
            const auto release = [](std::atomic<bool>* flag) { *flag = false; };
            const std::unique_ptr<std::atomic<bool>, decltype(release)> held(&polling_due_,
                                                                             release);
            if (poll_due(job).broken_off) {
              return jobs::Outcome(jobs::RunAgain{context_.clock.now()});
            }
            return jobs::Outcome(jobs::Done{});
          },
          .most_running = 1};
}

PollCounts Polling::poll_due(const jobs::Job& job) {
  PollCounts total;
  while (!total.broken_off && !is_limited()) {
    measure();
    const TimePoint now = context_.clock.now();
    std::vector<PollTarget> targets = context_.database.write([&](storage::Connection& connection) {
      return claim_due(connection,
                       {.now = now, .until = now + claim_time, .most = accounts_per_round});
    });
    if (targets.empty()) {
      break;
    }
    add_up(total, poll(std::move(targets), std::nullopt));
    queue_.report_progress(job, "polled " + count_of(total.polled, "account", "accounts") + ", " +
                                    std::to_string(total.failed) + " failed, " +
                                    count_of(total.new_events, "new event", "new events"));
    total.broken_off = total.broken_off || !queue_.is_wanted(job);
  }
  return total;
}

PollCounts Polling::poll(std::span<const std::int64_t> github_ids, std::optional<TimePoint> until) {
  const TimePoint now = context_.clock.now();
  return poll(context_.database.read([&](storage::Connection& connection) {
    std::vector<PollTarget> targets;
    for (const std::int64_t github_id : github_ids) {
      if (auto target = find_allowed(connection, github_id, now)) {
        targets.push_back(*std::move(target));
      }
    }
    return targets;
  }),
              until);
}

PollCounts Polling::poll(std::vector<PollTarget> targets, std::optional<TimePoint> until) {
  PollCounts total;
  if (is_limited()) {
    return {.failed = targets.size()};
  }
  // Whoever turns out to have another login is asked about under that one too.
  for (int names = 0; names < 2 && !targets.empty() && !total.broken_off; ++names) {
    PollingRound round(context_, std::move(targets), until);
    add_up(total, round.run(concurrency_));
    if (const auto limited = round.limited_until()) {
      limited_until_.with([&](std::optional<TimePoint>& value) { value = limited; });
    }
    targets = round.renamed();
  }
  return total;
}

void Polling::measure() {
  if (!load_.is_outdated(context_.clock.now())) {
    return;
  }
  const std::int64_t wanted = context_.database.read(polls_per_hour);
  load_.measure(wanted, context_.budget());
}

Polling::Figures Polling::figures() {
  const TimePoint now = context_.clock.now();
  Figures figures{.stretch = load_.stretch(), .totals = load_.totals()};
  context_.database.read([&](storage::Connection& connection) {
    const auto count = [&](std::string_view sql, std::initializer_list<storage::Value> values) {
      return connection.query(sql, values).at(0).integer(0);
    };
    figures.linked = count("SELECT count(*) FROM github_account", {});
    figures.due = count("SELECT count(*) FROM poll_state WHERE next_poll_at <= $1", {now});
    figures.gone = count("SELECT count(*) FROM poll_state WHERE gone_since IS NOT NULL", {});
  });
  return figures;
}

std::int64_t Polling::clean(storage::Connection& connection, TimePoint before) {
  return connection.execute(
      "DELETE FROM activity WHERE github_id IN (SELECT github_id FROM poll_state) AND stored_at < "
      "$1",
      {before});
}

}  // namespace bb::github_activity

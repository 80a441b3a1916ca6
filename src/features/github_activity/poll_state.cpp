#include "features/github_activity/poll_state.hpp"

namespace bb::github_activity {
namespace {

// What poll_state and github_account know of somebody to ask about.
constexpr std::string_view targets =
    "SELECT p.github_id, p.etag, p.failures, p.gone_since, p.newest_event, p.newest_event_at, "
    "a.login FROM poll_state p JOIN github_account a ON a.github_id = p.github_id WHERE "
    "a.paused_at IS NULL AND p.github_id = $1 ";
constexpr std::string_view latest_link = "ORDER BY a.linked_at DESC LIMIT 1";

std::optional<PollTarget> read_target(const storage::Rows& rows) {
  if (rows.empty()) {
    return std::nullopt;
  }
  const storage::Row& row = rows[0];
  return PollTarget{
      .github_id = row.integer(0),
      .request = {.login = row.text(6), .etag = row.text(1), .known_event = row.text(4)},
      .newest_event = row.optional_time(5),
      .failures = static_cast<int>(row.integer(2)),
      .is_gone = !row.is_null(3)};
}

}  // namespace

std::vector<PollTarget> claim_due(storage::Connection& connection, const Claim& claim) {
  static const std::string of_account = std::string(targets).append(latest_link);
  std::vector<PollTarget> claimed;
  for (const storage::Row& row : connection.query(
           "UPDATE poll_state SET next_poll_at = $1 WHERE github_id IN (SELECT github_id FROM "
           "poll_state WHERE next_poll_at <= $2 ORDER BY next_poll_at LIMIT $3) AND next_poll_at "
           "<= $2 RETURNING github_id",
           {claim.until, claim.now, claim.most})) {
    const std::int64_t github_id = row.integer(0);
    if (auto target = read_target(connection.query(of_account, {github_id}))) {
      target->claimed_until = claim.until;
      claimed.push_back(*std::move(target));
    } else {
      // Paused while a request was under way, whose answer set a time.
      connection.execute("UPDATE poll_state SET next_poll_at = $1 WHERE github_id = $2",
                         {never, github_id});
    }
  }
  return claimed;
}

std::optional<PollTarget> find_allowed(storage::Connection& connection, std::int64_t github_id,
                                       TimePoint now) {
  static const std::string allowed =
      std::string(targets).append("AND p.allowed_at <= $2 ").append(latest_link);
  return read_target(connection.query(allowed, {github_id, now}));
}

void give_back(storage::Connection& connection, const PollTarget& target, TimePoint now) {
  if (target.claimed_until) {
    connection.execute(
        "UPDATE poll_state SET next_poll_at = $1 WHERE github_id = $2 AND next_poll_at = $3",
        {now, target.github_id, target.claimed_until});
  }
}

bool store_answered(storage::Connection& connection, const PollTarget& target,
                    const std::string& etag, const NextPoll& next, TimePoint now) {
  return connection.execute(
             "UPDATE poll_state SET etag = $1, next_poll_at = $2, allowed_at = $3, polled_at = $4, "
             "poll_interval = $5, observed_since = COALESCE(observed_since, $4), gone_since = "
             "NULL, "
             "gone_told_at = NULL, failures = 0, error = '' WHERE github_id = $6 AND EXISTS "
             "(SELECT 1 FROM github_account WHERE github_id = $6 AND paused_at IS NULL)",
             {etag, next.at, next.allowed_at, now, next.interval.count(), target.github_id}) > 0;
}

void store_failed(storage::Connection& connection, const PollTarget& target,
                  std::string_view message, const NextPoll& next) {
  connection.execute(
      "UPDATE poll_state SET next_poll_at = $1, allowed_at = $2, failures = $3, error = $4 WHERE "
      "github_id = $5 AND next_poll_at < $6",
      {next.at, next.allowed_at, target.failures + 1, message, target.github_id, never});
}

void store_put_off(storage::Connection& connection, const PollTarget& target,
                   std::string_view message, const NextPoll& next) {
  connection.execute(
      "UPDATE poll_state SET next_poll_at = $1, allowed_at = $2, error = $3 WHERE github_id = $4 "
      "AND next_poll_at < $5",
      {next.at, next.allowed_at, message, target.github_id, never});
}

void store_found(storage::Connection& connection, std::int64_t github_id) {
  connection.execute(
      "UPDATE poll_state SET gone_since = NULL, gone_told_at = NULL WHERE github_id = $1 AND "
      "gone_since IS NOT NULL",
      {github_id});
}

void store_renamed(storage::Connection& connection, const github::Account& account, TimePoint now) {
  connection.execute("UPDATE github_account SET login = $1 WHERE github_id = $2",
                     {account.login, account.id});
  connection.execute(
      "UPDATE poll_state SET etag = '', next_poll_at = $1, allowed_at = $1, gone_since = NULL, "
      "gone_told_at = NULL, failures = 0, error = '' WHERE github_id = $2 AND next_poll_at < $3",
      {now, account.id, never});
}

std::optional<Gone> store_gone(storage::Connection& connection, const PollTarget& target,
                               TimePoint again_at, TimePoint now) {
  const storage::Rows rows = connection.query(
      "UPDATE poll_state SET gone_since = COALESCE(gone_since, $1), next_poll_at = $2, allowed_at "
      "= $1, poll_interval = $3, failures = $4, error = $5 WHERE github_id = $6 AND next_poll_at < "
      "$7 RETURNING gone_since, gone_told_at",
      {now, again_at, (again_at - now).count(), target.failures + 1,
       "GitHub does not show this account", target.github_id, never});
  if (rows.empty()) {
    return std::nullopt;
  }
  return Gone{.since = rows[0].time(0), .is_told = !rows[0].is_null(1)};
}

bool looks_like_outage(storage::Connection& connection, std::size_t more, TimePoint now) {
  constexpr std::int64_t handful = 10;
  constexpr std::int64_t largest_part = 5;  // of all accounts: a fifth
  constexpr std::chrono::hours day(24);
  const storage::Rows rows = connection.query(
      "SELECT count(*), COALESCE(SUM(CASE WHEN gone_since > $1 THEN 1 ELSE 0 END), 0) FROM "
      "poll_state",
      {now - day});
  const std::int64_t lost = rows.at(0).integer(1) + static_cast<std::int64_t>(more);
  return lost > handful && lost * largest_part > rows[0].integer(0);
}

std::int64_t polls_per_hour(storage::Connection& connection) {
  constexpr std::int64_t hour = 3'600'000;  // milliseconds
  constexpr std::int64_t precision = 1'000;
  const storage::Rows rows = connection.query(
      "SELECT CAST(COALESCE(SUM($1 / poll_interval), 0) AS BIGINT) FROM poll_state WHERE "
      "poll_interval > 0 AND next_poll_at < $2",
      {hour * precision, never});
  return rows.at(0).integer(0) / precision;
}

}  // namespace bb::github_activity

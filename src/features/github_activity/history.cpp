#include "features/github_activity/history.hpp"

#include <algorithm>
#include <set>

namespace bb::github_activity {
namespace {

constexpr std::chrono::hours window_length(24);
// GitHub shows events up to 6 hours late, and more after an outage of theirs or ours.
constexpr std::chrono::hours grace(7 * 24);

// What was polled in this very millisecond counts.
constexpr std::chrono::milliseconds one_millisecond(1);

PastDigest read_digest(const storage::Row& row) {
  return {.id = row.text(0),
          .channel = ChannelId{row.text(1)},
          .window = {.since = row.time(2), .until = row.time(3)},
          .zone = TimeZone::find(row.text(4)).value_or(TimeZone::utc())};
}

struct Candidate {
  PastDigest digest;
  bool is_unposted = false;  // no message of it is in the chat, for certain
};

// Digests that the next one may follow on, the newest first.
std::vector<Candidate> candidates(storage::Connection& connection, const WorkspaceId& workspace,
                                  const ChannelId& channel, TimePoint from, TimePoint ended_by) {
  std::vector<Candidate> found;
  for (const storage::Row& row :
       connection.query("SELECT id, channel, since, until, zone FROM digest WHERE workspace_id = "
                        "$1 AND channel = $2 "
                        "AND until <= $3 AND until >= $4 ORDER BY until DESC",
                        {workspace, channel, ended_by, from})) {
    const storage::Rows counts = connection.query(
        "SELECT count(*), COALESCE(SUM(CASE WHEN state = 'failed' AND perhaps_posted = 0 THEN 1 "
        "ELSE 0 END), 0) FROM delivery WHERE idempotency_key >= $1 AND idempotency_key < $2",
        {"summary:" + row.text(0) + ":", "summary:" + row.text(0) + ";"});
    const std::int64_t messages = counts[0].integer(0);
    found.push_back({.digest = read_digest(row),
                     .is_unposted = messages > 0 && counts[0].integer(1) == messages});
  }
  return found;
}

// Members and the digests whose part about them is not in the chat, for certain.
std::map<UserId, std::set<std::string>> find_unreached(storage::Connection& connection,
                                                       const WorkspaceId& workspace,
                                                       const ChannelId& channel, TimePoint from) {
  std::map<UserId, std::set<std::string>> unreached;
  for (const storage::Row& row : connection.query(
           "SELECT m.user_id, m.digest_id FROM digest d JOIN digest_member m ON m.digest_id = d.id "
           "JOIN delivery ON delivery.idempotency_key = 'summary:' || m.digest_id || ':' || "
           "CAST(m.message AS TEXT) WHERE d.workspace_id = $1 AND d.channel = $2 AND d.until >= $3 "
           "AND m.message > 0 AND delivery.state = 'failed' AND delivery.perhaps_posted = 0",
           {workspace, channel, from})) {
    unreached[UserId{row.text(0)}].insert(row.text(1));
  }
  return unreached;
}

// Following on the newest of `digests` that is none of the `missed`.
NextWindow window_after(std::span<const Candidate> digests, const std::set<std::string>& missed,
                        TimePoint until) {
  TimePoint since = until - window_length;
  for (const auto& [digest, is_unposted] : digests) {
    if (is_unposted || missed.contains(digest.id)) {
      since = std::min(since, digest.window.since);
      continue;
    }
    return {.window = {.since = digest.window.until,
                       .until = until,
                       .late_since = digest.window.until - grace},
            .previous = digest.id};
  }
  return {.window = {.since = since, .until = until}, .previous = {}};
}

NextWindows windows_after(storage::Connection& connection, const WorkspaceId& workspace,
                          const ChannelId& channel, TimePoint now, TimePoint ended_by) {
  const TimePoint from = now - followed_for;
  const TimePoint until = now + one_millisecond;
  const std::vector<Candidate> digests = candidates(connection, workspace, channel, from, ended_by);
  NextWindows windows{.digest = window_after(digests, {}, until)};
  for (const auto& [user, missed] : find_unreached(connection, workspace, channel, from)) {
    const NextWindow window = window_after(digests, missed, until);
    if (window != windows.digest) {
      windows.behind.emplace(user, window);
    }
  }
  return windows;
}

}  // namespace

NextWindows next_windows(storage::Connection& connection, const WorkspaceId& workspace,
                         const ChannelId& channel, TimePoint now) {
  return windows_after(connection, workspace, channel, now, now - extra_within);
}

NextWindows coming_windows(storage::Connection& connection, const WorkspaceId& workspace,
                           const ChannelId& channel, TimePoint now) {
  return windows_after(connection, workspace, channel, now, now);
}

std::string delivery_key(std::string_view digest, std::size_t message) {
  return "summary:" + std::string(digest) + ":" + std::to_string(message);
}

TimePoint made_at(const Window& window) {
  return window.until - one_millisecond;
}

std::optional<ChannelId> last_channel(storage::Connection& connection,
                                      const WorkspaceId& workspace) {
  const storage::Rows rows = connection.query(
      "SELECT channel FROM digest WHERE workspace_id = $1 ORDER BY until DESC LIMIT 1",
      {workspace});
  return rows.empty() ? std::nullopt : std::optional(ChannelId{rows[0].text(0)});
}

void record(storage::Connection& connection, const WorkspaceId& workspace,
            const PastDigest& digest) {
  connection.execute(
      "INSERT INTO digest (id, workspace_id, channel, since, until, zone) VALUES ($1, $2, $3, $4, "
      "$5, "
      "$6)",
      {digest.id, workspace, digest.channel, digest.window.since, digest.window.until,
       digest.zone.name()});
}

void record_people(storage::Connection& connection, const std::string& digest,
                   std::span<const MemberOutcome> members,
                   std::span<const std::string> just_stored) {
  for (const MemberOutcome& member : members) {
    connection.execute(
        "INSERT INTO digest_member (digest_id, user_id, login, outcome, detail, message) VALUES "
        "($1, $2, $3, $4, $5, $6) ON CONFLICT (digest_id, user_id) DO UPDATE SET outcome = "
        "excluded.outcome, detail = excluded.detail, message = excluded.message",
        {digest, member.user, member.login, member.outcome, member.detail, member.message});
  }
  for (const std::string& event : just_stored) {
    connection.execute(
        "INSERT INTO digest_event (digest_id, event_id) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        {digest, event});
  }
}

void erase_digest(storage::Connection& connection, const std::string& digest) {
  connection.execute("DELETE FROM digest_member WHERE digest_id = $1", {digest});
  connection.execute("DELETE FROM digest_event WHERE digest_id = $1", {digest});
  connection.execute("DELETE FROM digest WHERE id = $1", {digest});
}

std::vector<PastDigest> digests_between(storage::Connection& connection,
                                        const WorkspaceId& workspace, TimePoint from,
                                        TimePoint until) {
  std::vector<PastDigest> digests;
  for (const storage::Row& row : connection.query("SELECT id, channel, since, until, zone FROM "
                                                  "digest WHERE workspace_id = $1 AND until > $2 "
                                                  "AND until <= $3 ORDER BY until, id",
                                                  {workspace, from, until})) {
    digests.push_back(read_digest(row));
  }
  return digests;
}

std::vector<MemberOutcome> outcomes_of(storage::Connection& connection, const std::string& digest) {
  std::vector<MemberOutcome> members;
  for (const storage::Row& row : connection.query("SELECT user_id, login, outcome, detail, message "
                                                  "FROM digest_member WHERE digest_id = $1 ORDER "
                                                  "BY login, user_id",
                                                  {digest})) {
    members.push_back({.user = UserId{row.text(0)},
                       .login = row.text(1),
                       .outcome = row.text(2),
                       .detail = row.text(3),
                       .message = static_cast<std::size_t>(row.integer(4))});
  }
  return members;
}

std::vector<WaitingMessage> waiting_messages(storage::Connection& connection,
                                             const WorkspaceId& workspace, const UserId& user) {
  std::vector<WaitingMessage> waiting;
  for (const storage::Row& row : connection.query(
           "SELECT d.id, d.channel, d.since, d.until, d.zone, m.message FROM digest_member m JOIN "
           "digest d "
           "ON d.id = m.digest_id JOIN delivery ON delivery.idempotency_key = 'summary:' || "
           "m.digest_id || ':' || CAST(m.message AS TEXT) WHERE d.workspace_id = $1 AND m.user_id "
           "= $2 AND m.message > 0 AND delivery.state = 'pending'",
           {workspace, user})) {
    waiting.push_back(
        {.digest = read_digest(row), .message = static_cast<std::size_t>(row.integer(5))});
  }
  return waiting;
}

std::optional<PastOutcome> last_outcome(storage::Connection& connection,
                                        const WorkspaceId& workspace, const UserId& user) {
  const storage::Rows rows = connection.query(
      "SELECT d.until, m.login, m.outcome, m.detail FROM digest_member m JOIN digest d ON d.id = "
      "m.digest_id WHERE d.workspace_id = $1 AND m.user_id = $2 ORDER BY d.until DESC LIMIT 1",
      {workspace, user});
  if (rows.empty()) {
    return std::nullopt;
  }
  return PastOutcome{.until = rows[0].time(0),
                     .member = {.user = user,
                                .login = rows[0].text(1),
                                .outcome = rows[0].text(2),
                                .detail = rows[0].text(3)}};
}

std::vector<std::string> digests_showing(storage::Connection& connection,
                                         const WorkspaceId& workspace, const UserId& user) {
  std::vector<std::string> digests;
  for (const storage::Row& row :
       connection.query("SELECT d.id FROM digest_member m JOIN digest d ON d.id = m.digest_id "
                        "WHERE d.workspace_id = $1 AND m.user_id = $2 AND m.outcome = $3",
                        {workspace, user, shown})) {
    digests.push_back(row.text(0));
  }
  return digests;
}

void clean_history(storage::Connection& connection, TimePoint before) {
  for (const std::string_view table : {"digest_member", "digest_event"}) {
    connection.execute("DELETE FROM " + std::string(table) +
                           " WHERE digest_id IN (SELECT id FROM digest WHERE until < $1)",
                       {before});
  }
  connection.execute("DELETE FROM digest WHERE until < $1", {before});
}

void forget(storage::Connection& connection, const WorkspaceId& workspace, const UserId& user) {
  connection.execute(
      "DELETE FROM digest_member WHERE user_id = $2 AND digest_id IN (SELECT id FROM digest WHERE "
      "workspace_id = $1)",
      {workspace, user});
}

}  // namespace bb::github_activity

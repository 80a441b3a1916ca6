#include "features/github_activity/history.hpp"

#include <algorithm>

namespace bb::github_activity {
namespace {

constexpr std::chrono::hours window_length(24);
constexpr std::chrono::hours extra_within(12);      // of a digest: this one does not follow on it
constexpr std::chrono::hours followed_for(7 * 24);  // after that nobody wants to read it all
// GitHub shows events up to 6 hours late, and more after an outage of theirs or ours.
constexpr std::chrono::hours grace(7 * 24);

PastDigest read_digest(const storage::Row& row) {
  return {.id = row.text(0),
          .channel = ChannelId{row.text(1)},
          .window = {.since = row.time(2), .until = row.time(3)}};
}

// What was polled in this very millisecond counts.
constexpr std::chrono::milliseconds one_millisecond(1);

// Following on the last digest that ended by `ended_by`.
NextWindow window_after(storage::Connection& connection, const WorkspaceId& workspace,
                        const ChannelId& channel, TimePoint now, TimePoint ended_by) {
  const TimePoint until = now + one_millisecond;
  const storage::Rows rows = connection.query(
      "SELECT id, channel, since, until, EXISTS (SELECT 1 FROM delivery WHERE state = 'failed' AND "
      "idempotency_key = 'summary:' || digest.id || ':0') FROM digest WHERE workspace_id = $1 AND "
      "channel = $2 AND until <= $3 AND until >= $4 ORDER BY until DESC",
      {workspace, channel, ended_by, now - followed_for});
  TimePoint since = until - window_length;
  for (const storage::Row& row : rows) {
    const PastDigest digest = read_digest(row);
    if (row.boolean(4)) {
      since = std::min(since, digest.window.since);  // its first message could not be posted
      continue;
    }
    return {.window = {.since = digest.window.until,
                       .until = until,
                       .late_since = digest.window.until - grace},
            .previous = digest.id};
  }
  return {.window = {.since = since, .until = until}, .previous = {}};
}

}  // namespace

NextWindow next_window(storage::Connection& connection, const WorkspaceId& workspace,
                       const ChannelId& channel, TimePoint now) {
  return window_after(connection, workspace, channel, now, now - extra_within);
}

NextWindow coming_window(storage::Connection& connection, const WorkspaceId& workspace,
                         const ChannelId& channel, TimePoint now) {
  return window_after(connection, workspace, channel, now, now);
}

std::optional<ChannelId> last_channel(storage::Connection& connection,
                                      const WorkspaceId& workspace) {
  const storage::Rows rows = connection.query(
      "SELECT channel FROM digest WHERE workspace_id = $1 ORDER BY until DESC LIMIT 1",
      {workspace});
  return rows.empty() ? std::nullopt : std::optional(ChannelId{rows[0].text(0)});
}

void record(storage::Connection& connection, const WorkspaceId& workspace, const PastDigest& digest,
            std::span<const MemberOutcome> members, std::span<const std::string> just_stored) {
  connection.execute(
      "INSERT INTO digest (id, workspace_id, channel, since, until) VALUES ($1, $2, $3, $4, $5)",
      {digest.id, workspace, digest.channel, digest.window.since, digest.window.until});
  for (const MemberOutcome& member : members) {
    connection.execute(
        "INSERT INTO digest_member (digest_id, user_id, login, outcome, detail) VALUES ($1, $2, "
        "$3, $4, $5)",
        {digest.id, member.user, member.login, member.outcome, member.detail});
  }
  for (const std::string& event : just_stored) {
    connection.execute(
        "INSERT INTO digest_event (digest_id, event_id) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        {digest.id, event});
  }
}

std::vector<PastDigest> digests_between(storage::Connection& connection,
                                        const WorkspaceId& workspace, TimePoint from,
                                        TimePoint until) {
  std::vector<PastDigest> digests;
  for (const storage::Row& row : connection.query(
           "SELECT id, channel, since, until FROM digest WHERE workspace_id = $1 AND until > $2 "
           "AND until <= $3 ORDER BY until, id",
           {workspace, from, until})) {
    digests.push_back(read_digest(row));
  }
  return digests;
}

std::vector<MemberOutcome> outcomes_of(storage::Connection& connection, const std::string& digest) {
  std::vector<MemberOutcome> members;
  for (const storage::Row& row : connection.query(
           "SELECT user_id, login, outcome, detail FROM digest_member WHERE digest_id = $1 ORDER "
           "BY login, user_id",
           {digest})) {
    members.push_back({.user = UserId{row.text(0)},
                       .login = row.text(1),
                       .outcome = row.text(2),
                       .detail = row.text(3)});
  }
  return members;
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

#include "features/github_activity/people.hpp"

#include <algorithm>
#include <chrono>
#include <tuple>

#include "base/log.hpp"
#include "base/text.hpp"
#include "features/github_activity/pauses.hpp"

namespace bb::github_activity {
namespace {

// A digest reads what was committed before; an event that came in this long before its end may have
// been too late for it.
constexpr std::chrono::minutes just_now(5);

constexpr std::string_view member_columns =
    "SELECT a.user_id, a.github_id, a.login, a.linked_at, a.paused_at, a.preferences, p.polled_at, "
    "p.gone_since, COALESCE(p.error, ''), COALESCE(p.first_pull_request, ''), "
    "p.first_pull_request_at, p.observed_since FROM github_account a LEFT JOIN poll_state p ON "
    "p.github_id = a.github_id WHERE a.workspace_id = $1 ";

LinkedMember read_member(const storage::Row& row) {
  const std::optional<TimePoint> first_at = row.optional_time(10);
  const std::optional<TimePoint> observed_since = row.optional_time(11);
  // What an account's first poll shows may not be its first pull request at all.
  const bool is_first = first_at && observed_since && *first_at >= *observed_since;
  return {.user = UserId{row.text(0)},
          .account = {.id = row.integer(1), .login = row.text(2)},
          .linked_at = row.time(3),
          .paused_at = row.optional_time(4),
          .preferences = parse_preferences(row.text(5)).value_or(Preferences{}),
          .polled_at = row.optional_time(6),
          .gone_since = row.optional_time(7),
          .error = row.text(8),
          .first_pull_request = is_first ? row.text(9) : std::string()};
}

// What happened in the window, and what is late: it came in after the digest before ($2), of
// somebody who could have been in that, and happened at or after $3.
constexpr std::string_view events_of_window =
    "SELECT event_id, type, repo, facts, created_at, stored_at FROM activity WHERE github_id = $1 "
    "AND stored_at >= $2 AND created_at >= $3 AND created_at < $4 AND (created_at >= $5 OR NOT "
    "EXISTS (SELECT 1 FROM digest_event WHERE digest_id = $6 AND digest_event.event_id = "
    "activity.event_id))";

bool is_within(const std::vector<Pause>& pauses, TimePoint at) {
  return std::ranges::any_of(
      pauses, [at](const Pause& pause) { return at >= pause.began_at && at < pause.ended_at; });
}

}  // namespace

std::vector<LinkedMember> linked_members(storage::Connection& connection,
                                         const WorkspaceId& workspace) {
  std::vector<LinkedMember> members;
  for (const storage::Row& row :
       connection.query(std::string(member_columns) + "ORDER BY a.user_id", {workspace})) {
    members.push_back(read_member(row));
  }
  return members;
}

std::optional<LinkedMember> linked_member(storage::Connection& connection,
                                          const WorkspaceId& workspace, const UserId& user) {
  const storage::Rows rows =
      connection.query(std::string(member_columns) + "AND a.user_id = $2", {workspace, user});
  return rows.empty() ? std::nullopt : std::optional(read_member(rows[0]));
}

std::string avatar_url(const LinkedMember& member) {
  // A picture that the platform cannot fetch may cost the whole message.
  if (member.gone_since || !member.error.empty()) {
    return {};
  }
  return "https://avatars.githubusercontent.com/u/" + std::to_string(member.account.id) + "?s=96";
}

Loaded load_person(storage::Connection& connection, const WorkspaceId& workspace,
                   const LinkedMember& member, const NextWindow& next) {
  const Window& window = next.window;
  Loaded loaded{.person = {.login = member.account.login,
                           .user = member.user,
                           .preferences = member.preferences,
                           .first_pull_request = member.first_pull_request},
                .just_stored = {}};
  const std::vector<Pause> pauses = pauses_of(connection, workspace, member.user);
  const TimePoint late_since = std::max(window.late_since.value_or(window.since), member.linked_at);
  for (const storage::Row& row :
       connection.query(events_of_window, {member.account.id, window.since - just_now,
                                           std::min(late_since, window.since), window.until,
                                           window.since, next.previous})) {
    if (is_within(pauses, row.time(4))) {
      // What is late was told of in its own window.
      loaded.paused += row.time(4) < window.since ? 0U : 1U;
      continue;
    }
    Result<github::Facts> facts = github::parse_facts(row.text(3));
    if (!facts) {
      log::warning("activity_unreadable", {{"event_id", row.text(0)}});
      continue;
    }
    if (row.time(5) >= window.until - just_now) {
      loaded.just_stored.push_back(row.text(0));
    }
    loaded.person.events.push_back({.id = row.text(0),
                                    .type = row.text(1),
                                    .login = member.account.login,
                                    .actor_id = member.account.id,
                                    .repo = row.text(2),
                                    .created_at = row.time(4),
                                    .facts = *std::move(facts)});
  }
  std::ranges::sort(loaded.person.events, {}, [](const github::Event& event) {
    return std::tie(event.created_at, event.id);
  });
  return loaded;
}

}  // namespace bb::github_activity

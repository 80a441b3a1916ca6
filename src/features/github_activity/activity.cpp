#include "features/github_activity/activity.hpp"

#include <algorithm>
#include <array>
#include <ranges>
#include <string>
#include <unordered_set>
#include <vector>

#include "features/github_activity/enrichment.hpp"
#include "storage/many_rows.hpp"

namespace bb::github_activity {
namespace {

using Events = std::vector<const github::Event*>;

constexpr std::chrono::hours oldest_activity(35 * 24);

constexpr std::array<std::string_view, 18> documented_types = {"CommitCommentEvent",
                                                               "CreateEvent",
                                                               "DeleteEvent",
                                                               "DiscussionEvent",
                                                               "ForkEvent",
                                                               "GollumEvent",
                                                               "IssueCommentEvent",
                                                               "IssuesEvent",
                                                               "MemberEvent",
                                                               "PublicEvent",
                                                               "PullRequestEvent",
                                                               "PullRequestReviewCommentEvent",
                                                               "PullRequestReviewEvent",
                                                               "PushEvent",
                                                               "ReleaseEvent",
                                                               "PullRequestReviewThreadEvent",
                                                               "SponsorshipEvent",
                                                               "WatchEvent"};

// Answers repeat up to a hundred events for a single new one.
Events new_events(storage::Connection& connection, std::int64_t github_id,
                  std::span<const github::Event> events, TimePoint now) {
  Events found;
  for (const github::Event& event : events) {
    const bool is_theirs = !event.actor_id || *event.actor_id == github_id;
    if (is_theirs && !event.id.empty() && event.is_public &&
        event.created_at >= now - oldest_activity) {
      found.push_back(&event);
    }
  }
  if (found.empty()) {
    return found;
  }
  const TimePoint oldest =
      (*std::ranges::min_element(found, {}, &github::Event::created_at))->created_at;
  std::unordered_set<std::string> known;
  for (const storage::Row& row :
       connection.query("SELECT event_id FROM activity WHERE github_id = $1 AND stored_at >= $2",
                        {github_id, oldest})) {
    known.insert(row.text(0));
  }
  // Also those that stand in the answer twice, as pages overlap when something happens meanwhile.
  std::erase_if(found, [&](const github::Event* event) { return !known.insert(event->id).second; });
  return found;
}

std::size_t insert(storage::Connection& connection, std::int64_t github_id,
                   std::span<const github::Event* const> events, TimePoint now) {
  static const storage::ManyRows rows(
      "INSERT INTO activity (github_id, event_id, type, repo, facts, created_at, stored_at) VALUES",
      7, "ON CONFLICT (github_id, event_id) DO NOTHING");
  std::vector<storage::Value> values;
  values.reserve(7 * events.size());
  for (const github::Event* event : events) {
    values.emplace_back(github_id);
    values.emplace_back(event->id);
    values.emplace_back(event->type);
    values.emplace_back(event->repo);
    values.emplace_back(github::to_json(event->facts));
    values.emplace_back(event->created_at);
    values.emplace_back(std::max(now, event->created_at));
  }
  return static_cast<std::size_t>(rows.execute(connection, values));
}

// A comment comes with the title of its pull request; the pull request's own events do not.
void store_title(storage::Connection& connection, const github::Event& event, TimePoint now) {
  const github::Facts& facts = event.facts;
  if (event.type != "IssueCommentEvent" || !facts.on_pull_request || facts.title.empty() ||
      !facts.number) {
    return;
  }
  const std::string subject = pull_request_subject(event.repo, *facts.number);
  connection.execute(
      "INSERT INTO enrichment (subject, answer, fetched_at) VALUES ($1, $2, $3) ON CONFLICT "
      "(subject) DO UPDATE SET answer = excluded.answer, fetched_at = excluded.fetched_at",
      {subject, facts.title, now});
}

// What polling and enrichment want to know without looking through the account's activity.
void store_newest(storage::Connection& connection, std::int64_t github_id, const Events& events,
                  TimePoint now) {
  const github::Event& newest = **std::ranges::max_element(
      events, {}, [](const github::Event* event) { return event->created_at; });
  connection.execute(
      "UPDATE poll_state SET activity_stored_at = $1, newest_event = CASE WHEN newest_event_at > "
      "$3 THEN newest_event ELSE $2 END, newest_event_at = CASE WHEN newest_event_at > $3 THEN "
      "newest_event_at ELSE $3 END WHERE github_id = $4",
      {now, newest.id, newest.created_at, github_id});
}

// Events come in no certain order, also across answers.
void store_first_pull_request(storage::Connection& connection, std::int64_t github_id,
                              const Events& events) {
  const github::Event* first = nullptr;
  for (const github::Event* event : events) {
    if (event->type == "PullRequestEvent" && event->facts.action == "opened" &&
        (first == nullptr || event->created_at < first->created_at)) {
      first = event;
    }
  }
  if (first != nullptr) {
    connection.execute(
        "UPDATE poll_state SET first_pull_request = $1, first_pull_request_at = $2 WHERE github_id "
        "= $3 AND (first_pull_request_at IS NULL OR first_pull_request_at > $2)",
        {first->id, first->created_at, github_id});
  }
}

}  // namespace

bool is_documented_type(std::string_view type) {
  return std::ranges::find(documented_types, type) != documented_types.end();
}

StoredActivity store_activity(storage::Connection& connection, std::int64_t github_id,
                              std::span<const github::Event> events, TimePoint now) {
  const Events fresh = new_events(connection, github_id, events, now);
  if (fresh.empty()) {
    return {};
  }
  StoredActivity stored{.events = insert(connection, github_id, fresh, now)};
  for (const github::Event* event : fresh | std::views::reverse) {  // the newest title stays
    stored.unknown_types += is_documented_type(event->type) ? 0U : 1U;
    store_title(connection, *event, now);
  }
  store_newest(connection, github_id, fresh, now);
  store_first_pull_request(connection, github_id, fresh);
  return stored;
}

}  // namespace bb::github_activity

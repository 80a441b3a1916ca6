#include "features/github_activity/activity.hpp"

#include <algorithm>

#include "features/github_activity/world.test.hpp"

namespace bb::github_activity {
namespace {

github::Event event(const World& world, std::string id, std::string type = "PushEvent",
                    github::Facts facts = {}) {
  return {.id = std::move(id),
          .type = std::move(type),
          .login = "ada",
          .actor_id = 1,
          .repo = "Octocat/Hello",
          .created_at = world.clock.now(),
          .facts = std::move(facts)};
}

StoredActivity store(World& world, const std::vector<github::Event>& events) {
  return world.database->write([&](storage::Connection& connection) {
    return store_activity(connection, 1, events, world.clock.now());
  });
}

std::int64_t stored(World& world) {
  return world.row("SELECT count(*) FROM activity").integer(0);
}

github::Event opened(const World& world, std::string id, std::chrono::minutes ago) {
  github::Event made = event(world, std::move(id), "PullRequestEvent", {.action = "opened"});
  made.created_at -= ago;
  return made;
}

github::Event comment(const World& world, std::string id, std::string title) {
  return event(world, std::move(id), "IssueCommentEvent",
               {.number = 7, .title = std::move(title), .on_pull_request = true});
}

}  // namespace

TEST_CASE("every number of new events is stored once") {
  World world;
  std::size_t sum = 0;
  for (const std::size_t count : {1U, 2U, 31U, 32U, 33U, 100U}) {
    std::vector<github::Event> events;
    for (std::size_t i = 0; i < count; ++i) {
      events.push_back(event(world, std::to_string(sum + i)));
    }
    CAPTURE(count);
    CHECK(store(world, events).events == count);
    CHECK(store(world, events).events == 0);
    sum += count;
    CHECK(stored(world) == static_cast<std::int64_t>(sum));
  }
}

TEST_CASE("an event that stands in an answer twice is stored once") {
  World world;
  CHECK(store(world, {event(world, "1"), event(world, "2"), event(world, "1")}).events == 2);
}

TEST_CASE("only new events of an answer are added") {
  World world;
  store(world, {event(world, "1")});
  world.clock.advance(std::chrono::hours(1));
  CHECK(store(world, {event(world, "2"), event(world, "1")}).events == 1);
  CHECK(world.row("SELECT stored_at FROM activity WHERE event_id = '2'").time(0) ==
        world.clock.now());
  CHECK(world.row("SELECT stored_at FROM activity WHERE event_id = '1'").time(0) <
        world.clock.now());
}

TEST_CASE("events of types that nobody knows yet are stored and counted") {
  World world;
  CHECK(store(world, {event(world, "1", "TeleportEvent"), event(world, "2", "GollumEvent")}) ==
        StoredActivity{.events = 2, .unknown_types = 1});
  CHECK(store(world, {event(world, "1", "TeleportEvent")}) == StoredActivity{});
}

TEST_CASE("private events and those of others and without id and very old ones are left out") {
  World world;
  github::Event hidden = event(world, "1");
  hidden.is_public = false;
  github::Event foreign = event(world, "2");
  foreign.actor_id = 99;
  github::Event old = event(world, "3");
  old.created_at -= std::chrono::hours(36 * 24);
  CHECK(store(world, {hidden, foreign, old, event(world, "")}) == StoredActivity{});
  CHECK(stored(world) == 0);
}

TEST_CASE("a comment tells the title of its pull request") {
  World world;
  store(world, {comment(world, "2", "New title"), comment(world, "1", "Old title")});
  const auto subject = world.rows("SELECT subject, answer FROM enrichment");
  REQUIRE(subject.size() == 1);
  CHECK(subject[0].text(0) == "pull:octocat/hello#7");
  CHECK(subject[0].text(1) == "New title");
  store(world, {comment(world, "3", "Newest title")});
  CHECK(world.row("SELECT answer FROM enrichment").text(0) == "Newest title");
}

TEST_CASE("a comment on an issue tells no title of a pull request") {
  World world;
  github::Event on_issue = comment(world, "1", "Crash");
  on_issue.facts.on_pull_request = false;
  store(world, {on_issue});
  CHECK(world.rows("SELECT subject FROM enrichment").empty());
}

TEST_CASE("the earliest pull request is remembered in whatever order they arrive") {
  World world;
  world.link("UADA", 1, "ada");
  const auto first = [&] {
    return world.row("SELECT first_pull_request FROM poll_state WHERE github_id = 1").text(0);
  };
  store(world, {event(world, "10", "PullRequestEvent", {.action = "merged"})});
  CHECK(first().empty());
  store(world,
        {opened(world, "13", std::chrono::hours(1)), opened(world, "11", std::chrono::hours(3)),
         opened(world, "12", std::chrono::hours(2))});
  CHECK(first() == "11");
  store(world, {opened(world, "14", std::chrono::hours(2))});
  CHECK(first() == "11");
  store(world, {opened(world, "9", std::chrono::hours(4))});
  CHECK(first() == "9");
  CHECK(world.row("SELECT first_pull_request_at FROM poll_state").time(0) ==
        world.clock.now() - std::chrono::hours(4));
}

TEST_CASE(
    "an account's activity since a time, what to enrich and who is due are found by indexes") {
  World world;
  const auto plan = [&](const std::string& sql, std::initializer_list<storage::Value> values) {
    std::string text;
    for (const storage::Row& row : world.rows("EXPLAIN QUERY PLAN " + sql, values)) {
      text += row.text(3) + "\n";
    }
    return text;
  };
  const std::string since =
      plan("SELECT event_id FROM activity WHERE github_id = $1 AND stored_at >= $2", {1, 1});
  CHECK(since.find("activity_stored (github_id=? AND stored_at>?)") != std::string::npos);
  const std::string old = plan(
      "DELETE FROM activity WHERE github_id IN (SELECT github_id FROM poll_state) AND stored_at < "
      "$1",
      {1});
  CHECK(old.find("activity_stored (github_id=? AND stored_at<?)") != std::string::npos);
  const std::string enriched = plan(
      "SELECT e.event_id FROM poll_state p JOIN activity e ON e.github_id = p.github_id WHERE "
      "p.activity_stored_at >= $1 AND e.stored_at >= $1",
      {1});
  CHECK(enriched.find("poll_state_activity") != std::string::npos);
  CHECK(enriched.find("activity_stored (github_id=? AND stored_at>?)") != std::string::npos);
  const std::string due = plan("SELECT 1 FROM poll_state WHERE next_poll_at <= $1 LIMIT 1", {1});
  CHECK(due.find("poll_state_next") != std::string::npos);
}

TEST_CASE("what an account did last is kept beside when it is asked about") {
  World world;
  world.link("UADA", 1, "ada");
  const auto last = [&] {
    const storage::Row row = world.row("SELECT newest_event, newest_event_at FROM poll_state");
    return std::pair(row.text(0), world.clock.now() - row.time(1));
  };
  using Last = std::pair<std::string, std::chrono::milliseconds>;
  store(world,
        {opened(world, "5", std::chrono::hours(2)), opened(world, "4", std::chrono::hours(3))});
  CHECK(last() == Last("5", std::chrono::hours(2)));
  store(world, {opened(world, "9", std::chrono::hours(4))});  // late
  CHECK(last() == Last("5", std::chrono::hours(2)));
  store(world, {opened(world, "6", std::chrono::hours(1))});
  CHECK(last() == Last("6", std::chrono::hours(1)));
}

TEST_CASE("activity of a clock that is ahead of ours came in when it happened") {
  World world;
  store(world, {opened(world, "5", -std::chrono::minutes(3))});
  CHECK(world.row("SELECT stored_at - created_at FROM activity").integer(0) == 0);
}

}  // namespace bb::github_activity

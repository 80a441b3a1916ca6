#include "features/github_activity/catalog.hpp"

#include <doctest/doctest.h>

#include <vector>

namespace bb::github_activity {
namespace {

github::Event event(std::string type, github::Facts facts = {}) {
  return {.id = "1",
          .type = std::move(type),
          .login = "octocat",
          .repo = "octocat/hello",
          .created_at = {},
          .facts = std::move(facts)};
}

std::string_view key_of(const github::Event& event) {
  const Category* category = find_category(event);
  return category == nullptr ? "none" : category->key;
}

Link link_of(const github::Event& event) {
  return find_category(event)->link(event);
}

TEST_CASE("the catalog has eight rows in the order of output") {
  std::vector<std::string_view> keys;
  for (const Category& row : catalog()) {
    keys.push_back(row.key);
  }
  CHECK(keys == std::vector<std::string_view>{"releases", "new_repositories", "open_sourced",
                                              "forks", "pull_requests", "issues", "pushes",
                                              "stars"});
}

TEST_CASE("each kind of event falls into its row") {
  struct Row {
    github::Event event;
    std::string_view key;
  };
  const Row rows[] = {
      {event("ReleaseEvent", {.action = "published"}), "releases"},
      {event("ReleaseEvent", {.action = "edited"}), "none"},
      {event("CreateEvent", {.ref_type = "repository"}), "new_repositories"},
      {event("CreateEvent", {.ref_type = "branch"}), "none"},
      {event("CreateEvent", {.ref_type = "tag"}), "none"},
      {event("PublicEvent"), "open_sourced"},
      {event("ForkEvent", {.action = "forked"}), "forks"},
      {event("ForkEvent"), "forks"},
      {event("PullRequestEvent", {.action = "opened"}), "pull_requests"},
      {event("PullRequestEvent", {.action = "closed", .merged = true}), "none"},
      {event("PullRequestEvent", {.action = "merged"}), "none"},
      {event("PullRequestEvent"), "none"},
      {event("IssuesEvent", {.action = "opened"}), "issues"},
      {event("IssuesEvent", {.action = "closed"}), "none"},
      {event("PushEvent", {.before = "a", .head = "b"}), "pushes"},
      {event("WatchEvent", {.action = "started"}), "stars"},
      {event("WatchEvent"), "stars"},
      {event("IssueCommentEvent", {.action = "created"}), "none"},
      {event("SomethingNewEvent"), "none"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.event.type);
    CAPTURE(row.event.facts.action);
    CHECK(key_of(row.event) == row.key);
  }
}

TEST_CASE("a push without commits does not count") {
  CHECK(key_of(event("PushEvent", {.commits = 0})) == "none");
  CHECK(key_of(event("PushEvent", {.before = "abc", .head = "abc"})) == "none");
  CHECK(key_of(event("PushEvent", {.commits = 2})) == "pushes");
  CHECK(key_of(event("PushEvent")) == "pushes");
}

TEST_CASE("private events and bots never count") {
  github::Event hidden = event("WatchEvent");
  hidden.is_public = false;
  CHECK(key_of(hidden) == "none");
  github::Event bot = event("PushEvent", {.commits = 1});
  bot.login = "dependabot[bot]";
  CHECK(key_of(bot) == "none");
  github::Event homeless = event("WatchEvent");
  homeless.repo.clear();
  CHECK(key_of(homeless) == "none");
}

TEST_CASE("links lead to the thing and say what it is") {
  CHECK((link_of(event("WatchEvent")) ==
         Link{.text = "octocat/hello", .url = "https://github.com/octocat/hello"}));
  CHECK((link_of(event("PullRequestEvent", {.action = "opened", .number = 12})) ==
         Link{.text = "octocat/hello#12", .url = "https://github.com/octocat/hello/pull/12"}));
  CHECK((link_of(event("IssuesEvent", {.action = "opened", .number = 7, .title = "It breaks"})) ==
         Link{.text = "octocat/hello#7 It breaks",
              .url = "https://github.com/octocat/hello/issues/7"}));
  CHECK((link_of(event("ReleaseEvent", {.action = "published", .name = "v1.2"})) ==
         Link{.text = "octocat/hello v1.2",
              .url = "https://github.com/octocat/hello/releases/tag/v1.2"}));
  CHECK((link_of(event("ReleaseEvent", {.action = "published"})) ==
         Link{.text = "octocat/hello", .url = "https://github.com/octocat/hello/releases"}));
}

TEST_CASE("a long title is cut") {
  const Link link = link_of(
      event("IssuesEvent", {.action = "opened", .number = 7, .title = std::string(100'000, 'x')}));
  CHECK(link.text.size() < 130);
  CHECK(link.text.ends_with("…"));
}

TEST_CASE("pushes tell their commits where all are known") {
  const Category& pushes = *find_category(event("PushEvent"));
  const github::Event two = event("PushEvent", {.commits = 2});
  const github::Event one = event("PushEvent", {.commits = 1});
  const github::Event unknown = event("PushEvent");
  const std::vector<const github::Event*> known = {&two, &one};
  const std::vector<const github::Event*> single = {&one};
  const std::vector<const github::Event*> mixed = {&two, &unknown};
  CHECK(pushes.note(known) == " (3 commits)");
  CHECK(pushes.note(single) == " (1 commit)");
  CHECK(pushes.note(mixed).empty());
}

}  // namespace
}  // namespace bb::github_activity

#include "features/github_activity/catalog.hpp"

#include <doctest/doctest.h>

#include <set>
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

TEST_CASE("the classic eight and merged pull requests and reviews are shown by default") {
  std::vector<std::string_view> keys;
  for (const Category& row : catalog()) {
    if (row.on_by_default) {
      keys.push_back(row.key);
    }
  }
  CHECK(keys == std::vector<std::string_view>{"releases", "new_repositories", "open_sourced",
                                              "forks", "pull_requests", "merged_pull_requests",
                                              "reviews", "issues", "pushes", "stars"});
}

TEST_CASE("keys and nouns of the catalog name one row each") {
  std::set<std::string_view> words;
  for (const Category& row : catalog()) {
    for (const std::string_view word : {row.key, row.singular, row.plural}) {
      CAPTURE(word);
      CHECK(find_row(word) == &row);
      words.insert(word);
    }
    CHECK((row.replaces.empty() || find_row(row.replaces) != nullptr));
  }
  CHECK(find_row(" Pull Requests ") == find_row("pull_requests"));
  CHECK(find_row("everything") == nullptr);
  CHECK(find_row("") == nullptr);
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
      {event("CreateEvent", {.ref = "v1", .ref_type = "tag"}), "tags"},
      {event("PublicEvent"), "open_sourced"},
      {event("ForkEvent", {.action = "forked"}), "forks"},
      {event("ForkEvent"), "forks"},
      {event("PullRequestEvent", {.action = "opened"}), "pull_requests"},
      {event("PullRequestEvent", {.action = "closed", .merged = true}), "merged_pull_requests"},
      {event("PullRequestEvent", {.action = "merged"}), "merged_pull_requests"},
      {event("PullRequestEvent", {.action = "closed"}), "none"},
      {event("PullRequestReviewEvent", {.action = "created", .state = "approved"}), "reviews"},
      {event("PullRequestReviewEvent", {.action = "dismissed"}), "none"},
      {event("PullRequestReviewEvent", {.action = "created", .state = "dismissed"}), "none"},
      {event("PullRequestEvent"), "none"},
      {event("IssuesEvent", {.action = "opened"}), "issues"},
      {event("IssuesEvent", {.action = "closed"}), "closed_issues"},
      {event("IssuesEvent", {.action = "labeled"}), "none"},
      {event("PushEvent", {.before = "a", .head = "b"}), "pushes"},
      {event("WatchEvent", {.action = "started"}), "stars"},
      {event("WatchEvent"), "stars"},
      {event("IssueCommentEvent", {.action = "created"}), "comments"},
      {event("IssueCommentEvent", {.action = "deleted"}), "none"},
      {event("CommitCommentEvent"), "comments"},
      {event("PullRequestReviewCommentEvent", {.action = "created"}), "comments"},
      {event("DiscussionEvent", {.action = "created"}), "discussions"},
      {event("GollumEvent"), "wiki_edits"},
      {event("MemberEvent", {.action = "added", .name = "ann"}), "collaborators"},
      {event("MemberEvent", {.action = "added"}), "none"},
      {event("SponsorshipEvent", {.action = "created", .name = "ann"}), "sponsorships"},
      {event("DeleteEvent", {.ref_type = "branch"}), "none"},
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

TEST_CASE("private events and bots are never shown") {
  CHECK(is_presentable(event("WatchEvent")));
  github::Event hidden = event("WatchEvent");
  hidden.is_public = false;
  CHECK_FALSE(is_presentable(hidden));
  github::Event bot = event("PushEvent", {.commits = 1});
  bot.login = "dependabot[bot]";
  CHECK_FALSE(is_presentable(bot));
}

TEST_CASE("an event without a repository does not count") {
  github::Event homeless = event("WatchEvent");
  homeless.repo.clear();
  CHECK(key_of(homeless) == "none");
}

TEST_CASE("links lead to the thing and say what it is") {
  CHECK((link_of(event("WatchEvent")) == Link{.text = "octocat/hello", .path = "/octocat/hello"}));
  CHECK((link_of(event("PullRequestEvent", {.action = "opened", .number = 12})) ==
         Link{.text = "octocat/hello#12", .path = "/octocat/hello/pull/12"}));
  CHECK((link_of(event("IssuesEvent", {.action = "opened", .number = 7, .title = "It breaks"})) ==
         Link{.text = "octocat/hello#7 It breaks", .path = "/octocat/hello/issues/7"}));
  CHECK((link_of(event("ReleaseEvent", {.action = "published", .name = "v1.2"})) ==
         Link{.text = "octocat/hello v1.2", .path = "/octocat/hello/releases/tag/v1.2"}));
  CHECK((link_of(event("ReleaseEvent", {.action = "published"})) ==
         Link{.text = "octocat/hello", .path = "/octocat/hello/releases"}));
  CHECK((link_of(event("DiscussionEvent", {.number = 3, .title = "Ideas"})) ==
         Link{.text = "octocat/hello#3 Ideas", .path = "/octocat/hello/discussions/3"}));
  CHECK((link_of(event("GollumEvent")) ==
         Link{.text = "octocat/hello", .path = "/octocat/hello/wiki"}));
  CHECK((link_of(event("SponsorshipEvent", {.name = "ann"})) ==
         Link{.text = "ann", .path = "/sponsors/ann"}));
}

TEST_CASE("a tag leads where its release would") {
  CHECK(link_of(event("CreateEvent", {.ref = "v1.2", .ref_type = "tag"})).path ==
        link_of(event("ReleaseEvent", {.name = "v1.2"})).path);
}

TEST_CASE("the address of a tag holds whatever the tag does") {
  const auto path_of = [](const char* tag) {
    return link_of(event("CreateEvent", {.ref = tag, .ref_type = "tag"})).path;
  };
  CHECK(path_of("v1.0#rc1") == "/octocat/hello/releases/tag/v1.0%23rc1");
  CHECK(path_of("100%?") == "/octocat/hello/releases/tag/100%25%3F");
  CHECK(path_of("core/v2") == "/octocat/hello/releases/tag/core/v2");
  CHECK(path_of("über") == "/octocat/hello/releases/tag/%C3%BCber");
}

TEST_CASE("whoever joins a repository is told from whoever adds somebody") {
  CHECK(link_of(event("MemberEvent", {.name = "octocat"})).text == "octocat/hello");
  CHECK(link_of(event("MemberEvent", {.name = "ann"})).text == "ann on octocat/hello");
}

TEST_CASE("a review says its verdict and comments how many they are") {
  const github::Event comment = event("PullRequestReviewEvent", {.state = "commented"});
  const github::Event verdict = event("PullRequestReviewEvent", {.state = "changes_requested"});
  const github::Event approval = event("PullRequestReviewEvent", {.state = "approved"});
  const Category& reviews = *find_row("reviews");
  const std::vector<const github::Event*> words = {&comment};
  const std::vector<const github::Event*> refusal = {&comment, &verdict};
  const std::vector<const github::Event*> change_of_mind = {&verdict, &approval};
  CHECK(reviews.note(words).empty());
  CHECK(reviews.note(refusal) == " (changes requested)");
  CHECK(reviews.note(change_of_mind) == " (approved)");
  CHECK(find_row("comments")->note(words).empty());
  CHECK(find_row("comments")->note(refusal) == " (2)");
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

TEST_CASE("pushes tell their branches") {
  const Category& pushes = *find_row("pushes");
  const github::Event main = event("PushEvent", {.ref = "main", .commits = 2});
  const github::Event next = event("PushEvent", {.ref = "next"});
  const github::Event other = event("PushEvent", {.ref = "other"});
  const std::vector<const github::Event*> one = {&main, &main};
  const std::vector<const github::Event*> two = {&main, &next};
  const std::vector<const github::Event*> three = {&main, &next, &other};
  CHECK(pushes.note(one) == " (4 commits, main)");
  CHECK(pushes.note(two) == " (main and next)");
  CHECK(pushes.note(three) == " (main and 2 more branches)");
}

}  // namespace
}  // namespace bb::github_activity

#include "features/github_activity/catalog.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "base/text.hpp"
#include "github/api_request.hpp"

namespace bb::github_activity {
namespace {

using github::Event;

// A title longer than this hides the rest of the line.
constexpr std::size_t title_bytes = 100;
constexpr std::size_t branch_bytes = 40;

bool has_action(const Event& event, std::string_view action) {
  return event.facts.action == action;
}

// Archives leave some actions out.
bool has_action_or_none(const Event& event, std::string_view action) {
  return event.facts.action.empty() || has_action(event, action);
}

bool is_release(const Event& event) {
  return event.type == "ReleaseEvent" && has_action_or_none(event, "published");
}

bool is_new_repository(const Event& event) {
  return event.type == "CreateEvent" && event.facts.ref_type == "repository";
}

bool is_open_sourced(const Event& event) {
  return event.type == "PublicEvent";
}

bool is_fork(const Event& event) {
  return event.type == "ForkEvent";
}

bool is_pull_request(const Event& event) {
  return event.type == "PullRequestEvent" && has_action(event, "opened");
}

// An action of its own since late 2025, before that a kind of closing.
bool is_merged_pull_request(const Event& event) {
  return event.type == "PullRequestEvent" &&
         (has_action(event, "merged") || (has_action(event, "closed") && event.facts.merged));
}

// Whoever dismisses or edits a review does not review.
bool is_review(const Event& event) {
  return event.type == "PullRequestReviewEvent" &&
         (has_action_or_none(event, "created") || has_action(event, "submitted")) &&
         event.facts.state != "dismissed";
}

bool is_issue(const Event& event) {
  return event.type == "IssuesEvent" && has_action(event, "opened");
}

bool is_closed_issue(const Event& event) {
  return event.type == "IssuesEvent" && has_action(event, "closed");
}

bool is_comment(const Event& event) {
  return (event.type == "IssueCommentEvent" || event.type == "CommitCommentEvent" ||
          event.type == "PullRequestReviewCommentEvent") &&
         has_action_or_none(event, "created");
}

bool is_discussion(const Event& event) {
  return event.type == "DiscussionEvent" && has_action_or_none(event, "created");
}

// A push without commits moves a branch to where another one is already: nothing was made.
bool is_push(const Event& event) {
  const github::Facts& facts = event.facts;
  const bool empty = facts.commits == 0 || (!facts.head.empty() && facts.before == facts.head);
  return event.type == "PushEvent" && !empty;
}

bool is_tag(const Event& event) {
  return event.type == "CreateEvent" && event.facts.ref_type == "tag" && !event.facts.ref.empty();
}

bool is_wiki_edit(const Event& event) {
  return event.type == "GollumEvent";
}

bool is_star(const Event& event) {
  return event.type == "WatchEvent" && has_action_or_none(event, "started");
}

bool is_new_collaborator(const Event& event) {
  return event.type == "MemberEvent" && has_action_or_none(event, "added") &&
         !event.facts.name.empty();
}

bool is_sponsorship(const Event& event) {
  return event.type == "SponsorshipEvent" && has_action_or_none(event, "created") &&
         !event.facts.name.empty();
}

std::string repo_path(const Event& event) {
  return "/" + event.repo;
}

Link to_repo(const Event& event) {
  return {.text = event.repo, .path = repo_path(event)};
}

// A tag may have anything in it: a slash stays, the rest is encoded.
std::string path_of(std::string_view tag) {
  std::string path;
  for (const std::string_view segment : split(tag, '/')) {
    path += (path.empty() ? "" : "/") + github::path_segment(segment);
  }
  return path;
}

// The same address for a tag and the release made of it.
Link to_tag(const Event& event, const std::string& tag) {
  return {.text = event.repo + " " + truncate(tag, title_bytes),
          .path = repo_path(event) + "/releases/tag/" + path_of(tag)};
}

Link to_release(const Event& event) {
  return event.facts.name.empty() ? Link{.text = event.repo, .path = repo_path(event) + "/releases"}
                                  : to_tag(event, event.facts.name);
}

Link to_new_tag(const Event& event) {
  return to_tag(event, event.facts.ref);
}

Link to_wiki(const Event& event) {
  return {.text = event.repo, .path = repo_path(event) + "/wiki"};
}

// Who accepts an invitation and who adds somebody both cause such an event.
Link to_collaborator(const Event& event) {
  const bool is_self = equals_ignoring_case(event.facts.name, event.login);
  return {.text = is_self ? event.repo : event.facts.name + " on " + event.repo,
          .path = repo_path(event)};
}

std::string collaborator(const Event& event) {
  return to_lower(event.facts.name);
}

Link to_sponsored(const Event& event) {
  return {.text = event.facts.name, .path = "/sponsors/" + event.facts.name};
}

Link to_numbered(const Event& event, std::string_view folder) {
  const github::Facts& facts = event.facts;
  Link link = to_repo(event);
  if (facts.number) {
    link.text += "#" + std::to_string(*facts.number);
    link.path += "/" + std::string(folder) + "/" + std::to_string(*facts.number);
  }
  if (!facts.title.empty()) {
    link.text += " " + truncate(facts.title, title_bytes);
  }
  return link;
}

Link to_pull_request(const Event& event) {
  return to_numbered(event, "pull");
}

Link to_issue(const Event& event) {
  return to_numbered(event, "issues");
}

Link to_discussion(const Event& event) {
  return to_numbered(event, "discussions");
}

std::string fork_subject(const Event& event) {
  return "/" + event.facts.name;
}

// Different, not empty values, in order of appearance.
std::vector<std::string> distinct(std::span<const Event* const> events,
                                  std::string github::Facts::* member) {
  std::vector<std::string> values;
  for (const Event* event : events) {
    const std::string& value = event->facts.*member;
    if (!value.empty() && std::ranges::find(values, value) == values.end()) {
      values.push_back(value);
    }
  }
  return values;
}

// Payloads of today do not tell the number of commits; a sum of the known ones would mislead.
std::size_t known_commits(std::span<const Event* const> events) {
  std::size_t commits = 0;
  for (const Event* event : events) {
    const std::int64_t known = event->facts.commits.value_or(0);
    if (known <= 0) {
      return 0;
    }
    commits += static_cast<std::size_t>(known);
  }
  return commits;
}

// " (12 commits, main and 2 more branches)", as far as it is known.
std::string push_note(std::span<const Event* const> events) {
  constexpr std::size_t most_branches = 2;
  std::vector<std::string> branches = distinct(events, &github::Facts::ref);
  if (branches.size() > most_branches) {
    const std::size_t others = branches.size() - 1;
    branches.resize(1);
    branches.push_back(count_of(others, "more branch", "more branches"));
  }
  for (std::string& branch : branches) {
    branch = truncate(branch, branch_bytes);
  }
  const std::size_t commits = known_commits(events);
  std::string note = commits > 0 ? count_of(commits, "commit", "commits") : "";
  if (!branches.empty()) {
    note += (note.empty() ? "" : ", ") + join_words(branches);
  }
  return note.empty() ? note : " (" + note + ")";
}

// " (approved)"; a comment is what a review is without more.
std::string review_note(std::span<const Event* const> events) {
  const std::vector<std::string> states = distinct(events, &github::Facts::state);
  const auto has = [&](std::string_view state) {
    return std::ranges::find(states, state) != states.end();
  };
  return has("approved") ? " (approved)" : has("changes_requested") ? " (changes requested)" : "";
}

std::string number_note(std::span<const Event* const> events) {
  return events.size() > 1 ? " (" + std::to_string(events.size()) + ")" : "";
}

// "Closed_Issues" as "closed issues".
std::string in_words(std::string_view text) {
  std::string words = to_lower(trim(text));
  std::ranges::replace(words, '_', ' ');
  return words;
}

constexpr std::array table = {
    Category{.key = "releases",
             .emoji = "ship",
             .symbol = "🚢",
             .singular = "release",
             .plural = "releases",
             .lead = ": ",
             .matches = is_release,
             .link = to_release,
             .on_by_default = true,
             .replaces = "tags"},
    Category{.key = "new_repositories",
             .emoji = "sparkles",
             .symbol = "✨",
             .singular = "new repository",
             .plural = "new repositories",
             .lead = ": ",
             .matches = is_new_repository,
             .link = to_repo,
             .on_by_default = true,
             .aliases = "repositories,repos,new repos"},
    Category{.key = "open_sourced",
             .emoji = "unlock",
             .symbol = "🔓",
             .singular = "open-sourced repository",
             .plural = "open-sourced repositories",
             .lead = ": ",
             .matches = is_open_sourced,
             .link = to_repo,
             .on_by_default = true,
             .aliases = "open source,open-sourced"},
    Category{.key = "forks",
             .emoji = "fork_and_knife",
             .symbol = "🍴",
             .singular = "fork",
             .plural = "forks",
             .lead = " of ",
             .matches = is_fork,
             .link = to_repo,
             .on_by_default = true,
             .replaces = "new_repositories",
             .replaces_unshown = true,
             .subject = fork_subject},
    Category{.key = "pull_requests",
             .emoji = "arrow_heading_up",
             .symbol = "⤴️",
             .singular = "pull request",
             .plural = "pull requests",
             .lead = ": ",
             .matches = is_pull_request,
             .link = to_pull_request,
             .on_by_default = true,
             .highlighted = Highlighted::as_contributed,
             .aliases = "pr,prs,opened pull requests"},
    Category{.key = "merged_pull_requests",
             .emoji = "twisted_rightwards_arrows",
             .symbol = "🔀",
             .singular = "merged pull request",
             .plural = "merged pull requests",
             .lead = ": ",
             .matches = is_merged_pull_request,
             .link = to_pull_request,
             .on_by_default = true,
             .highlighted = Highlighted::as_contributed,
             .replaces = "pull_requests",
             .aliases = "merge,merges,merged pr,merged prs"},
    Category{.key = "reviews",
             .emoji = "eyes",
             .symbol = "👀",
             .singular = "review",
             .plural = "reviews",
             .lead = " of ",
             .matches = is_review,
             .link = to_pull_request,
             .note = review_note,
             .on_by_default = true,
             .highlighted = Highlighted::as_contributed},
    Category{.key = "issues",
             .emoji = "interrobang",
             .symbol = "⁉️",
             .singular = "issue",
             .plural = "issues",
             .lead = ": ",
             .matches = is_issue,
             .link = to_issue,
             .on_by_default = true,
             .aliases = "opened issues"},
    Category{.key = "closed_issues",
             .emoji = "white_check_mark",
             .symbol = "✅",
             .singular = "closed issue",
             .plural = "closed issues",
             .lead = ": ",
             .matches = is_closed_issue,
             .link = to_issue,
             .replaces = "issues"},
    Category{.key = "comments",
             .emoji = "speech_balloon",
             .symbol = "💬",
             .singular = "comment",
             .plural = "comments",
             .lead = " on ",
             .matches = is_comment,
             .link = to_repo,
             .note = number_note},
    Category{.key = "discussions",
             .emoji = "left_speech_bubble",
             .symbol = "🗨️",
             .singular = "discussion",
             .plural = "discussions",
             .lead = ": ",
             .matches = is_discussion,
             .link = to_discussion},
    Category{.key = "pushes",
             .emoji = "arrow_up",
             .symbol = "⬆️",
             .singular = "push",
             .plural = "pushes",
             .lead = " to ",
             .matches = is_push,
             .link = to_repo,
             .note = push_note,
             .on_by_default = true,
             .highlighted = Highlighted::as_contributed,
             .aliases = "commit,commits"},
    Category{.key = "tags",
             .emoji = "label",
             .symbol = "🏷️",
             .singular = "new tag",
             .plural = "new tags",
             .lead = ": ",
             .matches = is_tag,
             .link = to_new_tag,
             .aliases = "tag,tags"},
    Category{.key = "wiki_edits",
             .emoji = "memo",
             .symbol = "📝",
             .singular = "wiki edit",
             .plural = "wiki edits",
             .lead = " in ",
             .matches = is_wiki_edit,
             .link = to_wiki,
             .note = number_note,
             .aliases = "wiki"},
    Category{.key = "stars",
             .emoji = "star",
             .symbol = "⭐",
             .singular = "star",
             .plural = "stars",
             .lead = " for ",
             .matches = is_star,
             .link = to_repo,
             .on_by_default = true,
             .highlighted = Highlighted::as_starred},
    Category{.key = "collaborators",
             .emoji = "handshake",
             .symbol = "🤝",
             .singular = "new collaboration",
             .plural = "new collaborations",
             .lead = ": ",
             .matches = is_new_collaborator,
             .link = to_collaborator,
             .distinction = collaborator,
             .aliases = "collaborator,collaborations"},
    Category{.key = "sponsorships",
             .emoji = "sparkling_heart",
             .symbol = "💖",
             .singular = "sponsorship",
             .plural = "sponsorships",
             .lead = " of ",
             .matches = is_sponsorship,
             .link = to_sponsored},
};

}  // namespace

std::span<const Category> catalog() {
  return table;
}

bool is_dismissal(const github::Event& event) {
  return event.type == "PullRequestReviewEvent" && !event.facts.name.empty() &&
         (event.facts.action == "dismissed" || event.facts.state == "dismissed");
}

bool is_presentable(const github::Event& event) {
  return event.is_public && !event.login.ends_with("[bot]");
}

const Category* find_category(const github::Event& event, std::span<const Category> rows) {
  if (event.repo.empty() || event.login.empty()) {
    return nullptr;
  }
  const auto row = std::ranges::find_if(rows, [&](const Category& c) { return c.matches(event); });
  return row == rows.end() ? nullptr : &*row;
}

const Category* find_row(std::string_view words, std::span<const Category> rows) {
  const std::string wanted = in_words(words);
  const auto row = std::ranges::find_if(rows, [&](const Category& c) {
    const std::vector<std::string_view> aliases = split(c.aliases, ',');
    return !wanted.empty() &&
           (wanted == in_words(c.key) || wanted == c.singular || wanted == c.plural ||
            std::ranges::find(aliases, wanted) != aliases.end());
  });
  return row == rows.end() ? nullptr : &*row;
}

}  // namespace bb::github_activity

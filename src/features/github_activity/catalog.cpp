#include "features/github_activity/catalog.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace bb::github_activity {
namespace {

using github::Event;

// A title longer than this hides the rest of the line.
constexpr std::size_t title_bytes = 100;

bool has_action(const Event& event, std::string_view action) {
  return event.facts.action == action;
}

bool is_release(const Event& event) {
  return event.type == "ReleaseEvent" &&
         (event.facts.action.empty() || has_action(event, "published"));
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

bool is_issue(const Event& event) {
  return event.type == "IssuesEvent" && has_action(event, "opened");
}

// A push without commits moves a branch to where another one is already: nothing was made.
bool is_push(const Event& event) {
  const github::Facts& facts = event.facts;
  const bool empty = facts.commits == 0 || (!facts.head.empty() && facts.before == facts.head);
  return event.type == "PushEvent" && !empty;
}

bool is_star(const Event& event) {
  return event.type == "WatchEvent" && (event.facts.action.empty() || has_action(event, "started"));
}

std::string repo_url(const Event& event) {
  return "https://github.com/" + event.repo;
}

Link to_repo(const Event& event) {
  return {.text = event.repo, .url = repo_url(event)};
}

Link to_release(const Event& event) {
  const github::Facts& facts = event.facts;
  if (facts.name.empty()) {
    return {.text = event.repo, .url = repo_url(event) + "/releases"};
  }
  return {.text = event.repo + " " + truncate(facts.name, title_bytes),
          .url = repo_url(event) + "/releases/tag/" + facts.name};
}

Link to_numbered(const Event& event, std::string_view folder) {
  const github::Facts& facts = event.facts;
  Link link = to_repo(event);
  if (facts.number) {
    link.text += "#" + std::to_string(*facts.number);
    link.url += "/" + std::string(folder) + "/" + std::to_string(*facts.number);
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

// Payloads of today do not tell the number of commits; a sum of the known ones would mislead.
std::string commits_note(std::span<const Event* const> events) {
  std::size_t commits = 0;
  for (const Event* event : events) {
    const std::int64_t known = event->facts.commits.value_or(0);
    if (known <= 0) {
      return {};
    }
    commits += static_cast<std::size_t>(known);
  }
  return " (" + count_of(commits, "commit", "commits") + ")";
}

constexpr std::array rows = {
    Category{.key = "releases",
             .emoji = "ship",
             .symbol = "🚢",
             .singular = "release",
             .plural = "releases",
             .lead = ": ",
             .matches = is_release,
             .link = to_release},
    Category{.key = "new_repositories",
             .emoji = "sparkles",
             .symbol = "✨",
             .singular = "new repository",
             .plural = "new repositories",
             .lead = ": ",
             .matches = is_new_repository,
             .link = to_repo},
    Category{.key = "open_sourced",
             .emoji = "unlock",
             .symbol = "🔓",
             .singular = "open-sourced repository",
             .plural = "open-sourced repositories",
             .lead = ": ",
             .matches = is_open_sourced,
             .link = to_repo},
    Category{.key = "forks",
             .emoji = "fork_and_knife",
             .symbol = "🍴",
             .singular = "fork",
             .plural = "forks",
             .lead = " of ",
             .matches = is_fork,
             .link = to_repo},
    Category{.key = "pull_requests",
             .emoji = "arrow_heading_up",
             .symbol = "⤴️",
             .singular = "pull request",
             .plural = "pull requests",
             .lead = ": ",
             .matches = is_pull_request,
             .link = to_pull_request},
    Category{.key = "issues",
             .emoji = "interrobang",
             .symbol = "⁉️",
             .singular = "issue",
             .plural = "issues",
             .lead = ": ",
             .matches = is_issue,
             .link = to_issue},
    Category{.key = "pushes",
             .emoji = "arrow_up",
             .symbol = "⬆️",
             .singular = "push",
             .plural = "pushes",
             .lead = " to ",
             .matches = is_push,
             .link = to_repo,
             .note = commits_note},
    Category{.key = "stars",
             .emoji = "star",
             .symbol = "⭐",
             .singular = "star",
             .plural = "stars",
             .lead = " for ",
             .matches = is_star,
             .link = to_repo},
};

}  // namespace

std::span<const Category> catalog() {
  return rows;
}

const Category* find_category(const github::Event& event) {
  const bool is_complete = !event.repo.empty() && !event.login.empty();
  if (!event.is_public || !is_complete || event.login.ends_with("[bot]")) {
    return nullptr;
  }
  const auto row = std::ranges::find_if(rows, [&](const Category& c) { return c.matches(event); });
  return row == rows.end() ? nullptr : row;
}

}  // namespace bb::github_activity

#include "sim/github_events.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "crypto/crypto.hpp"

namespace bb::sim {
namespace {

using boost::json::array;
using boost::json::object;

std::string api(std::string_view rest) {
  return fmt::format("https://api.github.com/{}", rest);
}

std::string web(std::string_view repo, std::string_view rest) {
  return fmt::format("https://github.com/{}/{}", repo, rest);
}

// Looks like a commit id; the same for the same input.
std::string commit_id(std::string_view repo, std::string_view what) {
  return crypto::to_hex(crypto::sha256(fmt::format("{} {}", repo, what))).substr(0, 40);
}

std::string name_of(std::string_view repo) {
  return std::string(repo.substr(repo.find('/') + 1));
}

EventData make(std::string type, std::string_view repo, const object& payload) {
  return {.type = std::move(type),
          .repo = std::string(repo),
          .payload = boost::json::serialize(payload)};
}

object branch_end(std::string_view repo, std::string_view branch) {
  return {{"ref", branch},
          {"sha", commit_id(repo, branch)},
          {"repo", object{{"id", repository_id(repo)},
                          {"name", name_of(repo)},
                          {"url", api(fmt::format("repos/{}", repo))}}}};
}

// All that is left of a pull request in an event.
object minimal_pull_request(std::string_view repo, std::int64_t number) {
  return {{"id", repository_id(repo) * 10 + number},
          {"number", number},
          {"url", api(fmt::format("repos/{}/pulls/{}", repo, number))},
          {"head", branch_end(repo, fmt::format("change-{}", number))},
          {"base", branch_end(repo, "main")}};
}

EventData pull_request(std::string_view repo, std::int64_t number, std::string_view action) {
  return make("PullRequestEvent", repo,
              {{"action", action},
               {"number", number},
               {"pull_request", minimal_pull_request(repo, number)}});
}

// Issues are still shown in full.
object issue_json(std::string_view repo, std::int64_t number, std::string_view title,
                  std::string_view state) {
  return {{"id", repository_id(repo) * 100 + number},
          {"number", number},
          {"title", title},
          {"state", state},
          {"body", nullptr},
          {"labels", array{}},
          {"comments", 0},
          {"url", api(fmt::format("repos/{}/issues/{}", repo, number))},
          {"html_url", web(repo, fmt::format("issues/{}", number))}};
}

EventData issue(std::string_view repo, const object& about, std::string_view action) {
  return make("IssuesEvent", repo, {{"action", action}, {"issue", about}});
}

object comment_json(std::string_view repo, std::string_view place) {
  return {{"id", repository_id(repo) + 11},
          {"body", "Looks good to me."},
          {"html_url", web(repo, place)},
          {"created_at", "2026-01-02T03:04:05Z"},
          {"updated_at", "2026-01-02T03:04:05Z"}};
}

object created(std::string_view ref, std::string_view ref_type, std::string_view full_ref) {
  return {{"ref", ref},
          {"ref_type", ref_type},
          {"full_ref", fmt::format("{}{}", full_ref, ref)},
          {"master_branch", "main"},
          {"description", nullptr},
          {"pusher_type", "user"}};
}

}  // namespace

std::int64_t repository_id(std::string_view repo) {
  const std::string digest = crypto::sha256(repo);
  std::int64_t id = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    id = id * 256 + static_cast<unsigned char>(digest[i]);
  }
  return 100'000'000 + id % 1'000'000'000;
}

EventData push(std::string_view repo, std::string_view branch, std::int64_t number) {
  return make("PushEvent", repo,
              {{"repository_id", repository_id(repo)},
               {"push_id", 30'000'000'000 + repository_id(repo) + number},
               {"ref", fmt::format("refs/heads/{}", branch)},
               {"head", commit_id(repo, fmt::format("{} {}", branch, number))},
               {"before", commit_id(repo, fmt::format("{} {}", branch, number - 1))}});
}

EventData pull_request_opened(std::string_view repo, std::int64_t number) {
  return pull_request(repo, number, "opened");
}

EventData pull_request_merged(std::string_view repo, std::int64_t number) {
  return pull_request(repo, number, "merged");
}

EventData pull_request_closed(std::string_view repo, std::int64_t number) {
  return pull_request(repo, number, "closed");
}

EventData review(std::string_view repo, std::int64_t number, std::string_view state) {
  const object given{{"id", repository_id(repo) * 10 + number + 5},
                     {"body", nullptr},
                     {"commit_id", commit_id(repo, fmt::format("change-{}", number))},
                     {"submitted_at", "2026-01-02T03:04:05Z"},
                     {"state", state},
                     {"html_url", web(repo, fmt::format("pull/{}#pullrequestreview-5", number))},
                     {"pull_request_url", api(fmt::format("repos/{}/pulls/{}", repo, number))}};
  return make("PullRequestReviewEvent", repo,
              {{"action", "created"},
               {"review", given},
               {"pull_request", minimal_pull_request(repo, number)}});
}

EventData review_comment(std::string_view repo, std::int64_t number) {
  object comment = comment_json(repo, fmt::format("pull/{}#discussion_r11", number));
  comment["path"] = "src/main.cpp";
  comment["position"] = 1;
  comment["diff_hunk"] = "@@ -1 +1 @@";
  return make("PullRequestReviewCommentEvent", repo,
              {{"action", "created"},
               {"comment", comment},
               {"pull_request", minimal_pull_request(repo, number)}});
}

EventData issue_opened(std::string_view repo, std::int64_t number, std::string_view title) {
  return issue(repo, issue_json(repo, number, title, "open"), "opened");
}

EventData issue_closed(std::string_view repo, std::int64_t number, std::string_view title) {
  return issue(repo, issue_json(repo, number, title, "closed"), "closed");
}

EventData issue_comment(std::string_view repo, std::int64_t number, std::string_view title,
                        CommentOn what) {
  object about = issue_json(repo, number, title, "open");
  std::string place = fmt::format("issues/{}", number);
  if (what == CommentOn::pull_request) {
    place = fmt::format("pull/{}", number);
    about["html_url"] = web(repo, place);
    about["pull_request"] = object{{"url", api(fmt::format("repos/{}/pulls/{}", repo, number))},
                                   {"html_url", web(repo, place)}};
  }
  return make("IssueCommentEvent", repo,
              {{"action", "created"},
               {"issue", about},
               {"comment", comment_json(repo, place + "#issuecomment-11")}});
}

EventData commit_comment(std::string_view repo) {
  const std::string commit = commit_id(repo, "commented");
  object comment = comment_json(repo, fmt::format("commit/{}#commitcomment-11", commit));
  comment["commit_id"] = commit;
  comment["path"] = nullptr;
  comment["position"] = nullptr;
  comment["line"] = nullptr;
  return make("CommitCommentEvent", repo, {{"action", "created"}, {"comment", comment}});
}

EventData discussion(std::string_view repo, std::int64_t number, std::string_view title) {
  const object about{{"id", repository_id(repo) * 100 + number},
                     {"number", number},
                     {"title", title},
                     {"body", ""},
                     {"category", object{{"name", "Ideas"}, {"slug", "ideas"}}},
                     {"html_url", web(repo, fmt::format("discussions/{}", number))}};
  return make("DiscussionEvent", repo, {{"action", "created"}, {"discussion", about}});
}

EventData star(std::string_view repo) {
  return make("WatchEvent", repo, {{"action", "started"}});
}

EventData fork(std::string_view repo, std::string_view owner) {
  const std::string full_name = fmt::format("{}/{}", owner, name_of(repo));
  const object forkee{{"id", repository_id(full_name)},
                      {"name", name_of(repo)},
                      {"full_name", full_name},
                      {"private", false},
                      {"fork", true},
                      {"html_url", fmt::format("https://github.com/{}", full_name)},
                      {"description", nullptr},
                      {"language", "C++"},
                      {"stargazers_count", 0},
                      {"default_branch", "main"}};
  return make("ForkEvent", repo, {{"action", "forked"}, {"forkee", forkee}});
}

EventData release(std::string_view repo, std::string_view tag, std::string_view name) {
  const object published{{"id", repository_id(repo) + 7},
                         {"tag_name", tag},
                         {"name", name.empty() ? tag : name},
                         {"draft", false},
                         {"prerelease", false},
                         {"body", ""},
                         {"html_url", web(repo, fmt::format("releases/tag/{}", tag))}};
  return make("ReleaseEvent", repo, {{"action", "published"}, {"release", published}});
}

EventData new_repository(std::string_view repo, std::string_view description) {
  object payload{{"ref", nullptr},          {"ref_type", "repository"}, {"full_ref", ""},
                 {"master_branch", "main"}, {"description", nullptr},   {"pusher_type", "user"}};
  if (!description.empty()) {
    payload["description"] = description;
  }
  return make("CreateEvent", repo, payload);
}

EventData new_tag(std::string_view repo, std::string_view tag) {
  return make("CreateEvent", repo, created(tag, "tag", "refs/tags/"));
}

EventData new_branch(std::string_view repo, std::string_view branch) {
  return make("CreateEvent", repo, created(branch, "branch", "refs/heads/"));
}

EventData fork_created(std::string_view fork, std::string_view ref_type) {
  return ref_type == "repository" ? new_repository(fork) : new_branch(fork, "main");
}

EventData empty_push(std::string_view repo, std::string_view branch) {
  const std::string end = commit_id(repo, fmt::format("{} {}", branch, 1));
  return make("PushEvent", repo,
              {{"repository_id", repository_id(repo)},
               {"push_id", 30'000'000'000 + repository_id(repo)},
               {"ref", fmt::format("refs/heads/{}", branch)},
               {"head", end},
               {"before", end}});
}

EventData wiki_edit(std::string_view repo, std::span<const std::string> pages) {
  array edited;
  for (const std::string& page : pages) {
    edited.push_back(object{{"page_name", page},
                            {"title", page},
                            {"summary", nullptr},
                            {"action", "edited"},
                            {"sha", commit_id(repo, page)},
                            {"html_url", web(repo, fmt::format("wiki/{}", page))}});
  }
  return make("GollumEvent", repo, {{"pages", edited}});
}

EventData collaborator_added(std::string_view repo, std::string_view login) {
  return make("MemberEvent", repo,
              {{"action", "added"},
               {"member", object{{"id", repository_id(login)},
                                 {"login", login},
                                 {"html_url", fmt::format("https://github.com/{}", login)},
                                 {"type", "User"}}}});
}

EventData made_public(std::string_view repo) {
  return make("PublicEvent", repo, {});
}

EventData sponsorship(std::string_view sponsored) {
  return make("SponsorshipEvent", fmt::format("{0}/{0}", sponsored),
              {{"action", "created"},
               {"sponsorship", object{{"sponsorable", object{{"login", sponsored}}},
                                      {"tier", object{{"name", "$5 a month"}}}}}});
}

EventData unknown_event(std::string_view repo) {
  return make("TeleportEvent", repo, {{"action", "beamed"}, {"number", "many"}});
}

}  // namespace bb::sim

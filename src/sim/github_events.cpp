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

EventData pull_request(std::string_view repo, std::int64_t number, std::string_view action) {
  const object pull{{"id", repository_id(repo) * 10 + number},
                    {"number", number},
                    {"url", api(fmt::format("repos/{}/pulls/{}", repo, number))},
                    {"head", branch_end(repo, fmt::format("change-{}", number))},
                    {"base", branch_end(repo, "main")}};
  return make("PullRequestEvent", repo,
              {{"action", action}, {"number", number}, {"pull_request", pull}});
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

EventData issue_opened(std::string_view repo, std::int64_t number, std::string_view title) {
  const object issue{{"id", repository_id(repo) * 100 + number},
                     {"number", number},
                     {"title", title},
                     {"state", "open"},
                     {"body", nullptr},
                     {"labels", array{}},
                     {"comments", 0},
                     {"url", api(fmt::format("repos/{}/issues/{}", repo, number))},
                     {"html_url", web(repo, fmt::format("issues/{}", number))}};
  return make("IssuesEvent", repo, {{"action", "opened"}, {"issue", issue}});
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

EventData made_public(std::string_view repo) {
  return make("PublicEvent", repo, {});
}

}  // namespace bb::sim

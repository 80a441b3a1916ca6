// The REST API as https://docs.github.com/en/rest describes it: users, comparisons, the app's
// tokens.
#include <fmt/format.h>

#include <boost/json.hpp>
#include <span>
#include <utility>

#include "base/json.hpp"
#include "base/text.hpp"
#include "crypto/crypto.hpp"
#include "sim/github_state.hpp"

namespace bb::sim {
namespace {

using boost::json::object;

// Nothing for credentials that are wrong.
std::optional<GitHubCaller> identify(const GitHubState& state, const http::Request& request) {
  const auto header = request.headers.find("Authorization");
  if (!header) {
    return GitHubCaller{};
  }
  const std::size_t space = header->find(' ');
  const std::string scheme = to_lower(header->substr(0, space));
  const std::string credentials =
      space == std::string::npos ? "" : std::string(trim(header->substr(space)));
  if (scheme == "basic") {
    return state.oauth.is_app(credentials) ? std::optional(GitHubCaller{.identity = "app"})
                                           : std::nullopt;
  }
  const auto user = state.oauth.user_of(credentials);
  if ((scheme != "bearer" && scheme != "token") || !user || state.people.find(*user) == nullptr) {
    return std::nullopt;
  }
  return GitHubCaller{.identity = "user:" + std::to_string(*user), .user = user};
}

object user_json(const GitHubUser& user) {
  return {{"id", user.id},
          {"login", user.login},
          {"node_id", "U_" + crypto::to_base64url(std::to_string(user.id))},
          {"avatar_url", fmt::format("https://avatars.githubusercontent.com/u/{}?v=4", user.id)},
          {"url", "https://api.github.com/users/" + user.login},
          {"html_url", "https://github.com/" + user.login},
          {"type", "User"},
          {"site_admin", false},
          {"name", nullptr}};
}

http::Response delete_token(GitHubState& state, const http::Request& request,
                            std::string_view client_id, const GitHubCaller& caller) {
  if (caller.identity != "app") {
    return github_error(401, "Requires authentication");
  }
  if (client_id != state.oauth.client_id()) {
    return github_error(404, "Not Found");
  }
  const auto body = json::parse(request.body);
  const auto token = body ? json::string(*body, "access_token") : std::nullopt;
  if (!token) {
    return github_error(422, "Validation Failed");
  }
  return state.oauth.revoke(*token) ? http::Response{.status = 204, .headers = {}, .body = {}}
                                    : github_error(404, "Not Found");
}

// GET /repos/{owner}/{name}/compare/{before}...{head}
http::Response answer_comparison(const GitHubState& state, std::string_view repo,
                                 std::string_view ends) {
  const std::size_t dots = ends.find("...");
  const GitHubRepository* repository = state.find_repository(repo);
  if (dots == std::string_view::npos || repository == nullptr) {
    return github_error(404, "Not Found");
  }
  const std::string before(ends.substr(0, dots));
  const std::string head(ends.substr(dots + 3));
  const auto count = repository->commits_between(before, head);
  if (!count) {
    return github_error(404, "No common ancestor between " + before + " and " + head + ".");
  }
  boost::json::array commits;
  if (*count > 0) {
    commits.push_back(object{{"sha", head}});
  }
  return github_json(boost::json::serialize(
      object{{"url", fmt::format("https://api.github.com/repos/{}/compare/{}", repo, ends)},
             {"status", *count > 0 ? "ahead" : "identical"},
             {"ahead_by", *count},
             {"behind_by", 0},
             {"total_commits", *count},
             {"commits", commits},
             {"files", boost::json::array{}}}));
}

http::Response answer_about_user(const GitHubState& state, const GitHubUser* user,
                                 std::span<const std::string_view> rest, const GitHubCall& call) {
  if (user != nullptr && rest.empty()) {
    return github_json(boost::json::serialize(user_json(*user)));
  }
  if (user != nullptr && rest.size() == 2 && rest[0] == "events" && rest[1] == "public") {
    return answer_events(state, *user, call);
  }
  return github_error(404, "Not Found");
}

http::Response route(GitHubState& state, const GitHubCall& call, const GitHubCaller& caller) {
  const std::vector<std::string_view> parts = split(call.path.substr(1), '/');
  const std::string& method = call.request.method;
  if (method == "DELETE" && parts.size() == 3 && parts[0] == "applications" &&
      parts[2] == "token") {
    return delete_token(state, call.request, parts[1], caller);
  }
  if (method != "GET") {
    return github_error(404, "Not Found");
  }
  if (call.path == "/user") {
    const GitHubUser* self = caller.user ? state.people.find(*caller.user) : nullptr;
    return self == nullptr ? github_error(401, "Requires authentication")
                           : github_json(boost::json::serialize(user_json(*self)));
  }
  if (parts.size() >= 2 && parts[0] == "users") {
    return answer_about_user(state, state.people.find(parts[1]), std::span(parts).subspan(2), call);
  }
  if (parts.size() >= 2 && parts[0] == "user") {
    const auto id = parse_integer(parts[1]);
    return answer_about_user(state, id ? state.people.find(*id) : nullptr,
                             std::span(parts).subspan(2), call);
  }
  if (parts.size() == 5 && parts[0] == "repos" && parts[3] == "compare") {
    return answer_comparison(state, fmt::format("{}/{}", parts[1], parts[2]), parts[4]);
  }
  return github_error(404, "Not Found");
}

}  // namespace

http::Response github_json(std::string body) {
  http::Response response = http::json_response(200, std::move(body));
  response.headers.set("Content-Type", "application/json; charset=utf-8");
  return response;
}

http::Response github_error(int status, std::string_view message) {
  return http::json_response(
      status, boost::json::serialize(object{{"message", message},
                                            {"documentation_url", "https://docs.github.com/rest"},
                                            {"status", std::to_string(status)}}));
}

http::Response answer_api(GitHubState& state, const GitHubCall& call) {
  if (call.request.headers.find("User-Agent").value_or("").empty()) {
    return github_error(403,
                        "Request forbidden by administrative rules. Please make sure your request "
                        "has a User-Agent header.");
  }
  const std::optional<GitHubCaller> caller = identify(state, call.request);
  if (!caller) {
    return github_error(401, "Bad credentials");
  }
  if (call.path == "/graphql") {
    return answer_graphql(state, call, *caller);
  }
  constexpr auto core = LimitedResource::core;
  http::Response response;
  if (state.limits.standing(caller->identity, core).remaining() == 0) {
    response = github_error(403, "API rate limit exceeded.");
  } else {
    response = route(state, call, *caller);
    // Conditional requests that find nothing new are free for callers with credentials.
    if (response.status != 304 || caller->identity.empty()) {
      state.limits.count(caller->identity, core);
    }
  }
  state.limits.describe(caller->identity, core, response);
  response.headers.set("X-GitHub-Media-Type", "github.v3; format=json");
  return response;
}

}  // namespace bb::sim

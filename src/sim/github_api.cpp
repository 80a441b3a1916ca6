// The REST API: users and their public events, as https://docs.github.com/en/rest describes them.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>

#include "base/json.hpp"
#include "base/text.hpp"
#include "base/time.hpp"
#include "crypto/crypto.hpp"
#include "sim/github_state.hpp"

namespace bb::sim {
namespace {

using boost::json::array;
using boost::json::object;

constexpr std::int64_t default_per_page = 30;
constexpr std::int64_t max_per_page = 100;
constexpr std::int64_t max_events = 300;
constexpr std::chrono::days max_event_age{30};

struct Caller {
  std::string identity = {};  // empty: no credentials
  std::optional<std::int64_t> user = std::nullopt;
};

// Nothing for credentials that are wrong.
std::optional<Caller> identify(const GitHubState& state, const http::Request& request) {
  const auto header = request.headers.find("Authorization");
  if (!header) {
    return Caller{};
  }
  const std::size_t space = header->find(' ');
  const std::string scheme = to_lower(header->substr(0, space));
  const std::string credentials =
      space == std::string::npos ? "" : std::string(trim(header->substr(space)));
  if (scheme == "basic") {
    return state.oauth.is_app(credentials) ? std::optional(Caller{.identity = "app"})
                                           : std::nullopt;
  }
  const auto user = state.oauth.user_of(credentials);
  if ((scheme != "bearer" && scheme != "token") || !user || state.find_user(*user) == nullptr) {
    return std::nullopt;
  }
  return Caller{.identity = "user:" + std::to_string(*user), .user = user};
}

object actor_json(const GitHubUser& user) {
  return {{"id", user.id},
          {"login", user.login},
          {"display_login", user.login},
          {"gravatar_id", ""},
          {"url", "https://api.github.com/users/" + user.login},
          {"avatar_url", fmt::format("https://avatars.githubusercontent.com/u/{}?", user.id)}};
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

object event_json(const GitHubUser& actor, const GitHubEvent& event) {
  return {{"id", event.id},
          {"type", event.data.type},
          {"actor", actor_json(actor)},
          {"repo", object{{"id", repository_id(event.data.repo)},
                          {"name", event.data.repo},
                          {"url", "https://api.github.com/repos/" + event.data.repo}}},
          {"payload", boost::json::parse(event.data.payload)},
          {"public", true},
          {"created_at", format_rfc3339(event.created_at)}};
}

http::Response json_answer(const boost::json::value& body) {
  http::Response response = http::json_response(200, boost::json::serialize(body));
  response.headers.set("Content-Type", "application/json; charset=utf-8");
  return response;
}

// Newest first, at most 300 and 30 days old.
std::vector<const GitHubEvent*> window_of(const GitHubState& state, std::int64_t actor,
                                          TimePoint now) {
  std::vector<const GitHubEvent*> found;
  for (const GitHubEvent& event : state.events) {
    if (event.actor == actor && event.created_at <= now && event.created_at > now - max_event_age) {
      found.push_back(&event);
    }
  }
  // Of two at the same moment the one added last is newer.
  std::sort(found.begin(), found.end(), [](const auto* left, const auto* right) {
    return left->created_at != right->created_at ? left->created_at > right->created_at
                                                 : left > right;
  });
  found.resize(std::min(found.size(), static_cast<std::size_t>(max_events)));
  return found;
}

// Whole numbers in range; anything else counts as absent, as at GitHub.
std::int64_t number_or(const http::Request& request, std::string_view name, std::int64_t otherwise,
                       std::int64_t most) {
  const auto text = request.query.find(name);
  const auto number = text ? parse_integer(*text) : std::nullopt;
  return number && *number >= 1 ? std::min(*number, most) : otherwise;
}

std::string link_header(const std::string& url, std::int64_t page, std::int64_t last,
                        std::int64_t per_page) {
  std::vector<std::string> links;
  const auto add = [&](std::int64_t number, std::string_view relation) {
    links.push_back(
        fmt::format("<{}?per_page={}&page={}>; rel=\"{}\"", url, per_page, number, relation));
  };
  if (page > 1) {
    add(page - 1, "prev");
  }
  if (page < last) {
    add(page + 1, "next");
    add(last, "last");
  }
  if (page > 1) {
    add(1, "first");
  }
  return fmt::format("{}", fmt::join(links, ", "));
}

http::Response public_events(const GitHubState& state, const GitHubUser& user,
                             const http::Request& request, const std::string& api_url,
                             TimePoint now) {
  const std::int64_t per_page = number_or(request, "per_page", default_per_page, max_per_page);
  const std::int64_t page = number_or(request, "page", 1, max_events + 1);
  if ((page - 1) * per_page >= max_events) {
    return github_error(422,
                        "In order to keep the API fast for everyone, pagination is limited for "
                        "this resource.");
  }
  const std::vector<const GitHubEvent*> events = window_of(state, user.id, now);
  const auto count = static_cast<std::int64_t>(events.size());
  array shown;
  for (std::int64_t i = (page - 1) * per_page; i < std::min(count, page * per_page); ++i) {
    shown.push_back(event_json(user, *events[static_cast<std::size_t>(i)]));
  }
  http::Response response = json_answer(shown);
  const std::string tag =
      "W/\"" +
      crypto::to_hex(crypto::sha256(fmt::format("{}/{}/{}", page, per_page, response.body))) + "\"";
  if (request.headers.find("If-None-Match") == tag) {
    response = {.status = 304, .headers = {}, .body = {}};
  }
  response.headers.set("ETag", tag);
  response.headers.set("X-Poll-Interval", "60");
  response.headers.set("Cache-Control", "public, max-age=60, s-maxage=60");
  const std::int64_t last = std::max<std::int64_t>(1, (count + per_page - 1) / per_page);
  const std::string links =
      link_header(fmt::format("{}/user/{}/events/public", api_url, user.id), page, last, per_page);
  if (!links.empty()) {
    response.headers.set("Link", links);
  }
  return response;
}

http::Response delete_token(GitHubState& state, const http::Request& request,
                            std::string_view client_id, const Caller& caller) {
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

http::Response route(GitHubState& state, const http::Request& request, std::string_view path,
                     const std::string& api_url, TimePoint now, const Caller& caller) {
  const std::vector<std::string_view> parts = split(path.substr(1), '/');
  const bool is_get = request.method == "GET";
  if (request.method == "DELETE" && parts.size() == 3 && parts[0] == "applications" &&
      parts[2] == "token") {
    return delete_token(state, request, parts[1], caller);
  }
  if (is_get && path == "/user") {
    const GitHubUser* self = caller.user ? state.find_user(*caller.user) : nullptr;
    return self == nullptr ? github_error(401, "Requires authentication")
                           : json_answer(user_json(*self));
  }
  const GitHubUser* user = nullptr;
  if (is_get && parts.size() >= 2 && parts[0] == "users") {
    user = state.find_user(parts[1]);
  } else if (is_get && parts.size() >= 2 && parts[0] == "user") {
    const auto id = parse_integer(parts[1]);
    user = id ? state.find_user(*id) : nullptr;
  }
  if (user != nullptr && parts.size() == 2) {
    return json_answer(user_json(*user));
  }
  if (user != nullptr && parts.size() == 4 && parts[2] == "events" && parts[3] == "public") {
    return public_events(state, *user, request, api_url, now);
  }
  return github_error(404, "Not Found");
}

}  // namespace

const GitHubUser* GitHubState::find_user(std::string_view login) const {
  const auto found = std::find_if(users.begin(), users.end(), [&](const GitHubUser& user) {
    return equals_ignoring_case(user.login, login);
  });
  return found == users.end() ? nullptr : &*found;
}

const GitHubUser* GitHubState::find_user(std::int64_t id) const {
  const auto found = std::find_if(users.begin(), users.end(),
                                  [&](const GitHubUser& user) { return user.id == id; });
  return found == users.end() ? nullptr : &*found;
}

http::Response github_error(int status, std::string_view message) {
  return http::json_response(
      status, boost::json::serialize(object{{"message", message},
                                            {"documentation_url", "https://docs.github.com/rest"},
                                            {"status", std::to_string(status)}}));
}

http::Response answer_api(GitHubState& state, const http::Request& request, std::string_view path,
                          const std::string& api_url, TimePoint now) {
  if (request.headers.find("User-Agent").value_or("").empty()) {
    return github_error(403,
                        "Request forbidden by administrative rules. Please make sure your request "
                        "has a User-Agent header.");
  }
  const std::optional<Caller> caller = identify(state, request);
  if (!caller) {
    return github_error(401, "Bad credentials");
  }
  http::Response response;
  if (state.limits.is_exhausted(caller->identity)) {
    response = github_error(403, "API rate limit exceeded.");
  } else {
    response = route(state, request, path, api_url, now, *caller);
    // Conditional requests that find nothing new are free for callers with credentials.
    if (response.status != 304 || caller->identity.empty()) {
      state.limits.count(caller->identity);
    }
  }
  state.limits.describe(caller->identity, response);
  response.headers.set("X-GitHub-Media-Type", "github.v3; format=json");
  return response;
}

}  // namespace bb::sim

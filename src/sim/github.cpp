#include "sim/github.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <utility>

#include "base/guarded.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "sim/github_state.hpp"
#include "sim/local_server.hpp"
#include "sim/markup.hpp"

namespace bb::sim {
namespace {

constexpr std::size_t waiting_workers = 128;  // where every answer waits for the latency
constexpr std::string_view api_prefix = "/api/v3";
constexpr std::string_view graphql_path = "/api/graphql";
constexpr std::string_view authorize_path = "/login/oauth/authorize";
constexpr std::string_view choose_path = "/login/oauth/authorize/choose";
constexpr std::string_view token_path = "/login/oauth/access_token";

// The query of an address, or nothing where it cannot be read.
std::optional<http::Parameters> query_of(std::string_view url) {
  const std::size_t question = url.find('?');
  if (question == std::string_view::npos) {
    return http::Parameters();
  }
  const std::size_t fragment = url.find('#', question);
  return http::Parameters::parse(url.substr(question + 1, fragment - question - 1));
}

// The authorization page, on which a person in front of a browser plays one of the members.
http::Response choose_page(const GitHubState& github, const http::Parameters& query,
                           std::string_view app_name) {
  http::Parameters kept;
  for (const std::string_view name :
       {"client_id", "redirect_uri", "state", "code_challenge", "code_challenge_method"}) {
    if (const auto given = query.find(name)) {
      kept.add(name, *given);
    }
  }
  const std::string base = fmt::format("{}?{}", choose_path, kept.encode());
  std::string choices;
  for (const auto& [id, user] : github.people.all()) {
    if (user.is_suspended) {
      continue;
    }
    http::Parameters choice;
    choice.add("as", user.login);
    choices += fmt::format("<p><a href=\"{}\">Authorize as {}</a></p>",
                           in_markup(base + "&" + choice.encode()), in_markup(user.login));
  }
  return http::html_response(
      200, fmt::format("<!DOCTYPE html><html lang=\"en\"><meta charset=\"utf-8\">"
                       "<title>Simulated GitHub</title><body style=\"font-family:sans-serif;"
                       "max-width:30em;margin:3em auto\"><h1>Authorize {}</h1>"
                       "<p>This is a simulated GitHub. Who are you today?</p>{}"
                       "<p><a href=\"{}\">Cancel</a></p></body></html>",
                       in_markup(app_name), choices, in_markup(base)));
}

http::Parameters token_arguments(const http::Request& request) {
  const std::string type = to_lower(request.headers.find("Content-Type").value_or(""));
  http::Parameters arguments;
  if (!type.starts_with("application/json")) {
    return http::Parameters::parse(request.body).value_or(arguments);
  }
  const auto body = json::parse(request.body);
  for (const std::string_view name :
       {"client_id", "client_secret", "code", "redirect_uri", "code_verifier"}) {
    if (const auto given = body ? json::string(*body, name) : std::nullopt) {
      arguments.add(name, *given);
    }
  }
  return arguments;
}

}  // namespace

struct GitHub::Inner {
  Inner(const Clock& its_clock, Random& random, GitHubOptions its_options)
      : clock(its_clock),
        options(std::move(its_options)),
        state(
            GitHubState{.oauth = OAuth(clock, random, options.client_id, options.client_secret,
                                       options.redirect_uris),
                        .limits = RateLimits(clock, options.anonymous_limit,
                                             options.authenticated_limit, options.graphql_limit)}),
        server(clock, random) {}

  http::Response answer(const http::Request& request);
  enum class Part { api, web };
  http::Response answer_at(const http::Request& request, const std::string& path, Part part);
  http::Response apply(const http::Request& request, std::string_view path, Part part);
  http::Response web(const http::Request& request, GitHubState& github);
  Result<std::string> decide(std::string_view url, PersonDecides decision, std::string_view login);
  [[nodiscard]] std::string base() const { return server.url(); }

  const Clock& clock;
  const GitHubOptions options;
  Guarded<GitHubState> state;
  LocalServer server;
};

http::Response GitHub::Inner::answer(const http::Request& request) {
  const bool is_api = request.path.starts_with(std::string(api_prefix) + "/");
  if (!is_api && request.path != graphql_path) {
    return answer_at(request, request.path, Part::web);
  }
  state.with([](GitHubState& github) {
    ++github.under_way;
    github.most_under_way = std::max(github.most_under_way, github.under_way);
  });
  http::Response response =
      answer_at(request, is_api ? request.path.substr(api_prefix.size()) : "/graphql", Part::api);
  if (options.latency.count() > 0) {
    server.hold().wait(options.latency);
  }
  state.with([](GitHubState& github) { --github.under_way; });
  return response;
}

http::Response GitHub::Inner::answer_at(const http::Request& request, const std::string& path,
                                        Part part) {
  const std::optional<Fault> fault = state.with([&](GitHubState& github) {
    ++github.requests[path];
    return github.faults.take(path);
  });
  if (!fault) {
    return apply(request, path, part);
  }
  return answer_with(
      *fault, server.hold(), [&] { return apply(request, path, part); },
      [](std::string_view word) {
        return boost::json::serialize(boost::json::object{
            {"message", word}, {"documentation_url", "https://docs.github.com/rest"}});
      });
}

http::Response GitHub::Inner::apply(const http::Request& request, std::string_view path,
                                    Part part) {
  const std::string api_url = base() + std::string(api_prefix);
  return state.with([&](GitHubState& github) {
    return part == Part::api
               ? answer_api(
                     github,
                     {.request = request, .path = path, .api_url = api_url, .now = clock.now()})
               : web(request, github);
  });
}

http::Response GitHub::Inner::web(const http::Request& request, GitHubState& github) {
  if (request.method == "POST" && request.path == token_path) {
    const std::string accept = request.headers.find("Accept").value_or("");
    return github.oauth.exchange(token_arguments(request),
                                 accept.find("json") != std::string::npos);
  }
  if (request.method == "GET" && request.path == authorize_path) {
    const http::Response response =
        github.oauth.authorization(request.query, PersonDecides::not_yet, 0);
    return response.status == 200 ? choose_page(github, request.query, options.app_name) : response;
  }
  if (request.method == "GET" && request.path == choose_path) {
    const GitHubUser* user = github.people.find(request.query.find("as").value_or(""));
    return user == nullptr
               ? github.oauth.authorization(request.query, PersonDecides::cancel, 0)
               : github.oauth.authorization(request.query, PersonDecides::authorize, user->id);
  }
  return http::html_response(404, "<!DOCTYPE html><title>GitHub</title><h1>404</h1>");
}

Result<std::string> GitHub::Inner::decide(std::string_view url, PersonDecides decision,
                                          std::string_view login) {
  const auto query = query_of(url);
  if (!url.starts_with(base() + std::string(authorize_path) + "?") || !query) {
    return fail(ErrorCode::not_found, "this is not the address of GitHub's authorization page");
  }
  return state.with([&](GitHubState& github) -> Result<std::string> {
    const GitHubUser* user = github.people.find(login);
    if (user == nullptr && decision == PersonDecides::authorize) {
      return fail(ErrorCode::not_found, "nobody on GitHub is called " + std::string(login));
    }
    const http::Response response =
        github.oauth.authorization(*query, decision, user == nullptr ? 0 : user->id);
    if (response.status != 302) {
      return fail(ErrorCode::not_found,
                  "GitHub shows an error page with status " + std::to_string(response.status));
    }
    return response.headers.find("Location").value_or("");
  });
}

GitHub::GitHub(std::unique_ptr<Inner> inner) : inner_(std::move(inner)) {}

GitHub::~GitHub() {
  stop();
}

Result<std::unique_ptr<GitHub>> GitHub::start(const Clock& clock, Random& random,
                                              GitHubOptions options) {
  auto inner = std::make_unique<Inner>(clock, random, std::move(options));
  if (inner->options.latency.count() > 0) {
    inner->server.set_workers(waiting_workers);
  }
  const auto started = inner->server.start(
      "GitHub", [raw = inner.get()](const http::Request& request) { return raw->answer(request); });
  if (!started) {
    return fail(started.error());
  }
  return std::unique_ptr<GitHub>(new GitHub(std::move(inner)));
}

void GitHub::stop() {
  inner_->server.stop();
}

std::string GitHub::api_url() const {
  return inner_->base() + std::string(api_prefix);
}

std::string GitHub::web_url() const {
  return inner_->base();
}

const GitHubOptions& GitHub::options() const {
  return inner_->options;
}

void GitHub::add_redirect_uri(std::string uri) {
  inner_->state.with([&](GitHubState& github) { github.oauth.add_redirect_uri(std::move(uri)); });
}

void GitHub::set_limits(std::int64_t anonymous, std::int64_t authenticated) {
  inner_->state.with([&](GitHubState& github) { github.limits.set(anonymous, authenticated); });
}

void GitHub::set_limits_of(const Secret& token, std::int64_t requests, std::int64_t points) {
  inner_->state.with([&](GitHubState& github) {
    if (const auto user = github.oauth.user_of(token.reveal())) {
      github.limits.set_of("user:" + std::to_string(*user), requests, points);
    }
  });
}

void GitHub::add_user(std::int64_t id, std::string login) {
  inner_->state.with([&](GitHubState& github) { github.people.add(id, std::move(login)); });
}

void GitHub::rename(std::string_view login, std::string new_login) {
  inner_->state.with(
      [&](GitHubState& github) { github.people.rename(login, std::move(new_login)); });
}

void GitHub::delete_user(std::string_view login) {
  inner_->state.with([&](GitHubState& github) { github.people.remove(login); });
}

void GitHub::suspend(std::string_view login) {
  inner_->state.with([&](GitHubState& github) { github.people.suspend(login); });
}

void GitHub::revoke(const Secret& token) {
  inner_->state.with([&](GitHubState& github) { github.oauth.forget(token.reveal()); });
}

void GitHub::add_pull_request(std::string_view repo, std::int64_t number, std::string title) {
  inner_->state.with([&](GitHubState& github) {
    github.repository(repo).pull_requests.insert_or_assign(number, std::move(title));
  });
}

void GitHub::set_commit_count(std::string_view repo, const std::string& before,
                              const std::string& head, std::int64_t count) {
  inner_->state.with([&](GitHubState& github) {
    github.repository(repo).commit_counts.insert_or_assign(before + "..." + head, count);
  });
}

Secret GitHub::add_token(std::string_view login) {
  return inner_->state.with([&](GitHubState& github) {
    const GitHubUser* user = github.people.find(login);
    return user == nullptr ? Secret() : Secret(github.oauth.add_personal_token(user->id));
  });
}

std::string GitHub::add_event(std::string_view login, const EventData& data,
                              std::optional<TimePoint> at) {
  return inner_->state.with([&](GitHubState& github) {
    const GitHubUser* user = github.people.find(login);
    if (user == nullptr) {
      return std::string();
    }
    github.last_event += 1'013;
    const std::string id = std::to_string(github.last_event);
    github.add_event(user->id,
                     {.id = id, .data = data, .created_at = at.value_or(inner_->clock.now())});
    return id;
  });
}

Result<std::string> GitHub::authorize(std::string_view url, std::string_view login) {
  return inner_->decide(url, PersonDecides::authorize, login);
}

Result<std::string> GitHub::deny(std::string_view url) {
  return inner_->decide(url, PersonDecides::cancel, "");
}

void GitHub::add_fault(const std::string& path, Fault fault) {
  inner_->state.with([&](GitHubState& github) { github.faults.add(path, std::move(fault)); });
}

void GitHub::clear_faults() {
  inner_->state.with([](GitHubState& github) { github.faults.clear(); });
}

std::size_t GitHub::requests(std::string_view path) const {
  return inner_->state.with([&](const GitHubState& github) {
    const auto found = github.requests.find(std::string(path));
    return found == github.requests.end() ? std::size_t{0} : found->second;
  });
}

std::size_t GitHub::total_requests() const {
  return inner_->state.with([](const GitHubState& github) {
    std::size_t total = 0;
    for (const auto& [path, count] : github.requests) {
      total += count;
    }
    return total;
  });
}

std::size_t GitHub::most_concurrent() const {
  return inner_->state.with([](const GitHubState& github) { return github.most_under_way; });
}

std::size_t GitHub::live_tokens() const {
  return inner_->state.with([](const GitHubState& github) { return github.oauth.live_tokens(); });
}

}  // namespace bb::sim

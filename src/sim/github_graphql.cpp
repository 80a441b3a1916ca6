// The part of GitHub's GraphQL API that the bot uses; everything else is refused as GitHub refuses
// what it does not know: with status 200 and `errors`.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <span>
#include <utility>

#include "base/json.hpp"
#include "base/time.hpp"
#include "sim/github_query.hpp"
#include "sim/github_state.hpp"

namespace bb::sim {
namespace {

using boost::json::array;
using boost::json::object;

constexpr std::size_t most_subjects = 100;
constexpr std::size_t subjects_for_a_point = 25;  // as measured

http::Response only_errors(object error) {
  return github_json(boost::json::serialize(object{{"errors", array{std::move(error)}}}));
}

object subject_error(std::string_view type, const std::string& alias, std::string message) {
  return {{"type", type}, {"path", array{boost::json::string(alias)}}, {"message", message}};
}

object rate_limit_json(const RateLimits::Standing& standing, std::int64_t cost) {
  return {{"cost", cost},          {"limit", standing.limit},
          {"nodeCount", 0},        {"remaining", standing.remaining()},
          {"used", standing.used}, {"resetAt", format_rfc3339(standing.ends)}};
}

// One subject; what is missing is null with an error.
boost::json::value answer_subject(const GitHubState& state, const QuerySubject& subject,
                                  array& errors) {
  const std::string name = subject.owner + "/" + subject.name;
  const GitHubRepository* repository = state.find_repository(name);
  if (repository == nullptr) {
    errors.push_back(
        subject_error("NOT_FOUND", subject.alias,
                      fmt::format("Could not resolve to a Repository with the name '{}'.", name)));
    return nullptr;
  }
  if (!subject.pull_request) {
    return object{{"releases", object{{"totalCount", repository->releases}}}};
  }
  const auto found = repository->pull_requests.find(*subject.pull_request);
  if (found == repository->pull_requests.end()) {
    errors.push_back(
        subject_error("NOT_FOUND", subject.alias,
                      fmt::format("Could not resolve to a PullRequest with the number of {}.",
                                  *subject.pull_request)));
    return object{{"pullRequest", nullptr}};
  }
  return object{{"pullRequest", object{{"title", found->second}}}};
}

http::Response answer_query(GitHubState& state, const Query& query, const GitHubCaller& caller) {
  constexpr auto graphql = LimitedResource::graphql;
  const auto subjects = std::min(query.subjects.size(), most_subjects);
  const auto cost = static_cast<std::int64_t>(
      std::max<std::size_t>(1, (subjects + subjects_for_a_point - 1) / subjects_for_a_point));
  state.limits.count(caller.identity, graphql, cost);
  object data;
  array errors;
  if (!query.rate_limit_fields.empty()) {
    const object all = rate_limit_json(state.limits.standing(caller.identity, graphql), cost);
    object asked;
    for (const std::string& field : query.rate_limit_fields) {
      asked[field] = all.at(field);
    }
    data["rateLimit"] = asked;
  }
  for (const QuerySubject& subject : std::span(query.subjects).first(subjects)) {
    data[subject.alias] = answer_subject(state, subject, errors);
  }
  for (const QuerySubject& subject : std::span(query.subjects).subspan(subjects)) {
    data[subject.alias] = nullptr;
    errors.push_back(subject_error("RESOURCE_LIMITS_EXCEEDED", subject.alias,
                                   "Resource limits for this query exceeded."));
  }
  object answer{{"data", data}};
  if (!errors.empty()) {
    answer["errors"] = errors;
  }
  return github_json(boost::json::serialize(answer));
}

}  // namespace

http::Response answer_graphql(GitHubState& state, const GitHubCall& call,
                              const GitHubCaller& caller) {
  constexpr auto graphql = LimitedResource::graphql;
  if (caller.identity.empty()) {
    return github_error(401, "This endpoint requires you to be authenticated.");
  }
  if (call.request.method != "POST") {
    return github_error(404, "Not Found");
  }
  const auto body = json::parse(call.request.body);
  if (!body || !body->is_object()) {
    return github_error(400, "Problems parsing JSON");
  }
  http::Response response;
  const auto text = json::string(*body, "query");
  const auto query = text ? parse_query(*text)
                          : Result<Query>(fail(ErrorCode::invalid_input,
                                               "A query attribute must be specified and must be "
                                               "a string."));
  if (state.limits.standing(caller.identity, graphql).remaining() == 0) {
    response = only_errors({{"type", "RATE_LIMITED"}, {"message", "API rate limit exceeded."}});
  } else if (!query) {
    response = only_errors({{"message", query.error().message}});
  } else {
    response = answer_query(state, *query, caller);
  }
  state.limits.describe(caller.identity, graphql, response);
  return response;
}

}  // namespace bb::sim

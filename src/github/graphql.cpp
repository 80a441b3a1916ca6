#include "github/graphql.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <limits>

#include "base/json.hpp"
#include "base/text.hpp"
#include "base/time.hpp"
#include "github/api_request.hpp"
#include "github/payload_text.hpp"

namespace bb::github {
namespace {

using boost::json::value;

constexpr std::size_t title_bytes = 512;
constexpr std::string_view rate_limit_fields = "rateLimit{cost limit remaining used resetAt}";

// p3:repository(owner:"o",name:"r"){...}: names_a_repository() lets nothing through that would have
// to be escaped.
std::string repository_field(char alias, std::size_t place, std::string_view repo,
                             std::string_view fields) {
  const std::size_t slash = repo.find('/');
  std::string text = " ";
  text += alias;
  text += std::to_string(place);
  text += ":repository(owner:\"";
  text += repo.substr(0, slash);
  text += "\",name:\"";
  text += repo.substr(slash + 1);
  text += "\"){";
  text += fields;
  text += '}';
  return text;
}

std::string request_body(const std::string& fields) {
  if (fields.empty()) {
    return {};
  }
  return boost::json::serialize(
      boost::json::object{{"query", "query{" + std::string(rate_limit_fields) + fields + "}"}});
}

enum class Trouble { none, subject, rate, other };

// GitHub's errors have a `type`; some stand in `extensions.code` as elsewhere.
Trouble trouble_of(const value& error) {
  const std::string type =
      json::string(error, "type").value_or(json::string(error, "extensions.code").value_or(""));
  const std::string message = to_lower(json::string(error, "message").value_or(""));
  if (type == "NOT_FOUND" || type == "FORBIDDEN") {
    return Trouble::subject;
  }
  const bool is_rate =
      type == "RATE_LIMITED" || type == "RATE_LIMIT" || message.contains("secondary rate limit");
  return is_rate ? Trouble::rate : Trouble::other;
}

Trouble worst_trouble(const value& answer) {
  Trouble worst = Trouble::none;
  if (const boost::json::array* errors = json::array(answer, "errors")) {
    for (const value& error : *errors) {
      worst = std::max(worst, trouble_of(error));
      if (worst == Trouble::rate) {
        break;
      }
    }
  }
  return worst;
}

std::optional<RateLimit> limit_in(const value& data) {
  const auto remaining = json::integer(data, "rateLimit.remaining");
  const auto reset = json::string(data, "rateLimit.resetAt");
  const auto time = reset ? parse_rfc3339(*reset) : Result<TimePoint>(fail({}));
  if (!remaining || *remaining < 0 || !time) {
    return std::nullopt;
  }
  return RateLimit{.limit = json::integer(data, "rateLimit.limit").value_or(0),
                   .remaining = *remaining,
                   .reset = *time};
}

// Reads the subject under each alias with `read`.
template <class T, class Read>
Result<GraphqlAnswer<T>> parse_answer(std::string_view body, char alias, std::size_t count,
                                      const Read& read) {
  const auto answer = json::parse(body);
  if (!answer || !answer->is_object()) {
    return fail(ErrorCode::bad_response,
                answer ? "the answer is not a JSON object" : answer.error().message);
  }
  const Trouble trouble = worst_trouble(*answer);
  const value* data = json::find(*answer, "data");
  GraphqlAnswer<T> result{.found = {.values = std::vector<std::optional<T>>(count),
                                    .is_complete = trouble <= Trouble::subject},
                          .limit = {}};
  bool has_any = false;
  if (data != nullptr) {
    result.limit = limit_in(*data);
    for (std::size_t i = 0; i < count; ++i) {
      if (const value* subject = json::find(*data, alias + std::to_string(i))) {
        result.found.values[i] = read(*subject);
        has_any = has_any || result.found.values[i];
      }
    }
  }
  if (has_any || (data != nullptr && data->is_object() && trouble <= Trouble::subject)) {
    return result;
  }
  if (trouble == Trouble::rate) {
    return fail(ErrorCode::rate_limited, "GitHub's rate limit is reached");
  }
  return trouble == Trouble::none
             ? fail(ErrorCode::bad_response, "'data' is missing or not an object")
             : fail(ErrorCode::unavailable, "GitHub could not answer the GraphQL request");
}

}  // namespace

std::string graphql_url(std::string_view api_url) {
  constexpr std::string_view enterprise = "/api/v3";
  if (api_url.ends_with(enterprise)) {
    api_url.remove_suffix(std::string_view("/v3").size());
  }
  return std::string(api_url) + "/graphql";
}

std::string title_request(std::span<const PullRequestRef> wanted) {
  std::string fields;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (names_a_repository(wanted[i].repo) && wanted[i].number > 0 &&
        wanted[i].number <= std::numeric_limits<std::int32_t>::max()) {
      fields +=
          repository_field('p', i, wanted[i].repo,
                           "pullRequest(number:" + std::to_string(wanted[i].number) + "){title}");
    }
  }
  return request_body(fields);
}

std::string release_count_request(std::span<const std::string> repositories) {
  std::string fields;
  for (std::size_t i = 0; i < repositories.size(); ++i) {
    if (names_a_repository(repositories[i])) {
      fields += repository_field('r', i, repositories[i], "releases{totalCount}");
    }
  }
  return request_body(fields);
}

Result<GraphqlAnswer<std::string>> parse_titles(std::string_view body, std::size_t count) {
  return parse_answer<std::string>(
      body, 'p', count, [](const value& subject) -> std::optional<std::string> {
        const auto title = json::string(subject, "pullRequest.title");
        return title ? std::optional(clean_text(*title, title_bytes)) : std::nullopt;
      });
}

Result<GraphqlAnswer<std::int64_t>> parse_release_counts(std::string_view body, std::size_t count) {
  return parse_answer<std::int64_t>(
      body, 'r', count, [](const value& subject) -> std::optional<std::int64_t> {
        const auto total = json::integer(subject, "releases.totalCount");
        return total && *total >= 0 ? total : std::nullopt;
      });
}

}  // namespace bb::github

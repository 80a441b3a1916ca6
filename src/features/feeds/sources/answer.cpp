#include "features/feeds/sources/answer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <string>

#include "base/json.hpp"
#include "base/text.hpp"
#include "base/time.hpp"

namespace bb::feeds {
namespace {

using std::chrono::seconds;

constexpr seconds default_wait{15 * 60};
constexpr seconds longest_wait{24 * 60 * 60};
constexpr std::int64_t last_second = 253'402'300'799;  // of the year 9999

// Seconds since 1970 (X, Bluesky) or RFC 3339 (Mastodon).
std::optional<TimePoint> parse_reset(std::string_view text) {
  if (const auto number = parse_integer(trim(text))) {
    return TimePoint(seconds(std::clamp<std::int64_t>(*number, 0, last_second)));
  }
  const auto time = parse_rfc3339(trim(text));
  return time ? std::optional(*time) : std::nullopt;
}

ErrorCode code_of(int status) {
  switch (status) {
    case 401:
      return ErrorCode::unauthorized;
    case 402:
    case 403:
      return ErrorCode::forbidden;
    case 404:
    case 410:
      return ErrorCode::not_found;
    case 429:
      return ErrorCode::rate_limited;
    default:
      return status >= 500 ? ErrorCode::unavailable : ErrorCode::bad_response;
  }
}

std::string_view meaning_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::unauthorized:
      return "wants to know who is asking";
    case ErrorCode::forbidden:
      return "does not allow this";
    case ErrorCode::not_found:
      return "has no such account or page";
    case ErrorCode::rate_limited:
      return "wants us to ask less often";
    case ErrorCode::unavailable:
      return "is not available";
    case ErrorCode::invalid_input:
    case ErrorCode::conflict:
    case ErrorCode::uncertain:
    case ErrorCode::bad_response:
    case ErrorCode::internal:
      break;
  }
  return "gave an unexpected answer";
}

}  // namespace

bool is_newer(std::string_view id, std::string_view than) {
  return id.size() != than.size() ? id.size() > than.size() : id > than;
}

std::optional<seconds> wait_of(const http::Headers& headers, TimePoint now) {
  if (const auto asked = http::retry_after(headers, now)) {
    return asked;
  }
  for (const std::string_view name :
       {"x-rate-limit-reset", "ratelimit-reset", "x-ratelimit-reset"}) {
    const auto value = headers.find(name);
    if (const auto reset = value ? parse_reset(*value) : std::nullopt) {
      // Compared before subtracting: the distance to a far year may not fit.
      return *reset >= now + longest_wait
                 ? longest_wait
                 : std::max(std::chrono::ceil<seconds>(*reset - now), seconds(1));
    }
  }
  return std::nullopt;
}

Error refusal(std::string_view service, const http::Response& response, TimePoint now) {
  const ErrorCode code = code_of(response.status);
  Error error{
      .code = code,
      .message = fmt::format("{} {} (HTTP {})", service, meaning_of(code), response.status)};
  if (code == ErrorCode::rate_limited) {
    error.retry_after = wait_of(response.headers, now).value_or(default_wait);
  } else if (code == ErrorCode::unavailable) {
    error.retry_after = http::retry_after(response.headers, now);
  }
  return error;
}

Result<boost::json::value> parse_answer(std::string_view service, std::string_view body) {
  Result<boost::json::value> value = json::parse(body);
  if (!value) {
    const bool is_page = trim(body).starts_with('<');
    return fail(ErrorCode::bad_response,
                fmt::format("{} answered {}", service,
                            is_page ? "with a page instead of JSON" : value.error().message));
  }
  return value;
}

Result<boost::json::value> json_of(std::string_view service, const Result<http::Response>& response,
                                   TimePoint now) {
  if (!response) {
    return fail(response.error());
  }
  if (response->status != 200) {
    return fail(refusal(service, *response, now));
  }
  return parse_answer(service, response->body);
}

}  // namespace bb::feeds

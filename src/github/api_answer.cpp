#include "github/api_answer.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <string>

#include "base/json.hpp"
#include "base/text.hpp"
#include "base/time.hpp"
#include "http/client.hpp"

namespace bb::github {
namespace {

using std::chrono::seconds;

constexpr seconds default_wait{60};
constexpr std::string_view unknown = "GitHub does not know this";
constexpr seconds longest_wait{24 * 60 * 60};
constexpr std::int64_t last_second = 253'402'300'799;  // of the year 9999

// Up to the next `separator` outside of quotes and angle brackets; takes it off `text`.
std::string_view take_part(std::string_view& text, char separator) {
  bool quoted = false;
  bool bracketed = false;
  std::size_t at = 0;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (quoted) {
      at += c == '\\' ? 1 : 0;
      quoted = c != '"';
    } else if (bracketed) {
      bracketed = c != '>';
    } else if (c == separator) {
      break;
    } else {
      quoted = c == '"';
      bracketed = c == '<';
    }
  }
  const std::string_view part = trim(text.substr(0, at));
  text.remove_prefix(std::min(at + 1, text.size()));
  return part;
}

// rel="next", rel=next or rel="prev next".
bool is_next_relation(std::string_view parameter) {
  const std::size_t equals = parameter.find('=');
  if (equals == std::string_view::npos ||
      !equals_ignoring_case(trim(parameter.substr(0, equals)), "rel")) {
    return false;
  }
  std::string_view value = trim(parameter.substr(equals + 1));
  if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
    value = value.substr(1, value.size() - 2);
  }
  return std::ranges::any_of(
      split(value, ' '), [](std::string_view word) { return equals_ignoring_case(word, "next"); });
}

std::optional<std::int64_t> number_of(const http::Headers& headers, std::string_view name) {
  const auto text = headers.find(name);
  const auto number = text ? parse_integer(trim(*text)) : std::nullopt;
  return number && *number >= 0 ? number : std::nullopt;
}

// The order that GitHub asks for: Retry-After, else the reset of a used-up limit.
std::optional<seconds> known_wait_of(const http::Response& response, TimePoint now) {
  if (const auto asked = http::retry_after(response.headers, now)) {
    return asked;
  }
  const auto limit = rate_limit_of(response.headers);
  if (limit && limit->remaining == 0 && limit->reset > TimePoint{}) {
    return std::clamp(std::chrono::ceil<seconds>(limit->reset - now), seconds(1), longest_wait);
  }
  return std::nullopt;
}

Error too_fast(const http::Response& response, TimePoint now) {
  const auto wait = known_wait_of(response, now);
  return {.code = ErrorCode::rate_limited,
          .message = rate_limit_text(wait ? std::optional(now + *wait) : std::nullopt),
          .retry_after = wait.value_or(default_wait)};
}

// 403 is both "not for you" and "too fast".
bool is_about_rate(const http::Response& response, TimePoint now) {
  const auto limit = rate_limit_of(response.headers);
  return response.status == 429 || http::retry_after(response.headers, now) ||
         (limit ? limit->remaining == 0 : trim(response.body).empty()) ||
         to_lower(std::string_view(response.body).substr(0, 4096)).contains("rate limit");
}

}  // namespace

bool has_next_link(std::string_view link) {
  while (!link.empty()) {
    std::string_view rest = take_part(link, ',');
    take_part(rest, ';');
    while (!rest.empty()) {
      if (is_next_relation(take_part(rest, ';'))) {
        return true;
      }
    }
  }
  return false;
}

bool has_next_page(const http::Headers& headers) {
  return std::ranges::any_of(headers.entries(), [](const auto& header) {
    return equals_ignoring_case(header.first, "Link") && has_next_link(header.second);
  });
}

std::optional<RateLimit> rate_limit_of(const http::Headers& headers) {
  const auto remaining = number_of(headers, "x-ratelimit-remaining");
  if (!remaining) {
    return std::nullopt;
  }
  const std::int64_t reset = number_of(headers, "x-ratelimit-reset").value_or(0);
  return RateLimit{.limit = number_of(headers, "x-ratelimit-limit").value_or(0),
                   .remaining = *remaining,
                   .reset = TimePoint(seconds(std::min(reset, last_second)))};
}

std::chrono::seconds poll_interval_of(const http::Headers& headers) {
  const auto interval = number_of(headers, "x-poll-interval");
  return interval ? std::min(seconds(std::min(*interval, last_second)), longest_wait)
                  : default_wait;
}

Error refusal(const http::Response& response, TimePoint now) {
  const int status = response.status;
  const std::string said = " (HTTP " + std::to_string(status) + ")";
  if (status == 401) {
    return {.code = ErrorCode::unauthorized, .message = "GitHub refused the credentials" + said};
  }
  if ((status == 403 || status == 429) && is_about_rate(response, now)) {
    return too_fast(response, now);
  }
  if (status == 403) {
    return {.code = ErrorCode::forbidden, .message = "GitHub does not allow this" + said};
  }
  if (status == 404 || status == 410 || status == 451) {
    return {.code = ErrorCode::not_found, .message = std::string(unknown) + said};
  }
  if (status == 301 || status == 302 || status == 307 || status == 308) {
    return {.code = ErrorCode::not_found, .message = "this has moved on GitHub" + said};
  }
  if (status >= 500) {
    return {.code = ErrorCode::unavailable,
            .message = "GitHub is not available" + said,
            .retry_after = http::retry_after(response.headers, now)};
  }
  return {.code = ErrorCode::bad_response, .message = "an unexpected answer of GitHub" + said};
}

Blame blame_of(const http::Response& response, TimePoint now) {
  if (response.status == 401) {
    return Blame::refused_credential;
  }
  if ((response.status != 403 && response.status != 429) || !is_about_rate(response, now)) {
    return Blame::request;
  }
  const auto limit = rate_limit_of(response.headers);
  const bool is_used_up = limit && limit->remaining == 0 && limit->reset > TimePoint{};
  return is_used_up && !http::retry_after(response.headers, now) ? Blame::primary_limit
                                                                 : Blame::secondary_limit;
}

std::string rate_limit_text(std::optional<TimePoint> ends) {
  std::string text = "GitHub's rate limit is reached";
  if (ends) {
    // Rounded up, as at the minute told the limit has to be over.
    text += "; it ends at " +
            TimeZone::utc().format(std::chrono::ceil<std::chrono::minutes>(*ends), "%H:%M UTC");
  }
  return text;
}

Error about_user(Error error) {
  if (error.message.starts_with(unknown)) {
    error.message = "GitHub has no such user";
  }
  return error;
}

Error unreadable(const http::Response& response, const Error& error) {
  const std::string type = to_lower(response.headers.find("Content-Type").value_or(""));
  if (type.starts_with("text/html") || trim(response.body).starts_with('<')) {
    return {.code = ErrorCode::bad_response,
            .message = "GitHub answered with a page instead of JSON"};
  }
  return {.code = ErrorCode::bad_response, .message = error.message};
}

Error unread(const Error& error) {
  Error result = error;
  if (result.code == ErrorCode::uncertain) {
    result.code = ErrorCode::unavailable;
  }
  return result;
}

Result<boost::json::value> json_of(const Result<http::Response>& response, TimePoint now) {
  if (!response) {
    return fail(unread(response.error()));
  }
  if (response->status != 200) {
    return fail(refusal(*response, now));
  }
  auto body = json::parse(response->body);
  if (!body) {
    return fail(unreadable(*response, body.error()));
  }
  return body;
}

}  // namespace bb::github

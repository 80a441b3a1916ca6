#include <doctest/doctest.h>

#include "github/api_answer.hpp"
#include "github/api_fixture.test.hpp"

namespace bb::github {
namespace {

using namespace std::chrono_literals;
using test::answer_of;
using test::event;
using test::Fixture;
using test::page;

TEST_CASE("errors say what to do and never name the user") {
  struct Row {
    Result<http::Response> response;
    const char* token;
    const char* message;
  };
  const http::Headers used_up = {{"x-ratelimit-remaining", "0"},
                                 {"x-ratelimit-reset", "1800000301"}};
  const Row rows[] = {
      {answer_of(401), "gho_x", "GitHub refused GITHUB_OAUTH_TOKEN (HTTP 401)"},
      {answer_of(401), "", "GitHub refused the credentials (HTTP 401)"},
      {answer_of(404), "", "GitHub has no such user"},
      {http::Response{.status = 403, .headers = used_up, .body = ""}, "",
       "GitHub's rate limit is reached; it ends at 08:06 UTC"},
      {answer_of(429), "", "GitHub's rate limit is reached"},
      {page("<!DOCTYPE html><p>hello"), "", "GitHub answered with a page instead of JSON"},
      {page("octocat", {{"Content-Type", "Text/HTML; charset=utf-8"}}), "",
       "GitHub answered with a page instead of JSON"},
      {fail(ErrorCode::unavailable,
            "GET api.github.com/users/octocat/events/public: no connection"),
       "", "GET api.github.com: no connection"}};
  for (const Row& row : rows) {
    Fixture fixture;
    if (!std::string_view(row.token).empty()) {
      fixture.settings.tokens = {Secret(row.token)};
    }
    const auto answer = fixture.events_from(row.response);
    REQUIRE_FALSE(answer.has_value());
    CHECK(answer.error().message == row.message);
  }
}

TEST_CASE("refusals say what the caller can do") {
  struct Row {
    int status;
    http::Headers headers;
    std::string body;
    ErrorCode code;
    std::optional<std::chrono::seconds> retry_after;
  };
  const http::Headers left = {{"x-ratelimit-remaining", "10"}, {"x-ratelimit-reset", "1800000500"}};
  const http::Headers used_up = {{"x-ratelimit-remaining", "0"},
                                 {"x-ratelimit-reset", "1800000500"}};
  const http::Headers reset_past = {{"x-ratelimit-remaining", "0"}, {"x-ratelimit-reset", "1"}};
  const http::Headers asked = {
      {"Retry-After", "17"}, {"x-ratelimit-remaining", "0"}, {"x-ratelimit-reset", "1800000500"}};
  const std::vector<Row> rows = {
      {404, {}, "", ErrorCode::not_found, std::nullopt},
      {301,
       {{"Location", "https://api.github.com/user/1"}},
       "",
       ErrorCode::not_found,
       std::nullopt},
      {401, {}, "", ErrorCode::unauthorized, std::nullopt},
      {403, asked, "", ErrorCode::rate_limited, 17s},
      {429, asked, "", ErrorCode::rate_limited, 17s},
      {403, used_up, "", ErrorCode::rate_limited, 500s},
      {429, used_up, "", ErrorCode::rate_limited, 500s},
      {403, reset_past, "", ErrorCode::rate_limited, 1s},
      {429, left, "", ErrorCode::rate_limited, 60s},
      {403, {}, "", ErrorCode::rate_limited, 60s},
      {403, {}, R"({"message":"Blocked by the proxy"})", ErrorCode::forbidden, std::nullopt},
      {403, left, R"({"message":"You have exceeded a secondary rate limit"})",
       ErrorCode::rate_limited, 60s},
      {403, left, R"({"message":"Resource not accessible"})", ErrorCode::forbidden, std::nullopt},
      {500, {}, "", ErrorCode::unavailable, std::nullopt},
      {502, {}, "<html>", ErrorCode::unavailable, std::nullopt},
      {503, {{"Retry-After", "9"}}, "", ErrorCode::unavailable, 9s},
      {304, {}, "", ErrorCode::bad_response, std::nullopt},
      {418, {}, "", ErrorCode::bad_response, std::nullopt},
      {200, {}, "<html>Unicorn!</html>", ErrorCode::bad_response, std::nullopt},
      {200, {}, "[" + event(1) + ",", ErrorCode::bad_response, std::nullopt},
      {200, {}, R"({"message":"odd"})", ErrorCode::bad_response, std::nullopt},
      {200, {}, "", ErrorCode::bad_response, std::nullopt}};
  for (const Row& row : rows) {
    Fixture fixture;
    const auto answer = fixture.events_from(
        http::Response{.status = row.status, .headers = row.headers, .body = row.body});
    CAPTURE(row.status);
    CAPTURE(row.body);
    REQUIRE_FALSE(answer.has_value());
    CHECK(to_string(answer.error().code) == to_string(row.code));
    CHECK((answer.error().retry_after == row.retry_after));
  }
}

TEST_CASE("a time-out of a read is unavailable as nothing can have happened") {
  Fixture fixture;
  auto answer = fixture.events_from(fail(ErrorCode::uncertain, "timed out"));
  REQUIRE_FALSE(answer.has_value());
  CHECK(answer.error().code == ErrorCode::unavailable);
  answer = fixture.events_from(fail(ErrorCode::bad_response, "not HTTP"));
  CHECK(answer.error().code == ErrorCode::bad_response);
}

TEST_CASE("only the relation next of a link header counts") {
  CHECK(has_next_link(R"(<https://a/?page=2>; rel="next", <https://a/?page=3>; rel="last")"));
  CHECK(has_next_link("<https://a>; rel=next"));
  CHECK(has_next_link(R"(<https://a,b;c>;title="x, y; z" ; REL = "prev NEXT")"));
  CHECK_FALSE(has_next_link(R"(<https://a/?rel="next">; rel="prev")"));
  CHECK_FALSE(has_next_link(R"(<https://a>; title="rel=next; rel=next"; rel="first")"));
  CHECK_FALSE(has_next_link("rel=next"));
  CHECK_FALSE(has_next_link(""));
  CHECK_FALSE(has_next_link("<"));
  CHECK_FALSE(has_next_link("<x>; rel=\"next\\"));
}

}  // namespace
}  // namespace bb::github

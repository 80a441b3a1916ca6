#include "features/feeds/sources/answer.hpp"

#include <doctest/doctest.h>

#include <boost/json.hpp>
#include <chrono>

namespace bb::feeds {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint now{std::chrono::milliseconds(1'795'000'000'000)};

Error refusal_of(int status, http::Headers headers = {}) {
  return refusal("Example", {.status = status, .headers = std::move(headers), .body = {}}, now);
}

}  // namespace

TEST_CASE("a status says what its reader can do") {
  CHECK(refusal_of(401).code == ErrorCode::unauthorized);
  CHECK(refusal_of(402).code == ErrorCode::forbidden);
  CHECK(refusal_of(403).code == ErrorCode::forbidden);
  CHECK(refusal_of(404).message == "Example has no such account or page (HTTP 404)");
  CHECK(refusal_of(410).code == ErrorCode::not_found);
  CHECK(refusal_of(500).code == ErrorCode::unavailable);
  CHECK(refusal_of(503, {{"Retry-After", "120"}}).retry_after == 120s);
  CHECK(refusal_of(301).code == ErrorCode::bad_response);
}

TEST_CASE("a rate limit ends when the answer says so, in each of its forms") {
  CHECK(refusal_of(429, {{"Retry-After", "30"}}).retry_after == 30s);
  CHECK(refusal_of(429, {{"x-rate-limit-reset", "1795000090"}}).retry_after == 90s);
  CHECK(refusal_of(429, {{"ratelimit-reset", "1795000060"}}).retry_after == 60s);
  CHECK(refusal_of(429, {{"X-RateLimit-Reset", "2026-11-18T11:06:45.5Z"}}).retry_after == 6s);
  CHECK(refusal_of(429, {{"x-rate-limit-reset", "1"}}).retry_after == 1s);
  CHECK(refusal_of(429, {{"x-rate-limit-reset", "9223372036854775807"}}).retry_after == 24h);
  CHECK(refusal_of(429, {{"x-rate-limit-reset", "soon"}}).retry_after == 15min);
}

TEST_CASE("what is no JSON is a bad response that says what came") {
  const auto page = parse_answer("Example", "<!DOCTYPE html><title>Oops</title>");
  CHECK(page.error().code == ErrorCode::bad_response);
  CHECK(page.error().message == "Example answered with a page instead of JSON");
  CHECK(
      parse_answer("Example", "{\"a\":").error().message.starts_with("Example answered not JSON"));
  CHECK(json_of("Example", fail(ErrorCode::unavailable, "no connection"), now).error().code ==
        ErrorCode::unavailable);
}

}  // namespace bb::feeds

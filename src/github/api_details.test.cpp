#include <doctest/doctest.h>

#include "github/api_fixture.test.hpp"
#include "github/graphql.hpp"

namespace bb::github {
namespace {

using namespace std::chrono_literals;
using test::answer_of;
using test::Fixture;
using test::page;

const std::string old_end(40, 'a');
const std::string new_end(40, 'b');

struct DetailsFixture : Fixture {
  DetailsFixture() { settings.tokens = {Secret("one")}; }

  Result<GraphqlValues<std::string>> titles_from(Result<http::Response> response) {
    client.answers.insert_or_assign("POST https://api.github.com/graphql", std::move(response));
    const std::vector<PullRequestRef> wanted = {{.repo = "o/r", .number = 1},
                                                {.repo = "o/r.js", .number = 2}};
    return api().pull_request_titles(wanted);
  }

  std::map<std::size_t, Result<std::int64_t>> commits_of(const std::vector<PushRange>& wanted) {
    std::map<std::size_t, Result<std::int64_t>> results;
    api().commit_counts(wanted, 3, [&](std::size_t index, Result<std::int64_t> count) {
      CHECK(results.emplace(index, std::move(count)).second);
    });
    return results;
  }
};

std::string compare_address(const std::string& repo) {
  return "GET https://api.github.com/repos/" + repo + "/compare/" + old_end + "..." + new_end +
         "?per_page=1";
}

TEST_CASE("details that cannot be asked for in time are unavailable") {
  DetailsFixture fixture;
  const std::vector<PullRequestRef> wanted = {{.repo = "o/r", .number = 1}};
  const auto titles = fixture.api().pull_request_titles(wanted, fixture.clock.now());
  REQUIRE_FALSE(titles);
  CHECK(titles.error().code == ErrorCode::unavailable);
  const std::vector<PushRange> ranges = {{.repo = "o/r", .before = old_end, .head = new_end}};
  fixture.api().commit_counts(
      ranges, 1, [](std::size_t, const Result<std::int64_t>&) { FAIL("nothing is asked"); },
      fixture.clock.now());
  CHECK(fixture.client.sent.empty());
}

}  // namespace

TEST_CASE("titles of many pull requests are asked for at once") {
  DetailsFixture fixture;
  const auto titles = fixture.titles_from(
      page(R"({"data":{"rateLimit":{"cost":1,"limit":5000,"remaining":4999,"used":1,)"
           R"("resetAt":"2027-01-15T09:00:00Z"},"p0":{"pullRequest":{"title":"Fix \"it\""}},)"
           R"("p1":{"pullRequest":null}},"errors":[{"type":"NOT_FOUND","path":["p1"]}]})"));
  REQUIRE(titles.has_value());
  REQUIRE(titles->values.size() == 2);
  CHECK(titles->values.at(0).value_or("") == "Fix \"it\"");
  CHECK_FALSE(titles->values.at(1).has_value());
  REQUIRE(fixture.client.sent.size() == 1);
  const http::ClientRequest& sent = fixture.client.sent[0];
  CHECK(sent.headers.find("Authorization").value_or("") == "Bearer one");
  CHECK(sent.headers.find("Content-Type").value_or("") == "application/json");
  CHECK(sent.body ==
        R"({"query":"query{rateLimit{cost limit remaining used resetAt} )"
        R"(p0:repository(owner:\"o\",name:\"r\"){pullRequest(number:1){title}} )"
        R"(p1:repository(owner:\"o\",name:\"r.js\"){pullRequest(number:2){title}}}"})");
}

TEST_CASE("releases are counted for many repositories at once") {
  DetailsFixture fixture;
  fixture.client.answers.insert_or_assign(
      "POST https://api.github.com/graphql",
      page(R"({"data":{"r0":{"releases":{"totalCount":1}},"r2":null}})"));
  const std::vector<std::string> wanted = {"o/r", "../r", "o/gone"};
  const auto counts = fixture.api().release_counts(wanted);
  REQUIRE(counts.has_value());
  REQUIRE(counts->values.size() == 3);
  CHECK(counts->values.at(0).value_or(0) == 1);
  CHECK_FALSE(counts->values.at(1).has_value());
  CHECK_FALSE(counts->values.at(2).has_value());
  CHECK(fixture.client.sent[0].body.find("..") == std::string::npos);
}

TEST_CASE("what cannot be a name is nothing and is not asked for") {
  DetailsFixture fixture;
  const std::vector<PullRequestRef> wanted = {{.repo = "o/r\"){x}", .number = 1},
                                              {.repo = "o", .number = 1},
                                              {.repo = "o/r", .number = 0},
                                              {.repo = "o/r", .number = 3'000'000'000}};
  const auto titles = fixture.api().pull_request_titles(wanted);
  REQUIRE(titles.has_value());
  CHECK(titles->values.size() == 4);
  CHECK(fixture.client.sent.empty());
  const std::vector<std::string> many(graphql_subjects + 1, "o/r");
  CHECK(fixture.api().release_counts(many).error().code == ErrorCode::invalid_input);
}

TEST_CASE("answers of GraphQL that are none say what to do") {
  struct Row {
    http::Response response;
    ErrorCode code;
  };
  const Row rows[] = {
      {answer_of(502, "<html>"), ErrorCode::unavailable},
      {answer_of(504, "<html>"), ErrorCode::unavailable},
      {answer_of(401), ErrorCode::unauthorized},
      {page("<html>"), ErrorCode::bad_response},
      {page("[]"), ErrorCode::bad_response},
      {page("{}"), ErrorCode::bad_response},
      {page(R"({"data":null})"), ErrorCode::bad_response},
      {page(R"({"data":null,"errors":[{"type":"RATE_LIMITED"}]})"), ErrorCode::rate_limited},
      {page(R"({"errors":[{"type":"RATE_LIMITED"}]})"), ErrorCode::rate_limited},
      {page(R"({"data":{"p0":null},"errors":[{"type":"RESOURCE_LIMITS_EXCEEDED"}]})"),
       ErrorCode::unavailable},
      {page(R"({"errors":[{"message":"Something went wrong"}]})"), ErrorCode::unavailable}};
  for (const Row& row : rows) {
    DetailsFixture fixture;
    CAPTURE(row.response.body);
    const auto titles = fixture.titles_from(row.response);
    REQUIRE_FALSE(titles.has_value());
    CHECK(to_string(titles.error().code) == to_string(row.code));
  }
}

TEST_CASE("what is there of a partial answer counts") {
  DetailsFixture fixture;
  const auto titles = fixture.titles_from(
      page(R"({"data":{"p0":{"pullRequest":{"title":"A"}}},)"
           R"("errors":[{"type":"RESOURCE_LIMITS_EXCEEDED","message":"..."}]})"));
  REQUIRE(titles.has_value());
  CHECK(titles->values.at(0).value_or("") == "A");
  CHECK_FALSE(titles->is_complete);
}

TEST_CASE("points that are used up rest only GraphQL of that credential") {
  DetailsFixture fixture;
  fixture.settings.tokens = {Secret("one"), Secret("two")};
  std::vector<std::string> used;
  fixture.client.play = [&](const http::ClientRequest& request) {
    used.push_back(request.headers.find("Authorization").value_or(""));
    if (used.size() == 1) {
      http::Response limited = page(R"({"errors":[{"type":"RATE_LIMITED"}]})");
      limited.headers = {{"X-RateLimit-Remaining", "0"},
                         {"X-RateLimit-Resource", "graphql"},
                         {"X-RateLimit-Reset", "1800000100"}};
      return limited;
    }
    return page(R"({"data":{"r0":{"releases":{"totalCount":4}}}})");
  };
  Api api(fixture.client, fixture.clock, fixture.settings);
  const std::vector<std::string> wanted = {"o/r"};
  const auto counts = api.release_counts(wanted);
  REQUIRE(counts.has_value());
  CHECK(counts->values.at(0).value_or(0) == 4);
  REQUIRE(used.size() == 2);
  CHECK(used[0] != used[1]);
  CHECK(api.budget().credentials == 2);
  CHECK(api.release_counts(wanted).has_value());
  CHECK(used.back() == used[1]);
}

TEST_CASE("what one credential may not ask of GraphQL another one is asked for") {
  DetailsFixture fixture;
  fixture.settings.tokens = {Secret("one"), Secret("two")};
  fixture.client.play = [](const http::ClientRequest&) {
    return http::Response{.status = 403,
                          .headers = {{"X-RateLimit-Remaining", "4000"}},
                          .body = R"({"message":"Sorry. Your account was suspended."})"};
  };
  const std::vector<std::string> wanted = {"o/r"};
  CHECK(fixture.api().release_counts(wanted).error().code == ErrorCode::forbidden);
  REQUIRE(fixture.client.sent.size() == 2);
  CHECK(fixture.client.sent[0].headers.find("Authorization") !=
        fixture.client.sent[1].headers.find("Authorization"));
}

TEST_CASE("without credentials nothing is asked of GraphQL") {
  Fixture fixture;
  const std::vector<std::string> wanted = {"o/r"};
  CHECK(fixture.api().release_counts(wanted).error().code == ErrorCode::unavailable);
  CHECK(fixture.client.sent.empty());
}

TEST_CASE("GraphQL of an Enterprise stands beside its REST API") {
  CHECK(graphql_url("https://api.github.com") == "https://api.github.com/graphql");
  CHECK(graphql_url("https://ghe.example/api/v3") == "https://ghe.example/api/graphql");
}

TEST_CASE("the commits of a push are those between its ends") {
  DetailsFixture fixture;
  fixture.client.answers = {
      {compare_address("o/r"), page(R"({"status":"ahead","total_commits":12,"commits":[{}]})")},
      {compare_address("o/odd"), page(R"({"total_commits":-1})")},
      {compare_address("o/down"), answer_of(500)}};
  const std::string zeros(40, '0');
  const auto counts = fixture.commits_of({{"o/r", old_end, new_end},
                                          {"o/gone", old_end, new_end},
                                          {"o/r", zeros, new_end},
                                          {"o/..", old_end, new_end},
                                          {"o/r", old_end, "main"},
                                          {"o/odd", old_end, new_end},
                                          {"o/down", old_end, new_end}});
  REQUIRE(counts.size() == 7);
  CHECK(counts.at(0).value_or(0) == 12);
  for (const std::size_t index : {1UZ, 2UZ, 3UZ, 4UZ}) {
    REQUIRE_FALSE(counts.at(index).has_value());
    CHECK(counts.at(index).error().code == ErrorCode::not_found);
  }
  CHECK(counts.at(5).error().code == ErrorCode::bad_response);
  CHECK(counts.at(6).error().code == ErrorCode::unavailable);
  CHECK(fixture.client.sent.size() == 4);
  CHECK((fixture.client.concurrencies == std::vector<std::size_t>{3}));
}

}  // namespace bb::github

// The API client against recorded answers of GitHub, in frozen time.
#include <doctest/doctest.h>

#include "base/time.hpp"
#include "github/api.hpp"
#include "http/recording.hpp"

namespace bb::github {
namespace {

using namespace std::chrono_literals;

// Tests run in the project's folder.
std::unique_ptr<http::ReplayingClient> replay(const std::string& name) {
  auto client = http::ReplayingClient::open("src/github/recordings/" + name);
  REQUIRE_MESSAGE(client, (client ? "" : client.error().message));
  return *std::move(client);
}

struct Fixture {
  explicit Fixture(const std::string& recording) : client(replay(recording)) {}

  Result<EventsAnswer> events_of(const EventsRequest& request) {
    Result<EventsAnswer> result = fail(ErrorCode::internal, "never answered");
    api.public_events(std::span(&request, 1), 5,
                      [&](std::size_t, auto answer) { result = std::move(answer); });
    return result;
  }

  std::unique_ptr<http::ReplayingClient> client;
  VirtualClock clock{parse_rfc3339("2026-11-20T18:00:00Z").value()};
  Api api{*client,
          clock,
          {.api_url = "https://api.github.com",
           .web_url = "https://github.com",
           .client_id = "Ov23octocat",
           .client_secret = Secret("a-client-secret-of-forty-characters-or-so")}};
};

}  // namespace

TEST_CASE("recorded events are read page by page and then not modified") {
  Fixture fixture("events_by_page.jsonl");
  const auto first = fixture.events_of({.login = "octocat"});
  REQUIRE_MESSAGE(first, (first ? "" : first.error().message));
  REQUIRE(first->events.size() == 3);
  CHECK(first->events[0].id == "45000000003");
  CHECK(first->events[2].id == "45000000001");
  CHECK(first->rejected == 0);
  CHECK(first->etag == "W/\"a1\"");
  REQUIRE(first->rate_limit);
  CHECK(first->rate_limit->remaining == 4998);
  CHECK(fixture.client->unused().size() == 1);

  fixture.clock.advance(5min);
  const auto second = fixture.events_of({.login = "octocat", .etag = first->etag});
  REQUIRE_MESSAGE(second, (second ? "" : second.error().message));
  CHECK(second->not_modified);
  CHECK(second->events.empty());
  CHECK(fixture.client->unused().empty());
}

TEST_CASE("a recorded rate limit tells when it ends") {
  Fixture fixture("rate_limit.jsonl");
  const auto answer = fixture.events_of({.login = "octocat"});
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code == ErrorCode::rate_limited);
  CHECK((answer.error().retry_after == 1h));
  CHECK(answer.error().message.contains("it ends at 19:00 UTC"));
  CHECK(fixture.client->unused().empty());
}

TEST_CASE("a recorded secondary limit is waited out as long as it says") {
  Fixture fixture("secondary_limit.jsonl");
  const auto answer = fixture.events_of({.login = "octocat"});
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code == ErrorCode::rate_limited);
  CHECK((answer.error().retry_after == 90s));
  CHECK((fixture.api.budget().blocked_until == fixture.clock.now() + 90s));
}

TEST_CASE("recorded titles are read and a pull request that GitHub does not show has none") {
  Fixture fixture("graphql_titles.jsonl");
  const std::vector<PullRequestRef> wanted = {{.repo = "octocat/hello", .number = 7},
                                              {.repo = "octocat/private", .number = 1}};
  const auto titles = fixture.api.pull_request_titles(wanted);
  REQUIRE_MESSAGE(titles, (titles ? "" : titles.error().message));
  CHECK(titles->is_complete);
  CHECK((titles->values[0] == "Say \"hello\" to <everybody> & more"));
  CHECK_FALSE(titles->values[1].has_value());
  CHECK(fixture.api.budget(Resource::graphql).remaining == 4'995);
  CHECK(fixture.client->unused().empty());
}

TEST_CASE("a recorded limit of GraphQL leaves the other requests alone") {
  Fixture fixture("graphql_limit.jsonl");
  const std::vector<std::string> repositories = {"octocat/hello"};
  const auto counts = fixture.api.release_counts(repositories);
  REQUIRE_FALSE(counts);
  CHECK(counts.error().code == ErrorCode::rate_limited);
  CHECK((fixture.api.budget(Resource::graphql).blocked_until == fixture.clock.now() + 1h));
  CHECK_FALSE(fixture.api.budget(Resource::core).blocked_until.has_value());
}

TEST_CASE("recorded comparisons tell the number of commits or that there is none") {
  Fixture fixture("compare.jsonl");
  const std::string before(40, 'a');
  const std::vector<PushRange> wanted = {
      {.repo = "octocat/hello", .before = before, .head = std::string(40, 'b')},
      {.repo = "octocat/hello", .before = before, .head = std::string(40, 'c')}};
  std::vector<Result<std::int64_t>> counts(2, fail(ErrorCode::internal, "never answered"));
  fixture.api.commit_counts(wanted, 2, [&](std::size_t index, Result<std::int64_t> count) {
    counts[index] = std::move(count);
  });
  CHECK(counts[0].value() == 3);
  CHECK(counts[1].error().code == ErrorCode::not_found);
  CHECK(fixture.client->unused().empty());
}

TEST_CASE("a recorded sign-in tells who it is and gives the token back") {
  Fixture fixture("oauth.jsonl");
  const auto account = fixture.api.identify("a-code", "a-verifier",
                                            "https://beaver.example.org/github-integration", 12s);
  REQUIRE_MESSAGE(account, (account ? "" : account.error().message));
  CHECK((*account == Account{.id = 583231, .login = "octocat"}));
  CHECK(fixture.client->unused().empty());
}

TEST_CASE("a recorded refusal of a code is told by its word") {
  Fixture fixture("oauth_refused.jsonl");
  const auto account = fixture.api.identify("a-code", "a-verifier",
                                            "https://beaver.example.org/github-integration", 12s);
  REQUIRE_FALSE(account);
  CHECK(account.error().code == ErrorCode::unauthorized);
  CHECK(account.error().message.contains("bad_verification_code"));
}

TEST_CASE("a recorded rename is found by the id of the account") {
  Fixture fixture("renamed_account.jsonl");
  const auto gone = fixture.events_of({.login = "octocat"});
  REQUIRE_FALSE(gone);
  CHECK(gone.error().code == ErrorCode::not_found);
  const auto account = fixture.api.account_by_id(583231);
  REQUIRE_MESSAGE(account, (account ? "" : account.error().message));
  CHECK((*account == Account{.id = 583231, .login = "octocat-renamed"}));
  CHECK(fixture.client->unused().empty());
}

TEST_CASE("a request that was not recorded is an error that names it") {
  Fixture fixture("renamed_account.jsonl");
  const auto account = fixture.api.account_by_id(7);
  REQUIRE_FALSE(account);
  CHECK(account.error().code == ErrorCode::bad_response);
  CHECK(account.error().message.contains("GET https://api.github.com/user/7; next in it is GET "));
}

}  // namespace bb::github

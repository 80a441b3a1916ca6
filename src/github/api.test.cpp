#include "github/api.hpp"

#include <doctest/doctest.h>

#include <map>

#include "github/api_answer.hpp"

namespace bb::github {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint now(1'800'000'000s);

http::Response answer_of(int status, const std::string& body = {}) {
  return {.status = status, .headers = {}, .body = body};
}

// Plays answers by "METHOD url" and keeps what it was sent.
class RecordingClient final : public http::Client {
 public:
  std::map<std::string, Result<http::Response>> answers;
  std::vector<http::ClientRequest> sent;
  std::vector<std::size_t> concurrencies;

  Result<http::Response> send(const http::ClientRequest& request) override {
    sent.push_back(request);
    const auto found = answers.find(request.method + " " + request.url);
    return found == answers.end() ? Result<http::Response>(answer_of(404)) : found->second;
  }

  // As many as there is room for, whose answers arrive in any order.
  void send_all(const Source& next, std::size_t concurrency, const Done& done) override {
    concurrencies.push_back(concurrency);
    std::size_t count = 0;
    while (true) {
      std::vector<http::ClientRequest> batch;
      while (batch.size() < concurrency) {
        std::optional<http::ClientRequest> request = next();
        if (!request) {
          break;
        }
        batch.push_back(*std::move(request));
      }
      if (batch.empty()) {
        return;
      }
      for (std::size_t i = batch.size(); i-- > 0;) {
        done(count + i, send(batch[i]));
      }
      count += batch.size();
    }
  }
};

struct Fixture {
  RecordingClient client;
  VirtualClock clock{now};
  Settings settings{.api_url = "https://api.github.com/", .web_url = "https://github.com//"};

  [[nodiscard]] Api api() { return Api(client, clock, settings); }

  Result<EventsAnswer> events_of(const EventsRequest& request) {
    Result<EventsAnswer> result = fail(ErrorCode::internal, "never answered");
    int calls = 0;
    api().public_events(std::span(&request, 1), 5, [&](std::size_t index, auto answer) {
      CHECK(index == 0);
      ++calls;
      result = std::move(answer);
    });
    CHECK(calls == 1);
    return result;
  }

  // What an answer to the first page comes to.
  Result<EventsAnswer> events_from(Result<http::Response> response) {
    client.answers.insert_or_assign(first_page, std::move(response));
    return events_of({.login = "octocat"});
  }

  static constexpr auto first_page =
      "GET https://api.github.com/users/octocat/events/public?per_page=100";
};

const std::string page_2 = std::string(Fixture::first_page) + "&page=2";
const std::string page_3 = std::string(Fixture::first_page) + "&page=3";

std::string event(int id) {
  return R"({"id":")" + std::to_string(id) +
         R"(","type":"WatchEvent","actor":{"id":1,"login":"octocat"},)"
         R"("repo":{"name":"o/r"},"created_at":"2026-08-09T10:11:12Z","payload":{}})";
}

http::Response page(const std::string& body, http::Headers headers = {}) {
  return {.status = 200, .headers = std::move(headers), .body = body};
}

http::Response page_with_next(int id) {
  return page("[" + event(id) + "]",
              {{"Link", R"(<https://evil.example/steal>; rel="next", <https://x>; rel="last")"}});
}

}  // namespace

TEST_CASE("events are asked for with the headers that GitHub wants") {
  Fixture fixture;
  fixture.settings.token = Secret("gho_secret");
  const auto answer = fixture.events_from(page("[]"));
  REQUIRE(answer.has_value());
  REQUIRE(fixture.client.sent.size() == 1);
  const http::Headers& headers = fixture.client.sent[0].headers;
  CHECK(headers.find("Accept").value_or("") == "application/vnd.github+json");
  CHECK(headers.find("X-GitHub-Api-Version").value_or("") == "2022-11-28");
  CHECK(headers.find("Authorization").value_or("") == "Bearer gho_secret");
  CHECK_FALSE(headers.find("If-None-Match").has_value());
  CHECK((fixture.client.concurrencies == std::vector<std::size_t>{5}));
}

TEST_CASE("without a token the OAuth app identifies itself and without an app nobody does") {
  Fixture fixture;
  fixture.settings.client_id = "Iv1.abc";
  CHECK(fixture.events_from(page("[]")).has_value());
  CHECK_FALSE(fixture.client.sent.back().headers.find("Authorization").has_value());
  fixture.settings.client_secret = Secret("hush");
  CHECK(fixture.events_from(page("[]")).has_value());
  CHECK(fixture.client.sent.back().headers.find("Authorization").value_or("") ==
        "Basic SXYxLmFiYzpodXNo");
}

TEST_CASE("a page of events comes with its tag its interval and the rate limit") {
  Fixture fixture;
  const auto answer = fixture.events_from(page("[" + event(2) + ",{\"odd\":1}," + event(1) + "]",
                                               {{"etag", "W/\"abc\""},
                                                {"x-poll-interval", "120"},
                                                {"X-RateLimit-Limit", "5000"},
                                                {"X-RateLimit-Remaining", "4999"},
                                                {"X-RateLimit-Reset", "1800000100"}}));
  REQUIRE(answer.has_value());
  CHECK_FALSE(answer->not_modified);
  REQUIRE(answer->events.size() == 2);
  CHECK(answer->events[0].id == "2");
  CHECK(answer->rejected == 1);
  CHECK(answer->etag == "W/\"abc\"");
  CHECK((answer->poll_interval == 120s));
  REQUIRE(answer->rate_limit.has_value());
  CHECK(answer->rate_limit->limit == 5000);
  CHECK(answer->rate_limit->remaining == 4999);
  CHECK((answer->rate_limit->reset == TimePoint(1'800'000'100s)));
}

TEST_CASE("an unchanged feed is not modified and keeps its tag") {
  Fixture fixture;
  fixture.client.answers.insert_or_assign(Fixture::first_page, answer_of(304));
  const auto answer = fixture.events_of({.login = "octocat", .etag = "\"abc\""});
  REQUIRE(answer.has_value());
  CHECK(answer->not_modified);
  CHECK(answer->events.empty());
  CHECK(answer->etag == "\"abc\"");
  CHECK((answer->poll_interval == 60s));
  CHECK(fixture.client.sent[0].headers.find("If-None-Match").value_or("") == "\"abc\"");
}

TEST_CASE("three pages are read at addresses of our own making") {
  Fixture fixture;
  fixture.client.answers = {{Fixture::first_page, page_with_next(3)},
                            {page_2, page_with_next(2)},
                            {page_3, page_with_next(1)}};
  const auto answer = fixture.events_of({.login = "octocat", .etag = "\"old\""});
  REQUIRE(answer.has_value());
  REQUIRE(answer->events.size() == 3);
  CHECK(answer->events[2].id == "1");
  REQUIRE(fixture.client.sent.size() == 3);
  CHECK_FALSE(fixture.client.sent[1].headers.find("If-None-Match").has_value());
}

TEST_CASE("paging stops at the known event") {
  Fixture fixture;
  fixture.client.answers = {{Fixture::first_page, page_with_next(3)}, {page_2, page_with_next(2)}};
  const auto answer = fixture.events_of({.login = "octocat", .known_event = "2"});
  REQUIRE(answer.has_value());
  CHECK(answer->events.size() == 2);
  CHECK(fixture.client.sent.size() == 2);
}

TEST_CASE("a page beyond the limit ends the events without an error") {
  Fixture fixture;
  fixture.client.answers = {{Fixture::first_page, page_with_next(3)}, {page_2, answer_of(422)}};
  const auto answer = fixture.events_of({.login = "octocat"});
  REQUIRE(answer.has_value());
  CHECK(answer->events.size() == 1);
}

TEST_CASE("a later page that fails makes the whole answer fail") {
  Fixture fixture;
  fixture.client.answers = {{Fixture::first_page, page_with_next(3)}, {page_2, answer_of(502)}};
  const auto answer = fixture.events_of({.login = "octocat"});
  REQUIRE_FALSE(answer.has_value());
  CHECK(answer.error().code == ErrorCode::unavailable);
}

TEST_CASE("each of many members gets an own result") {
  Fixture fixture;
  fixture.client.answers = {
      {Fixture::first_page, page_with_next(2)},
      {page_2, page("[" + event(1) + "]")},
      {"GET https://api.github.com/users/dependabot%5Bbot%5D/events/public?per_page=100",
       page("[]")}};
  const std::vector<EventsRequest> requests = {{.login = "octocat"},
                                               {.login = "gone"},
                                               {.login = "dependabot[bot]"},
                                               {.login = ".."},
                                               {.login = ""}};
  std::map<std::size_t, Result<EventsAnswer>> results;
  fixture.api().public_events(requests, 2, [&](std::size_t index, Result<EventsAnswer> answer) {
    CHECK(results.emplace(index, std::move(answer)).second);
  });
  REQUIRE(results.size() == 5);
  REQUIRE(results.at(0).has_value());
  CHECK(results.at(0)->events.size() == 2);
  CHECK(results.at(2).has_value());
  for (const std::size_t index : {1UZ, 3UZ, 4UZ}) {
    REQUIRE_FALSE(results.at(index).has_value());
    CHECK(results.at(index).error().code == ErrorCode::not_found);
  }
  CHECK(results.at(1).error().message == "GitHub has no such user");
  CHECK(results.at(3).error().message == "this is not a GitHub login");
}

namespace {

std::vector<EventsRequest> requests_of(std::size_t count) {
  std::vector<EventsRequest> requests;
  for (std::size_t i = 0; i < count; ++i) {
    requests.push_back({.login = "u" + std::to_string(i)});
  }
  return requests;
}

std::string first_page_of(std::size_t user) {
  return "GET https://api.github.com/users/u" + std::to_string(user) +
         "/events/public?per_page=100";
}

}  // namespace

TEST_CASE("after the rate limit nobody else is asked and all end alike") {
  Fixture fixture;
  const auto requests = requests_of(100);
  for (std::size_t i = 0; i < requests.size(); ++i) {
    fixture.client.answers.insert_or_assign(first_page_of(i), page("[" + event(1) + "]"));
  }
  fixture.client.answers.insert_or_assign(
      first_page_of(7),
      http::Response{.status = 429, .headers = {{"Retry-After", "90"}}, .body = ""});
  std::map<std::size_t, Result<EventsAnswer>> results;
  fixture.api().public_events(requests, 2, [&](std::size_t index, Result<EventsAnswer> answer) {
    CHECK(results.emplace(index, std::move(answer)).second);
  });
  REQUIRE(results.size() == 100);
  const std::size_t asked = fixture.client.sent.size();
  CHECK(asked < 20);
  for (std::size_t i = 0; i < results.size(); ++i) {
    CAPTURE(i);
    const bool is_limited = i == 7 || i >= asked;
    CHECK(results.at(i).has_value() != is_limited);
    if (is_limited) {
      CHECK(to_string(results.at(i).error().code) == "rate_limited");
      CHECK((results.at(i).error().retry_after == 90s));
    }
  }
}

TEST_CASE("without a rate limit everyone is asked") {
  Fixture fixture;
  const auto requests = requests_of(100);
  std::size_t answered = 0;
  fixture.api().public_events(requests, 2,
                              [&](std::size_t, const Result<EventsAnswer>&) { ++answered; });
  CHECK(answered == 100);
  CHECK(fixture.client.sent.size() == 100);
}

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
      {answer_of(429), "", "GitHub's rate limit is reached (HTTP 429)"},
      {page("<!DOCTYPE html><p>hello"), "", "GitHub answered with a page instead of JSON"},
      {page("octocat", {{"Content-Type", "Text/HTML; charset=utf-8"}}), "",
       "GitHub answered with a page instead of JSON"},
      {fail(ErrorCode::unavailable,
            "GET api.github.com/users/octocat/events/public: no connection"),
       "", "GET api.github.com: no connection"}};
  for (const Row& row : rows) {
    Fixture fixture;
    fixture.settings.token = Secret(row.token);
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

TEST_CASE("an account is found by its number") {
  Fixture fixture;
  fixture.client.answers = {
      {"GET https://api.github.com/user/583231", page(R"({"id":583231,"login":"octocat"})")},
      {"GET https://api.github.com/user/7", page(R"({"id":"7","login":"x"})")},
      {"GET https://api.github.com/user/8", page(R"({"id":8,"login":""})")}};
  CHECK((fixture.api().account_by_id(583231) == Account{.id = 583231, .login = "octocat"}));
  CHECK(fixture.api().account_by_id(7).error().message.find("'id'") != std::string::npos);
  CHECK(fixture.api().account_by_id(8).error().code == ErrorCode::bad_response);
  CHECK(fixture.api().account_by_id(9).error().code == ErrorCode::not_found);
}

TEST_CASE("the authorize address asks for no scope and carries the challenge") {
  Fixture fixture;
  fixture.settings.client_id = "Iv1.abc";
  const std::string url =
      fixture.api().authorize_url("https://bot.example/cb?x=1", "st&te", "chal");
  constexpr std::string_view start = "https://github.com/login/oauth/authorize?";
  REQUIRE(url.starts_with(start));
  const auto query = http::Parameters::parse(url.substr(start.size()));
  REQUIRE(query.has_value());
  CHECK(query->find("client_id").value_or("") == "Iv1.abc");
  CHECK(query->find("redirect_uri").value_or("") == "https://bot.example/cb?x=1");
  CHECK(query->find("scope").value_or("none") == "");
  CHECK(query->find("state").value_or("") == "st&te");
  CHECK(query->find("code_challenge").value_or("") == "chal");
  CHECK(query->find("code_challenge_method").value_or("") == "S256");
}

namespace {

const std::string exchange = "POST https://github.com/login/oauth/access_token";
const std::string whoami = "GET https://api.github.com/user";
const std::string revocation = "DELETE https://api.github.com/applications/Iv1.abc/token";

struct IdentifyFixture : Fixture {
  IdentifyFixture() {
    settings.client_id = "Iv1.abc";
    settings.client_secret = Secret("hush");
    client.answers = {
        {exchange, page(R"({"access_token":"gho_t0k","scope":"","token_type":"bearer"})")},
        {whoami, page(R"({"id":583231,"login":"octocat"})")},
        {revocation, answer_of(204)}};
  }

  Result<Account> identify() { return api().identify("c0de", "ver", "https://bot.example/cb", 9s); }
};

}  // namespace

TEST_CASE("a member is identified and the token revoked") {
  IdentifyFixture fixture;
  CHECK((fixture.identify() == Account{.id = 583231, .login = "octocat"}));
  const auto& sent = fixture.client.sent;
  REQUIRE(sent.size() == 3);

  const auto form = http::Parameters::parse(sent[0].body);
  REQUIRE(form.has_value());
  CHECK(form->find("client_id").value_or("") == "Iv1.abc");
  CHECK(form->find("client_secret").value_or("") == "hush");
  CHECK(form->find("code").value_or("") == "c0de");
  CHECK(form->find("code_verifier").value_or("") == "ver");
  CHECK(form->find("redirect_uri").value_or("") == "https://bot.example/cb");
  CHECK(sent[0].headers.find("Accept").value_or("") == "application/json");

  CHECK(sent[1].headers.find("Authorization").value_or("") == "Bearer gho_t0k");

  CHECK(sent[2].headers.find("Authorization").value_or("") == "Basic SXYxLmFiYzpodXNo");
  CHECK(sent[2].body == R"({"access_token":"gho_t0k"})");
  for (const http::ClientRequest& request : sent) {
    CHECK((request.total_time == 3s));
    CHECK((request.connect_time == 3s));
    CHECK(request.url.find("gho_t0k") == std::string::npos);
  }
}

TEST_CASE("a refused code is unauthorized and names only the word of the error") {
  IdentifyFixture fixture;
  fixture.client.answers.insert_or_assign(
      exchange, page(R"({"error":"bad_verification_code","error_description":"c0de is wrong"})"));
  auto account = fixture.identify();
  REQUIRE_FALSE(account.has_value());
  CHECK(account.error().code == ErrorCode::unauthorized);
  CHECK(account.error().message ==
        "exchanging the code: GitHub refused the code: bad_verification_code");
  CHECK(fixture.client.sent.size() == 1);

  fixture.client.answers.insert_or_assign(exchange,
                                          answer_of(404, R"({"error":"Not Found hush"})"));
  account = fixture.identify();
  CHECK(account.error().code == ErrorCode::unauthorized);
  CHECK(account.error().message.find("hush") == std::string::npos);
}

TEST_CASE("an exchange that fails otherwise is told apart") {
  IdentifyFixture fixture;
  const auto code_of = [&](Result<http::Response> response) {
    fixture.client.answers.insert_or_assign(exchange, std::move(response));
    const auto account = fixture.identify();
    return account ? "account" : std::string(to_string(account.error().code));
  };
  CHECK(code_of(answer_of(503, "<html>")) == "unavailable");
  CHECK(code_of(fail(ErrorCode::uncertain, "timed out")) == "unavailable");
  CHECK(code_of(fail(ErrorCode::unavailable, "no connection")) == "unavailable");
  CHECK(code_of(answer_of(429)) == "rate_limited");
  CHECK(code_of(page("<html>")) == "bad_response");
  CHECK(code_of(page("{}")) == "bad_response");
  CHECK(code_of(page(R"({"access_token":"a\r\nX-Evil: 1"})")) == "bad_response");
}

TEST_CASE("the token is revoked even if the account cannot be read") {
  IdentifyFixture fixture;
  fixture.client.answers.insert_or_assign(whoami, answer_of(500));
  const auto account = fixture.identify();
  REQUIRE_FALSE(account.has_value());
  CHECK(account.error().code == ErrorCode::unavailable);
  CHECK(fixture.client.sent.size() == 3);
}

TEST_CASE("a revocation that fails does not matter to the member") {
  IdentifyFixture fixture;
  fixture.client.answers.insert_or_assign(revocation, answer_of(500));
  CHECK(fixture.identify().has_value());
  fixture.client.answers.insert_or_assign(revocation, fail(ErrorCode::uncertain, "timed out"));
  CHECK(fixture.identify().has_value());
}

}  // namespace bb::github

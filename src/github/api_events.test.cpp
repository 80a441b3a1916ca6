#include <doctest/doctest.h>

#include <atomic>
#include <thread>

#include "github/api_fixture.test.hpp"

namespace bb::github {
namespace {

using namespace std::chrono_literals;
using test::answer_of;
using test::event;
using test::Fixture;
using test::page;
using test::page_2;
using test::page_3;
using test::page_with_next;

TEST_CASE("events are asked for with the headers that GitHub wants") {
  Fixture fixture;
  fixture.settings.tokens = {Secret("gho_secret")};
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

TEST_CASE("a letter that was cut in half does not cost the page") {
  Fixture fixture;
  const auto answer =
      fixture.events_from(page("[" + event(2) + R"(,{"odd":"\ud83d"},)" + event(1) + "]"));
  REQUIRE(answer.has_value());
  CHECK(answer->events.size() == 2);
  CHECK(answer->rejected == 1);
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

TEST_CASE("one user who hangs delays nobody else") {
  Fixture fixture;
  const auto requests = requests_of(30);
  for (std::size_t i = 0; i < requests.size(); ++i) {
    fixture.client.answers.insert_or_assign(first_page_of(i), page_with_next(1));
    fixture.client.answers.insert_or_assign(first_page_of(i) + "&page=2", page("[]"));
  }
  fixture.client.hanging = "/users/u3/";
  std::vector<std::size_t> order;
  fixture.api().public_events(requests, 2, [&](std::size_t index, const auto& answer) {
    CHECK(answer.has_value());
    order.push_back(index);
  });
  REQUIRE(order.size() == 30);
  CHECK(order.back() == 3);
}

// Counts how many bulk calls are at GitHub at the same time.
class CountingClient final : public http::Client {
 public:
  std::atomic<int> active = 0;
  std::atomic<int> most = 0;

  Result<http::Response> send(const http::ClientRequest& /*request*/) override {
    return page("[]");
  }
  void send_all(const Source& next, std::size_t concurrency, const Done& done) override {
    const int now_active = ++active;
    most = std::max(most.load(), now_active);
    for (int i = 0; i < 200; ++i) {
      std::this_thread::yield();
    }
    Client::send_all(next, concurrency, done);
    --active;
  }
};

TEST_CASE("bulk calls of several threads share one bound") {
  Fixture fixture;
  fixture.settings.tokens = {Secret("one")};
  CountingClient client;
  Api api(client, fixture.clock, fixture.settings);
  std::atomic<int> answered = 0;
  const auto poll = [&] {
    const auto requests = requests_of(2);
    const std::vector<PushRange> ranges = {{"o/r", std::string(40, 'a'), std::string(40, 'b')}};
    for (int i = 0; i < 20; ++i) {
      api.public_events(requests, 100, [&](std::size_t, const auto&) { ++answered; });
      api.commit_counts(ranges, 100, [&](std::size_t, const auto&) { ++answered; });
    }
  };
  {
    const std::jthread first(poll);
    const std::jthread second(poll);
  }
  CHECK(client.most == 1);
  CHECK(answered == 120);
}

TEST_CASE("a request that a replay does not know is named whole") {
  Fixture fixture;
  const std::string address = "http://127.0.0.1:8080/users/octocat/events/public";
  const auto replayed = fixture.events_from(
      fail(ErrorCode::bad_response, "no answer for GET " + address + "?per_page=100"));
  REQUIRE_FALSE(replayed);
  CHECK(replayed.error().message == "no answer for GET " + address + "?per_page=100");
  const auto failed = fixture.events_from(
      fail(ErrorCode::unavailable, "GET api.github.com/users/octocat/events/public: no answer"));
  REQUIRE_FALSE(failed);
  CHECK(failed.error().message == "GET api.github.com: no answer");
}

TEST_CASE("users who cannot be asked in time are left out and no request takes all of the time") {
  Fixture fixture;
  fixture.client.play = [&](const http::ClientRequest& request) -> Result<http::Response> {
    CHECK((request.total_time.value() <= 3s));
    fixture.clock.advance(*request.total_time);
    return fail(ErrorCode::uncertain, "time-out");
  };
  std::vector<EventsRequest> requests;
  for (int i = 0; i < 9; ++i) {
    requests.push_back({.login = "member-" + std::to_string(i)});
  }
  std::vector<std::size_t> failed;
  fixture.api().public_events(
      requests, 1,
      [&](std::size_t index, const Result<EventsAnswer>& answer) {
        CHECK_FALSE(answer);
        failed.push_back(index);
      },
      test::now + 10s);
  CHECK((failed == std::vector<std::size_t>{0, 1, 2, 3}));
  CHECK((fixture.clock.now() == test::now + 10s));
  fixture.api().public_events(
      requests, 1, [](std::size_t, const Result<EventsAnswer>&) { FAIL("nobody is asked"); },
      test::now);
}

}  // namespace
}  // namespace bb::github

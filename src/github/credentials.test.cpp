#include "github/credentials.hpp"

#include <doctest/doctest.h>

#include <set>

#include "github/api_fixture.test.hpp"

namespace bb::github {
namespace {

using namespace std::chrono_literals;
using test::answer_of;
using test::Fixture;
using test::now;
using test::page;

// GitHub as two tokens and an OAuth app see it: an answer for each Authorization header.
struct PoolFixture : Fixture {
  PoolFixture() {
    settings.tokens = {Secret("one"), Secret("two")};
    settings.client_id = "Iv1.abc";
    settings.client_secret = Secret("hush");
    client.play = [this](const http::ClientRequest& request) {
      const auto found = by_credential.find(credential_of(request));
      return found == by_credential.end() ? page("[]") : found->second;
    };
  }

  static std::string credential_of(const http::ClientRequest& request) {
    return request.headers.find("Authorization").value_or("nobody");
  }

  static std::optional<ErrorCode> ask(Api& api, const std::string& login = "octocat") {
    std::optional<ErrorCode> code;
    last_error = {};
    const EventsRequest request{.login = login};
    api.public_events(std::span(&request, 1), 5, [&](std::size_t, const auto& answer) {
      if (!answer) {
        code = answer.error().code;
        last_error = answer.error();
      }
    });
    return code;
  }

  std::string last_used() { return credential_of(client.sent.back()); }

  static inline Error last_error;
  std::map<std::string, http::Response> by_credential;
  const std::string all[3] = {"Bearer one", "Bearer two", app};
  static constexpr auto app = "Basic SXYxLmFiYzpodXNo";
};

http::Response limited(int status, http::Headers headers, const std::string& body = "") {
  return {.status = status, .headers = std::move(headers), .body = body};
}

http::Headers used_up_until(std::int64_t second) {
  return {{"X-RateLimit-Limit", "5000"},
          {"X-RateLimit-Remaining", "0"},
          {"X-RateLimit-Resource", "core"},
          {"X-RateLimit-Reset", std::to_string(second)}};
}

}  // namespace

TEST_CASE("users are spread over all credentials and each sticks to one") {
  PoolFixture fixture;
  Api api(fixture.client, fixture.clock, fixture.settings);
  std::map<std::string, std::set<std::string>> users;
  for (int i = 0; i < 60; ++i) {
    const std::string login = "user" + std::to_string(i);
    PoolFixture::ask(api, login);
    const std::string first = fixture.last_used();
    PoolFixture::ask(api, "USER" + std::to_string(i));
    CHECK(fixture.last_used() == first);
    users[first].insert(login);
  }
  CHECK(users.size() == 3);
  for (const std::string& credential : fixture.all) {
    CHECK(users[credential].size() > 8);
  }
}

TEST_CASE("a used up limit rests its credential until the reset and the next one is asked") {
  PoolFixture fixture;
  Api api(fixture.client, fixture.clock, fixture.settings);
  PoolFixture::ask(api);
  const std::string first = fixture.last_used();
  fixture.by_credential[first] = limited(403, used_up_until(1'800'000'500));
  CHECK_FALSE(PoolFixture::ask(api).has_value());
  CHECK(fixture.client.sent.size() == 3);
  CHECK(fixture.last_used() != first);
  CHECK_FALSE(PoolFixture::ask(api).has_value());
  CHECK(fixture.client.sent.size() == 4);
  fixture.by_credential.clear();
  fixture.clock.advance(501s);
  PoolFixture::ask(api);
  CHECK(fixture.last_used() == first);
}

TEST_CASE("the last request of an hour is known to be the last") {
  PoolFixture fixture;
  Api api(fixture.client, fixture.clock, fixture.settings);
  for (const std::string& credential : fixture.all) {
    fixture.by_credential[credential] = limited(200, used_up_until(1'800'000'500), "[]");
  }
  for (int i = 0; i < 3; ++i) {
    CHECK_FALSE(PoolFixture::ask(api).has_value());
  }
  CHECK((PoolFixture::ask(api) == ErrorCode::rate_limited));
  CHECK(fixture.client.sent.size() == 3);
  CHECK((PoolFixture::last_error.retry_after == 500s));
  CHECK((api.budget().blocked_until == now + 500s));
}

TEST_CASE("when none can be used the wait is that of the earliest one") {
  PoolFixture fixture;
  Api api(fixture.client, fixture.clock, fixture.settings);
  fixture.by_credential = {{"Bearer one", limited(429, {{"Retry-After", "300"}})},
                           {"Bearer two", limited(403, used_up_until(1'800'000'090))},
                           {PoolFixture::app, limited(401, {})}};
  CHECK((PoolFixture::ask(api) == ErrorCode::rate_limited));
  CHECK((PoolFixture::last_error.retry_after == 90s));
  CHECK(PoolFixture::last_error.message == "GitHub's rate limit is reached; it ends at 08:02 UTC");
  CHECK(fixture.client.sent.size() == 3);
  CHECK((PoolFixture::ask(api) == ErrorCode::rate_limited));
  CHECK(fixture.client.sent.size() == 3);
}

TEST_CASE("a secondary limit without an end is waited for longer each time") {
  Fixture fixture;
  fixture.settings.tokens = {Secret("one")};
  fixture.client.play = [](const auto&) {
    return limited(403, {{"X-RateLimit-Remaining", "9"}, {"X-RateLimit-Reset", "1800003600"}},
                   R"({"message":"You have exceeded a secondary rate limit."})");
  };
  Api api(fixture.client, fixture.clock, fixture.settings);
  for (const auto wait : {60s, 120s, 240s}) {
    CHECK((PoolFixture::ask(api) == ErrorCode::rate_limited));
    CHECK((PoolFixture::last_error.retry_after == wait));
    CHECK(PoolFixture::last_error.message == "GitHub's rate limit is reached");
    fixture.clock.advance(wait);
  }
  fixture.client.play = [](const auto&) { return page("[]"); };
  CHECK_FALSE(PoolFixture::ask(api).has_value());
  fixture.client.play = [](const auto&) { return answer_of(429); };
  CHECK((PoolFixture::ask(api) == ErrorCode::rate_limited));
  CHECK((PoolFixture::last_error.retry_after == 60s));
}

TEST_CASE("many refusals at the same time count as one") {
  Fixture fixture;
  fixture.settings.tokens = {Secret("one")};
  Credentials pool(fixture.settings, fixture.clock);
  for (int i = 0; i < 50; ++i) {
    CHECK(pool.take(0, Resource::core, answer_of(429)));
  }
  CHECK((pool.choose("x", Resource::core).error().retry_after == 60s));
}

TEST_CASE("a refused credential is not used for an hour") {
  PoolFixture fixture;
  Api api(fixture.client, fixture.clock, fixture.settings);
  PoolFixture::ask(api);
  const std::string first = fixture.last_used();
  fixture.by_credential[first] = answer_of(401);
  CHECK_FALSE(PoolFixture::ask(api).has_value());
  CHECK_FALSE(PoolFixture::ask(api).has_value());
  CHECK(fixture.client.sent.size() == 4);
  CHECK(api.budget().refused == 1);
  CHECK(api.budget().credentials == 2);
  fixture.clock.advance(61min);
  CHECK_FALSE(PoolFixture::ask(api).has_value());
  CHECK(fixture.client.sent.size() == 6);
}

TEST_CASE("what one credential is not allowed to see another one is asked for") {
  PoolFixture fixture;
  Api api(fixture.client, fixture.clock, fixture.settings);
  PoolFixture::ask(api);
  const std::string first = fixture.last_used();
  const auto suspended =
      limited(403, {{"X-RateLimit-Remaining", "4000"}, {"X-RateLimit-Reset", "1800003600"}},
              R"({"message":"Sorry. Your account was suspended."})");
  fixture.by_credential[first] = suspended;
  CHECK_FALSE(PoolFixture::ask(api).has_value());
  CHECK(fixture.last_used() != first);
  CHECK(api.budget().refused == 0);
  // Nobody may see it: each was asked, and the answer is about what was asked for.
  fixture.client.play = [&](const auto&) { return suspended; };
  CHECK((PoolFixture::ask(api) == ErrorCode::forbidden));
}

TEST_CASE("when all are refused the caller learns what to mend") {
  PoolFixture fixture;
  fixture.client.play = [](const auto&) { return answer_of(401); };
  Api api(fixture.client, fixture.clock, fixture.settings);
  CHECK((PoolFixture::ask(api) == ErrorCode::unauthorized));
  CHECK(PoolFixture::last_error.message ==
        "GitHub refused all tokens of GITHUB_OAUTH_TOKEN and GITHUB_APP_CLIENT_ID with "
        "GITHUB_APP_CLIENT_SECRET (HTTP 401)");
  CHECK(fixture.client.sent.size() == 3);
  CHECK(api.account_by_id(7).error().code == ErrorCode::unauthorized);
  CHECK(fixture.client.sent.size() == 3);
  const Budget budget = api.budget();
  CHECK(budget.refused == 3);
  CHECK(budget.credentials == 0);
  CHECK(budget.limit == 0);
  CHECK((budget.blocked_until == now + 1h));
}

TEST_CASE("the limits of REST and GraphQL are apart") {
  Fixture fixture;
  fixture.settings.tokens = {Secret("one")};
  Credentials pool(fixture.settings, fixture.clock);
  http::Headers headers = used_up_until(1'800'000'500);
  headers.set("X-RateLimit-Resource", "graphql");
  CHECK_FALSE(pool.take(0, Resource::graphql, limited(200, headers)));
  CHECK(pool.choose("x", Resource::core).has_value());
  CHECK_FALSE(pool.choose("x", Resource::graphql).has_value());
  headers.set("X-RateLimit-Resource", "search");
  headers.set("X-RateLimit-Reset", "1800000900");
  CHECK_FALSE(pool.take(0, Resource::core, limited(200, headers)));
  CHECK(pool.choose("x", Resource::core).has_value());
}

TEST_CASE("GraphQL has a budget of its own and none without credentials") {
  VirtualClock clock(now);
  const Settings settings{
      .api_url = "http://a.test", .web_url = "http://w.test", .tokens = {Secret("one")}};
  Credentials pool(settings, clock);
  pool.note(0, Resource::graphql, {.limit = 5'000, .remaining = 7, .reset = now + 1h});
  CHECK(pool.budget(Resource::graphql).remaining == 7);
  CHECK(pool.budget(Resource::core).remaining == 5'000);
  const Credentials anonymous({.api_url = "http://a.test", .web_url = "http://w.test"}, clock);
  CHECK(anonymous.budget(Resource::graphql).limit == 0);
  CHECK(anonymous.budget(Resource::core).limit == 60);
}

TEST_CASE("the budget is the sum of what the credentials have left") {
  PoolFixture fixture;
  Credentials pool(fixture.settings, fixture.clock);
  CHECK(pool.budget(Resource::core).limit == 15'000);
  CHECK(pool.budget(Resource::core).remaining == 15'000);
  const auto with_left = [](const char* left, const char* reset) {
    return limited(200, {{"X-RateLimit-Limit", "5000"},
                         {"X-RateLimit-Remaining", left},
                         {"X-RateLimit-Reset", reset}});
  };
  CHECK_FALSE(pool.take(0, Resource::core, with_left("100", "1800000600")));
  CHECK_FALSE(pool.take(0, Resource::core, with_left("101", "1800000600")));  // overtaken
  CHECK_FALSE(pool.take(1, Resource::core, with_left("4000", "1800000600")));
  CHECK(pool.budget(Resource::core).remaining == 9'100);
  CHECK(pool.budget(Resource::core).credentials == 3);
  CHECK_FALSE(pool.budget(Resource::core).blocked_until.has_value());
  fixture.clock.advance(601s);
  CHECK(pool.budget(Resource::core).remaining == 15'000);
}

TEST_CASE("without credentials there is one anonymous allowance") {
  Fixture fixture;
  Credentials pool(fixture.settings, fixture.clock);
  CHECK(pool.is_anonymous());
  CHECK(pool.authorization(0).empty());
  CHECK(pool.budget(Resource::core).limit == 60);
  CHECK(pool.budget(Resource::core).credentials == 0);
  CHECK_FALSE(pool.take(0, Resource::core, answer_of(401)));
  CHECK(pool.choose("x", Resource::core).has_value());
}

}  // namespace bb::github

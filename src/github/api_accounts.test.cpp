#include <doctest/doctest.h>

#include "github/api_fixture.test.hpp"

namespace bb::github {
namespace {

using namespace std::chrono_literals;
using test::answer_of;
using test::Fixture;
using test::page;

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

}  // namespace
}  // namespace bb::github

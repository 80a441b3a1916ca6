#include <doctest/doctest.h>

#include "crypto/crypto.hpp"
#include "sim/github_fixture.test.hpp"

namespace bb::sim {
namespace {

using std::chrono::minutes;
using test::GitHubFixture;

const std::string verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

struct Flow : GitHubFixture {
  std::string authorize_url(const std::string& redirect_uri = "http://bot/callback",
                            const std::string& client_id = "Ov23simulated0beaver") {
    http::Parameters query;
    query.add("client_id", client_id);
    query.add("redirect_uri", redirect_uri);
    query.add("state", "s&1");
    query.add("code_challenge", crypto::to_base64url(crypto::sha256(verifier)));
    query.add("code_challenge_method", "S256");
    return github->web_url() + "/login/oauth/authorize?" + query.encode();
  }

  static std::optional<std::string> parameter(const std::string& location, std::string_view name) {
    const auto query = http::Parameters::parse(location.substr(location.find('?') + 1));
    return query ? query->find(name) : std::nullopt;
  }

  std::string make_code() {
    const auto location = github->authorize(authorize_url(), "octocat");
    return location ? parameter(*location, "code").value_or("") : "";
  }

  http::Response exchange(const std::string& code, const http::Parameters& other = {}) {
    http::Parameters form;
    const auto value = [&](std::string_view name, const std::string& usual) {
      form.add(name, other.find(name).value_or(usual));
    };
    value("client_id", "Ov23simulated0beaver");
    value("client_secret", github->options().client_secret.reveal());
    value("code", code);
    value("redirect_uri", "http://bot/callback");
    value("code_verifier", verifier);
    return send({.method = "POST",
                 .url = github->web_url() + "/login/oauth/access_token",
                 .headers = {{"Accept", "application/json"},
                             {"Content-Type", "application/x-www-form-urlencoded"}},
                 .body = form.encode()});
  }

  http::Response exchange_with(const std::string& name, const std::string& wrong) {
    http::Parameters other;
    other.add(name, wrong);
    return exchange(make_code(), other);
  }

  http::Response revoke(const std::string& token, const std::string& secret) {
    return send({.method = "DELETE",
                 .url = github->api_url() + "/applications/Ov23simulated0beaver/token",
                 .headers = {{"Authorization",
                              "Basic " + crypto::to_base64("Ov23simulated0beaver:" + secret)},
                             {"Content-Type", "application/json"}},
                 .body = R"({"access_token":")" + token + R"("})"});
  }
};

TEST_CASE("an authorized person comes back with a code that is worth a token") {
  Flow flow;
  const auto location = flow.github->authorize(flow.authorize_url(), "OctoCat");
  REQUIRE(location);
  CHECK(location->starts_with("http://bot/callback?"));
  CHECK(Flow::parameter(*location, "state") == "s&1");
  const auto answer = flow.exchange(Flow::parameter(*location, "code").value_or(""));
  CHECK(answer.status == 200);
  const std::string token = Flow::word(answer, "access_token");
  CHECK(token.starts_with("gho_"));
  CHECK(Flow::word(answer, "scope").empty());
  CHECK(flow.github->live_tokens() == 1);
  const auto user = flow.get("/user", {{"Authorization", "Bearer " + token}});
  CHECK(boost::json::parse(user.body).at("id") == 7);
  CHECK(Flow::word(user, "login") == "octocat");
}

TEST_CASE("a person who cancels comes back with access_denied and the state") {
  Flow flow;
  const auto location = flow.github->deny(flow.authorize_url());
  REQUIRE(location);
  CHECK(Flow::parameter(*location, "error") == "access_denied");
  CHECK(Flow::parameter(*location, "state") == "s&1");
  CHECK_FALSE(Flow::parameter(*location, "code"));
}

TEST_CASE("an unknown client sees an error page") {
  Flow flow;
  const auto location =
      flow.github->authorize(flow.authorize_url("http://bot/callback", "other"), "octocat");
  REQUIRE_FALSE(location);
  CHECK(location.error().code == ErrorCode::not_found);
  CHECK_FALSE(flow.github->authorize("http://127.0.0.1:1/login/oauth/authorize?", "octocat"));
  CHECK(flow.send({.url = flow.authorize_url("http://bot/callback", "other")}).status == 404);
}

TEST_CASE("an address to come back to must be registered") {
  Flow flow;
  for (const char* wrong : {"http://evil/callback", "http://bot/callbacks", "http://bot/",
                            "http://bot/callback/../x", "http://bot:1/callback"}) {
    CAPTURE(wrong);
    const auto location = flow.github->authorize(flow.authorize_url(wrong), "octocat");
    REQUIRE(location);
    CHECK(location->starts_with("http://bot/callback?"));
    CHECK(Flow::parameter(*location, "error") == "redirect_uri_mismatch");
  }
  const auto below =
      flow.github->authorize(flow.authorize_url("http://bot/callback/deeper"), "octocat");
  CHECK(Flow::parameter(*below, "code"));
  flow.github->add_redirect_uri("http://second/callback");
  const auto second =
      flow.github->authorize(flow.authorize_url("http://second/callback"), "octocat");
  CHECK(Flow::parameter(*second, "code"));
}

TEST_CASE("a challenge that is not S256 is refused") {
  Flow flow;
  std::string url = flow.authorize_url();
  url.replace(url.find("S256"), 4, "plain");
  const auto location = flow.github->authorize(url, "octocat");
  REQUIRE(location);
  CHECK(Flow::parameter(*location, "error") == "invalid_request");
}

TEST_CASE("a code works once and for ten minutes") {
  Flow flow;
  const std::string used = flow.make_code();
  CHECK_FALSE(Flow::word(flow.exchange(used), "access_token").empty());
  const auto again = flow.exchange(used);
  CHECK(again.status == 200);
  CHECK(Flow::word(again, "error") == "bad_verification_code");
  CHECK(Flow::word(again, "error_description") == "The code passed is incorrect or expired.");
  const std::string old = flow.make_code();
  flow.clock.advance(minutes(10));
  CHECK(Flow::word(flow.exchange(old), "error") == "bad_verification_code");
}

TEST_CASE("a token needs the right secret and verifier and address") {
  Flow flow;
  CHECK(Flow::word(flow.exchange_with("client_secret", "guess"), "error") ==
        "incorrect_client_credentials");
  CHECK(Flow::word(flow.exchange_with("client_id", "other"), "error") ==
        "incorrect_client_credentials");
  CHECK(Flow::word(flow.exchange_with("code_verifier", "guess"), "error") ==
        "bad_verification_code");
  CHECK(Flow::word(flow.exchange_with("code", "guess"), "error") == "bad_verification_code");
  CHECK(Flow::word(flow.exchange_with("redirect_uri", "http://bot/other"), "error") ==
        "redirect_uri_mismatch");
  CHECK(flow.github->live_tokens() == 0);
}

TEST_CASE("without asking for JSON the answer is a form") {
  Flow flow;
  const auto answer = flow.send({.method = "POST",
                                 .url = flow.github->web_url() + "/login/oauth/access_token",
                                 .headers = {},
                                 .body = "client_id=x"});
  CHECK(answer.status == 200);
  CHECK(answer.body.starts_with("error=incorrect_client_credentials&"));
}

TEST_CASE("a revoked token is dead") {
  Flow flow;
  const std::string secret = flow.github->options().client_secret.reveal();
  const std::string token = Flow::word(flow.exchange(flow.make_code()), "access_token");
  CHECK(flow.revoke(token, "guess").status == 401);
  CHECK(flow.revoke("gho_unknown", secret).status == 404);
  CHECK(flow.revoke(token, secret).status == 204);
  CHECK(flow.github->live_tokens() == 0);
  CHECK(flow.get("/user", {{"Authorization", "Bearer " + token}}).status == 401);
  CHECK(flow.revoke(token, secret).status == 404);
}

TEST_CASE("the app may ask with its own credentials") {
  Flow flow;
  const std::string credentials =
      crypto::to_base64("Ov23simulated0beaver:" + flow.github->options().client_secret.reveal());
  const auto answer =
      flow.get("/users/octocat/events/public", {{"Authorization", "Basic " + credentials}});
  CHECK(answer.status == 200);
  CHECK(answer.headers.find("X-RateLimit-Limit") == "5000");
}

TEST_CASE("a browser can choose who to be") {
  Flow flow;
  flow.github->add_user(8, "<b>");
  const auto page = flow.send({.url = flow.authorize_url()});
  CHECK(page.status == 200);
  CHECK(page.body.find("Authorize as octocat") != std::string::npos);
  CHECK(page.body.find("<b>") == std::string::npos);
  std::string chosen = flow.authorize_url() + "&as=octocat";
  chosen.replace(chosen.find("/authorize?"), 11, "/authorize/choose?");
  const auto answer = flow.send({.url = chosen});
  CHECK(answer.status == 302);
  CHECK(Flow::parameter(answer.headers.find("Location").value_or(""), "code"));
}

}  // namespace
}  // namespace bb::sim

#include <doctest/doctest.h>

#include <set>

#include "sim/github_fixture.test.hpp"

namespace bb::sim {
namespace {

using boost::json::array;
using boost::json::value;
using std::chrono::hours;
using std::chrono::minutes;
using test::GitHubFixture;

const std::string events_path = "/users/octocat/events/public";

array events_of(const http::Response& response) {
  return boost::json::parse(response.body).as_array();
}

std::string header(const http::Response& response, std::string_view name) {
  return response.headers.find(name).value_or("");
}

http::Headers authorization(const Secret& token) {
  return {{"Authorization", "Bearer " + token.reveal()}};
}

TEST_CASE("an event has the shape of today with the time of the clock") {
  GitHubFixture fixture;
  const std::string id = fixture.github->add_event("octocat", push("octocat/hello"));
  const array events = events_of(fixture.get(events_path));
  REQUIRE(events.size() == 1);
  const value& event = events[0];
  CHECK(std::string(event.at("id").as_string()) == id);
  CHECK(event.at("type") == "PushEvent");
  CHECK(event.at("actor").at("id") == 7);
  CHECK(event.at("actor").at("login") == "octocat");
  CHECK(event.at("repo").at("name") == "octocat/hello");
  CHECK(event.at("public") == true);
  CHECK(event.at("created_at") == "2026-11-18T11:06:40Z");
  std::set<std::string> members;
  for (const auto& member : event.at("payload").as_object()) {
    members.emplace(member.key());
  }
  CHECK((members == std::set<std::string>{"before", "head", "push_id", "ref", "repository_id"}));
}

TEST_CASE("a second push starts where the first one ended") {
  const value first = boost::json::parse(push("o/r", "main", 1).payload);
  const value second = boost::json::parse(push("o/r", "main", 2).payload);
  CHECK(first.at("head") == second.at("before"));
  CHECK(first.at("head") != second.at("head"));
}

TEST_CASE("a pull request is trimmed to numbers and branches") {
  const value merged = boost::json::parse(pull_request_merged("o/r", 12).payload);
  CHECK(merged.at("action") == "merged");
  CHECK(merged.at("number") == 12);
  CHECK_FALSE(merged.at("pull_request").as_object().contains("title"));
  CHECK_FALSE(merged.at("pull_request").as_object().contains("html_url"));
  CHECK_FALSE(merged.at("pull_request").as_object().contains("merged"));
  CHECK(boost::json::parse(pull_request_opened("o/r", 12).payload).at("action") == "opened");
}

TEST_CASE("other events carry what GitHub left in them") {
  CHECK(boost::json::parse(issue_opened("o/r", 3, "It <hurts>").payload).at("issue").at("title") ==
        "It <hurts>");
  CHECK(boost::json::parse(fork("o/r", "me").payload).at("forkee").at("full_name") == "me/r");
  CHECK(boost::json::parse(release("o/r", "v1").payload).at("release").at("html_url") ==
        "https://github.com/o/r/releases/tag/v1");
  CHECK(boost::json::parse(new_repository("o/r").payload).at("ref_type") == "repository");
  CHECK(made_public("o/r").type == "PublicEvent");
  CHECK(boost::json::parse(star("o/r").payload).at("action") == "started");
}

TEST_CASE("events are newest first and older than thirty days not shown") {
  GitHubFixture fixture;
  const TimePoint now = fixture.clock.now();
  fixture.github->add_event("octocat", star("o/old"), now - hours(24 * 31));
  fixture.github->add_event("octocat", star("o/b"), now - hours(2));
  fixture.github->add_event("octocat", star("o/a"), now - hours(3));
  fixture.github->add_event("octocat", star("o/tomorrow"), now + hours(24));
  const array events = events_of(fixture.get(events_path));
  REQUIRE(events.size() == 2);
  CHECK(events[0].at("repo").at("name") == "o/b");
  CHECK(events[1].at("repo").at("name") == "o/a");
}

TEST_CASE("an unchanged list answers 304 which is free with credentials only") {
  GitHubFixture fixture;
  const Secret token = fixture.github->add_token("octocat");
  const http::Response first = fixture.get(events_path, authorization(token));
  CHECK(header(first, "X-Poll-Interval") == "60");
  CHECK(header(first, "X-RateLimit-Limit") == "5000");
  CHECK(header(first, "X-RateLimit-Remaining") == "4999");
  const std::string tag = header(first, "ETag");
  http::Headers conditional = authorization(token);
  conditional.set("If-None-Match", tag);
  const http::Response second = fixture.get(events_path, conditional);
  CHECK(second.status == 304);
  CHECK(second.body.empty());
  CHECK(header(second, "X-RateLimit-Remaining") == "4999");
  const http::Response anonymous = fixture.get(events_path, {{"If-None-Match", tag}});
  CHECK(anonymous.status == 304);
  CHECK(header(anonymous, "X-RateLimit-Remaining") == "59");
  fixture.github->add_event("octocat", star("o/r"));
  const http::Response changed = fixture.get(events_path, conditional);
  CHECK(changed.status == 200);
  CHECK(header(changed, "ETag") != tag);
}

TEST_CASE("pages are linked and end at 300 events") {
  GitHubFixture fixture;
  for (int i = 0; i < 310; ++i) {
    fixture.github->add_event("octocat", star("o/r" + std::to_string(i)));
  }
  const http::Response first = fixture.get(events_path + "?per_page=100");
  CHECK(events_of(first).size() == 100);
  const std::string base = "<" + fixture.github->api_url() + "/user/7/events/public?per_page=100";
  CHECK(header(first, "Link") ==
        base + "&page=2>; rel=\"next\", " + base + "&page=3>; rel=\"last\"");
  const http::Response third = fixture.get(events_path + "?per_page=100&page=3");
  CHECK(events_of(third).size() == 100);
  CHECK(header(third, "Link") ==
        base + "&page=2>; rel=\"prev\", " + base + "&page=1>; rel=\"first\"");
  CHECK(fixture.get(events_path + "?per_page=100&page=4").status == 422);
  CHECK(events_of(fixture.get(events_path)).size() == 30);
  CHECK(events_of(fixture.get(events_path + "?per_page=500")).size() == 100);
  CHECK(fixture.get("/user/7/events/public").status == 200);
}

TEST_CASE("the rate limit ends with 403 and starts again after an hour") {
  GitHubFixture fixture;
  fixture.github->set_limits(2, 5'000);
  CHECK(fixture.get("/users/octocat").status == 200);
  CHECK(fixture.get("/users/octocat").status == 200);
  const http::Response over = fixture.get("/users/octocat");
  CHECK(over.status == 403);
  CHECK(header(over, "X-RateLimit-Remaining") == "0");
  CHECK(header(over, "X-RateLimit-Reset") == "1795003600");
  CHECK(fixture.get("/users/octocat", authorization(fixture.github->add_token("octocat"))).status ==
        200);
  fixture.clock.advance(minutes(60));
  CHECK(fixture.get("/users/octocat").status == 200);
}

TEST_CASE("wrong credentials answer 401") {
  GitHubFixture fixture;
  CHECK(fixture.get("/users/octocat", {{"Authorization", "token ghp_wrong"}}).status == 401);
  CHECK(fixture.get("/users/octocat", {{"Authorization", "Basic d3Jvbmc="}}).status == 401);
  CHECK(fixture.get("/user").status == 401);
  const Secret token = fixture.github->add_token("octocat");
  CHECK(fixture.get("/user", {{"Authorization", "token " + token.reveal()}}).status == 200);
}

TEST_CASE("a renamed person keeps the id and a deleted one is gone") {
  GitHubFixture fixture;
  fixture.github->rename("octocat", "hexacat");
  CHECK(fixture.get(events_path).status == 404);
  CHECK(fixture.get("/users/HexaCat/events/public").status == 200);
  CHECK(GitHubFixture::word(fixture.get("/user/7"), "login") == "hexacat");
  fixture.github->delete_user("hexacat");
  CHECK(fixture.get("/user/7").status == 404);
  CHECK(fixture.get("/users/hexacat").status == 404);
  CHECK(GitHubFixture::word(fixture.get("/users/hexacat"), "message") == "Not Found");
  CHECK(fixture.get("/nothing/here").status == 404);
  CHECK(fixture.github->add_event("hexacat", star("o/r")).empty());
}

TEST_CASE("faults hit one path and requests are counted by path") {
  GitHubFixture fixture;
  fixture.github->add_fault(events_path, secondary_limit(std::chrono::seconds(90)));
  fixture.github->add_fault(events_path, server_error(502));
  fixture.github->add_fault(events_path, html_instead());
  fixture.github->add_fault(events_path, cut_short());
  const http::Response limited = fixture.get(events_path);
  CHECK(limited.status == 403);
  CHECK(header(limited, "Retry-After") == "90");
  CHECK(fixture.get(events_path).status == 502);
  CHECK(fixture.get(events_path).body.starts_with("<!DOCTYPE html>"));
  CHECK(fixture.get(events_path).body == "[");
  CHECK(fixture.get(events_path).body == "[]");
  CHECK(fixture.github->requests(events_path) == 5);
  CHECK(fixture.github->requests("/user") == 0);
  CHECK(fixture.github->total_requests() == 5);
}

TEST_CASE("a request without a user agent is forbidden") {
  GitHubFixture fixture;
  const auto nameless = http::make_curl_client({.user_agent = ""});
  const auto response = nameless->send({.url = fixture.github->api_url() + "/users/octocat"});
  REQUIRE(response);
  CHECK(response->status == 403);
}

}  // namespace
}  // namespace bb::sim

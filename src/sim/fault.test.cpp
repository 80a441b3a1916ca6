#include "sim/fault.hpp"

#include <doctest/doctest.h>

#include <chrono>

#include "sim/slack_fixture.test.hpp"

namespace bb::sim {
namespace {

using boost::json::object;
using std::chrono::milliseconds;
using std::chrono::seconds;
using test::SlackFixture;

std::size_t posted(const SlackFixture& fixture) {
  return fixture.slack->messages(fixture.general).size();
}

object post_hello(SlackFixture& fixture) {
  return fixture.post("chat.postMessage", {{"channel", fixture.general}, {"text", "hello"}});
}

http::ClientRequest impatient_post(const SlackFixture& fixture) {
  return {.method = "POST",
          .url = fixture.slack->url() + "/chat.postMessage",
          .headers = {{"Content-Type", "application/json"},
                      {"Authorization", "Bearer xoxb-simulated-bot-token"}},
          .body = R"({"channel":"C0GENERAL","text":"hello"})",
          .total_time = milliseconds(200)};
}

TEST_CASE("a rate limit says when to come back and hits as often as asked") {
  SlackFixture fixture;
  Fault twice = rate_limited(seconds(7));
  twice.times = 2;
  fixture.slack->add_fault("chat.postMessage", twice);
  const auto response = fixture.client->send(impatient_post(fixture));
  REQUIRE(response);
  CHECK(response->status == 429);
  CHECK(response->headers.find("Retry-After") == "7");
  CHECK(response->body == R"({"ok":false,"error":"ratelimited"})");
  CHECK(post_hello(fixture).at("http_status") == 429);
  CHECK(post_hello(fixture).at("ok") == true);
  CHECK(posted(fixture) == 1);
}

TEST_CASE("a late call is applied although its caller has gone") {
  SlackFixture fixture;
  fixture.slack->add_fault("chat.postMessage", late_call(std::chrono::minutes(1)));
  CHECK((fixture.client->send(impatient_post(fixture)).error().code == ErrorCode::uncertain));
  CHECK(posted(fixture) == 0);
  fixture.slack->stop();  // lets go of it
  CHECK(posted(fixture) == 1);
}

TEST_CASE("faults hit their method only and in order") {
  SlackFixture fixture;
  fixture.slack->add_fault("chat.postMessage", error_word("fatal_error"));
  fixture.slack->add_fault("chat.postMessage", server_error());
  CHECK(fixture.get("auth.test").at("ok") == true);
  CHECK(SlackFixture::word(post_hello(fixture), "error") == "fatal_error");
  CHECK(post_hello(fixture).at("http_status") == 500);
  CHECK(posted(fixture) == 0);
  fixture.slack->add_fault("*", refused());
  CHECK(fixture.get("auth.test").at("http_status") == 503);
}

TEST_CASE("a false error is answered although the message was posted") {
  SlackFixture fixture;
  fixture.slack->add_fault("chat.postMessage", false_error("fatal_error"));
  CHECK(SlackFixture::word(post_hello(fixture), "error") == "fatal_error");
  CHECK(posted(fixture) == 1);
}

TEST_CASE("a source of faults is asked at each call for which none was added") {
  SlackFixture fixture;
  std::string asked;
  fixture.slack->draw_faults([&](std::string_view method) -> std::optional<Fault> {
    asked += method;
    return server_error();
  });
  fixture.slack->add_fault("chat.postMessage", error_word("fatal_error"));
  CHECK(SlackFixture::word(post_hello(fixture), "error") == "fatal_error");
  CHECK(asked.empty());
  CHECK(post_hello(fixture).at("http_status") == 500);
  CHECK(asked == "chat.postMessage");
}

TEST_CASE("a held answer comes too late although the message was posted") {
  SlackFixture fixture;
  fixture.slack->add_fault("chat.postMessage", no_answer());
  const auto response = fixture.client->send(impatient_post(fixture));
  REQUIRE_FALSE(response);
  CHECK(response.error().code == ErrorCode::uncertain);
  CHECK(posted(fixture) == 1);
  CHECK(post_hello(fixture).at("ok") == true);
}

TEST_CASE("a held answer does not hinder the shutdown") {
  SlackFixture fixture;
  fixture.slack->add_fault("*", no_answer());
  (void)fixture.client->send(impatient_post(fixture));
  fixture.slack->stop();
  CHECK(posted(fixture) == 1);
}

TEST_CASE("broken answers are no JSON") {
  SlackFixture fixture;
  fixture.slack->add_fault("chat.postMessage", html_instead());
  fixture.slack->add_fault("chat.postMessage", cut_short());
  const auto page = fixture.client->send(impatient_post(fixture));
  REQUIRE(page);
  CHECK(page->body.starts_with("<!DOCTYPE html>"));
  CHECK(posted(fixture) == 0);
  const auto half = fixture.client->send(impatient_post(fixture));
  REQUIRE(half);
  CHECK(half->body.starts_with("{\"ok\":true"));
  CHECK_FALSE(half->body.ends_with("}"));
  CHECK(posted(fixture) == 1);
}

}  // namespace
}  // namespace bb::sim

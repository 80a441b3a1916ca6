#include "chat/slack/web_answer.hpp"

#include <doctest/doctest.h>

#include <boost/json.hpp>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "base/json.hpp"

namespace bb::chat::slack {
namespace {

namespace fs = std::filesystem;

const TimePoint now{std::chrono::seconds(1'700'000'000)};

Refusal refusal_of(Effect effect, const Result<http::Response>& response) {
  const Answer answer = read_answer("some.method", effect, response, now);
  REQUIRE_FALSE(answer.has_value());
  return answer.error();
}

std::string code_of_word(Effect effect, std::string_view word) {
  const std::string body = R"({"ok": false, "error": ")" + std::string(word) + "\"}";
  const Refusal refusal = refusal_of(effect, http::json_response(200, body));
  CHECK(refusal.word == word);
  CHECK(refusal.error.message.starts_with("some.method: "));
  CHECK(refusal.error.message.find(word) != std::string::npos);
  return std::string(to_string(refusal.error.code));
}

std::string code_of(Effect effect, int status, std::string body) {
  const Refusal refusal = refusal_of(effect, http::json_response(status, std::move(body)));
  CHECK(refusal.status == status);
  return std::string(to_string(refusal.error.code));
}

std::string code_without_answer(Effect effect, ErrorCode code) {
  return std::string(to_string(refusal_of(effect, fail(code, "slack.test")).error.code));
}

TEST_CASE("a success is its JSON") {
  const Answer answer = read_answer("auth.test", Effect::none,
                                    http::json_response(200, R"({"ok": true, "a": 1})"), now);
  REQUIRE(answer.has_value());
  CHECK(json::integer(*answer, "a") == 1);
}

TEST_CASE("an error word tells what can be done") {
  struct Row {
    const char* word;
    const char* code;
  };
  for (const Row& row : {
           Row{"channel_not_found", "not_found"},
           Row{"not_in_channel", "not_found"},
           Row{"is_archived", "not_found"},
           Row{"cannot_dm_bot", "not_found"},
           Row{"messages_tab_disabled", "not_found"},
           Row{"thread_not_found", "not_found"},
           Row{"cannot_reply_to_message", "not_found"},
           Row{"restricted_action_thread_locked", "not_found"},
           Row{"invalid_cursor", "unavailable"},
           Row{"restricted_action_read_only_channel", "forbidden"},
           Row{"missing_scope", "forbidden"},
           Row{"ekm_access_denied", "forbidden"},
           Row{"not_authed", "unauthorized"},
           Row{"invalid_auth", "unauthorized"},
           Row{"account_inactive", "unauthorized"},
           Row{"token_revoked", "unauthorized"},
           Row{"token_expired", "unauthorized"},
           Row{"ratelimited", "rate_limited"},
           Row{"rate_limited", "rate_limited"},
           Row{"msg_too_long", "invalid_input"},
           Row{"invalid_blocks", "invalid_input"},
           Row{"invented_tomorrow", "bad_response"},
       }) {
    CHECK(code_of_word(Effect::none, row.word) == row.code);
    CHECK(code_of_word(Effect::message, row.word) == row.code);
  }
}

TEST_CASE("after an internal error of Slack a message is uncertain and a read is not") {
  for (const char* word :
       {"fatal_error", "internal_error", "service_unavailable", "request_timeout"}) {
    CHECK(code_of_word(Effect::message, word) == "uncertain");
    CHECK(code_of_word(Effect::none, word) == "unavailable");
  }
  CHECK(code_of(Effect::message, 500, "") == "uncertain");
  CHECK(code_of(Effect::none, 503, R"({"ok": true})") == "unavailable");
}

TEST_CASE("without an answer a message is uncertain only if it may have arrived") {
  CHECK(code_without_answer(Effect::message, ErrorCode::unavailable) == "unavailable");
  CHECK(code_without_answer(Effect::message, ErrorCode::uncertain) == "uncertain");
  CHECK(code_without_answer(Effect::message, ErrorCode::bad_response) == "uncertain");
  CHECK(code_without_answer(Effect::none, ErrorCode::uncertain) == "unavailable");
  CHECK(code_without_answer(Effect::none, ErrorCode::bad_response) == "bad_response");
}

TEST_CASE("an answer that is not one of Slack is never a success") {
  for (const char* body :
       {"", "<html></html>", "[]", "{}", R"({"ok": 1})", R"({"ok": "true"})", R"({"ok": true)"}) {
    CAPTURE(body);
    CHECK(code_of(Effect::none, 200, body) == "unavailable");
    CHECK(code_of(Effect::message, 200, body) == "uncertain");
    CHECK(code_of(Effect::none, 404, body) == "bad_response");
    CHECK(code_of(Effect::message, 404, body) == "unavailable");
    CHECK(code_of(Effect::none, 302, body) == "bad_response");
  }
}

TEST_CASE("an error word counts whatever the status below 500") {
  CHECK(code_of(Effect::none, 403, R"({"ok": false, "error": "invalid_auth"})") == "unauthorized");
}

TEST_CASE("being throttled says how long to wait") {
  http::Response throttled{.status = 429, .headers = {{"Retry-After", "7"}}, .body = "slow down"};
  CHECK((refusal_of(Effect::message, throttled).error.code == ErrorCode::rate_limited));
  CHECK((refusal_of(Effect::message, throttled).error.retry_after == std::chrono::seconds(7)));

  throttled.status = 200;
  throttled.body = R"({"ok": false, "error": "ratelimited"})";
  CHECK((refusal_of(Effect::none, throttled).error.retry_after == std::chrono::seconds(7)));

  throttled.headers = {};
  CHECK((refusal_of(Effect::none, throttled).error.retry_after == std::chrono::seconds(30)));
}

TEST_CASE("a missing scope is named") {
  const Refusal refusal = refusal_of(
      Effect::none,
      http::json_response(
          200, R"({"ok": false, "error": "missing_scope", "needed": "groups:read\u001b[1m"})"));
  CHECK(refusal.error.message ==
        "some.method: missing_scope: add the scope to the app and reinstall it "
        "(needed: groups:read\\x1b[1m)");
}

TEST_CASE("an error word cannot smuggle anything into a log") {
  const std::string body =
      R"({"ok": false, "error": "a b\n\u001b)" + std::string(1'000, 'x') + "\"}";
  const Refusal refusal = refusal_of(Effect::none, http::json_response(200, body));
  CHECK(refusal.word == "a?b??" + std::string(59, 'x'));
  CHECK(refusal_of(Effect::none, http::json_response(200, R"({"ok": false})")).error.message ==
        "some.method: refused without saying why");
}

std::string contents(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

TEST_CASE("recorded answers of Slack are read as what they say") {
  const char* const corpus = std::getenv("BB_CORPUS");
  const fs::path folder =
      fs::path(corpus == nullptr ? "../shared/data" : corpus) / "slack/recorded";
  if (!fs::is_directory(folder)) {
    MESSAGE("skipped: BB_CORPUS has no " << folder.string());
    return;
  }
  int successes = 0;
  int refusals = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (!name.ends_with(".json") || name.ends_with(".meta.json")) {
      continue;
    }
    CAPTURE(entry.path().string());
    const std::string body = contents(entry.path());
    const Answer answer =
        read_answer("recorded", Effect::none, http::json_response(200, body), now);
    const bool says_ok = body.find("\"ok\":true") != std::string::npos;
    CHECK(answer.has_value() == says_ok);
    ++(answer ? successes : refusals);
  }
  CHECK(successes > 20);
  CHECK(refusals > 0);
}

}  // namespace
}  // namespace bb::chat::slack

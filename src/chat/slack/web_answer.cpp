#include "chat/slack/web_answer.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <optional>
#include <utility>

#include "base/json.hpp"
#include "base/text.hpp"
#include "chat/slack/error_words.hpp"
#include "http/client.hpp"

namespace bb::chat::slack {
namespace {

using Json = boost::json::value;
using enum ErrorCode;

// Slack always says how long to wait; this is for stand-ins and proxies that do not.
constexpr std::chrono::seconds default_wait{30};

// A word is quoted in logs and on pages: nothing but what Slack's words are made of.
std::string readable(std::string_view word) {
  std::string text(word.substr(0, 64));
  std::ranges::replace_if(
      text,
      [](char character) {
        return character != '_' && (character < 'a' || character > 'z') &&
               (character < '0' || character > '9');
      },
      '?');
  return text;
}

// A read has no effect that could be uncertain.
ErrorCode for_effect(ErrorCode code, Effect effect) {
  return code == uncertain && effect == Effect::none ? unavailable : code;
}

std::optional<std::chrono::seconds> wait_for(ErrorCode code, const http::Headers& headers,
                                             TimePoint now) {
  std::optional<std::chrono::seconds> wait = http::retry_after(headers, now);
  return code == rate_limited && !wait ? default_wait : wait;
}

Refusal refuse(ErrorCode code, std::string message, const http::Response& response, TimePoint now) {
  return {.error = {.code = code,
                    .message = std::move(message),
                    .retry_after = wait_for(code, response.headers, now)},
          .status = response.status};
}

// {"ok": false, "error": "...", "needed": "..."}
Refusal read_refusal(const Json& json, Effect effect, const http::Response& response,
                     TimePoint now) {
  const std::string word = readable(json::string(json, "error").value_or(""));
  const ErrorWord* row = find_error_word(word);
  if (row == nullptr) {
    Refusal refusal = refuse(
        bad_response, word.empty() ? "refused without saying why" : "refused with '" + word + "'",
        response, now);
    refusal.word = word;
    return refusal;
  }
  std::string message = word;
  if (!row->advice.empty()) {
    message.append(": ").append(row->advice);
  }
  if (const auto needed = json::string(json, "needed"); needed && word == "missing_scope") {
    message += " (needed: " + escape_control(truncate(*needed, 100)) + ")";
  }
  Refusal refusal = refuse(for_effect(row->code, effect), std::move(message), response, now);
  refusal.word = word;
  return refusal;
}

Refusal refuse_without_answer(const Error& error, Effect effect) {
  Error refused = error;
  // Something answered, so it may have acted, even if its answer cannot be read.
  if (refused.code == bad_response && effect == Effect::message) {
    refused.code = uncertain;
  }
  refused.code = for_effect(refused.code, effect);
  return {.error = std::move(refused)};
}

Answer read_response(Effect effect, const http::Response& response, TimePoint now) {
  const std::string status = "HTTP " + std::to_string(response.status);
  if (response.status == 429) {
    Refusal refusal = refuse(rate_limited, "Slack asks to wait", response, now);
    refusal.word = "ratelimited";
    return std::unexpected(std::move(refusal));
  }
  if (response.status >= 500) {
    return std::unexpected(
        refuse(for_effect(uncertain, effect), "Slack answered " + status, response, now));
  }
  const bool success = response.status >= 200 && response.status < 300;
  Result<Json> json = json::parse(response.body);
  const std::optional<bool> ok = json ? json::boolean(*json, "ok") : std::nullopt;
  if (ok && !*ok) {
    return std::unexpected(read_refusal(*json, effect, response, now));
  }
  if (ok && success) {
    return *std::move(json);
  }
  if (success) {
    // A proxy in between, or an answer that was cut off: another attempt may get Slack's.
    return std::unexpected(refuse(for_effect(uncertain, effect),
                                  "the answer is not Slack's: no JSON object with 'ok'", response,
                                  now));
  }
  return std::unexpected(refuse(
      effect == Effect::message ? unavailable : bad_response,
      "answered " + status + " without Slack's JSON: is SLACK_API_URL right?", response, now));
}

}  // namespace

Answer read_answer(std::string_view method, Effect effect, const Result<http::Response>& response,
                   TimePoint now) {
  Answer answer = response ? read_response(effect, *response, now)
                           : std::unexpected(refuse_without_answer(response.error(), effect));
  if (!answer) {
    answer.error().error = answer.error().error.within(method);
  }
  return answer;
}

}  // namespace bb::chat::slack

#include "chat/slack/web_answer.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <iterator>
#include <optional>
#include <utility>

#include "base/json.hpp"
#include "base/text.hpp"
#include "http/client.hpp"

namespace bb::chat::slack {
namespace {

using Json = boost::json::value;
using enum ErrorCode;

// Slack always says how long to wait; this is for stand-ins and proxies that do not.
constexpr std::chrono::seconds default_wait{30};

constexpr std::string_view invite = "invite the bot to the channel with /invite";
constexpr std::string_view token =
    "set SLACK_BOTUSER_OAUTH_TOKEN to the bot token of the app, or reinstall the app";
constexpr std::string_view rules =
    "the rules of the workspace or channel do not let the bot do this";
constexpr std::string_view no_replies = "no reply can be posted there";
constexpr std::string_view content = "Slack does not accept the content";

struct ErrorRow {
  std::string_view word;
  ErrorCode code;
  std::string_view advice = {};
};

// By what can be done about it: destination gone, permission, token dead, throttled, content,
// arguments of a read, try again, and at the end those after which the call may have taken effect.
constexpr ErrorRow error_rows[] = {
    {"channel_not_found", not_found, "no such channel, or a private one: invite the bot to it"},
    {"not_in_channel", not_found, invite},
    {"is_archived", not_found, "the channel is archived"},
    {"user_not_found", not_found, "there is no such member"},
    {"users_not_found", not_found, "there is no such member"},
    {"user_disabled", not_found, "the member's account is deactivated"},
    {"cannot_dm_bot", not_found, "bots get no direct messages"},
    {"messages_tab_disabled", not_found, "turn on the Messages tab in the settings of the app"},
    {"thread_not_found", not_found, "the message that was replied to is gone"},
    {"invalid_thread_ts", not_found, no_replies},
    {"cannot_reply_to_message", not_found, no_replies},
    {"restricted_action_thread_locked", not_found, no_replies},
    {"restricted_action_non_threadable_channel", not_found, no_replies},
    {"team_not_found", not_found},

    {"restricted_action", forbidden, rules},
    {"restricted_action_read_only_channel", forbidden, rules},
    {"restricted_action_thread_only_channel", forbidden, rules},
    {"no_permission", forbidden, rules},
    {"access_denied", forbidden, rules},
    {"ekm_access_denied", forbidden, rules},
    {"enterprise_is_restricted", forbidden, rules},
    {"missing_scope", forbidden, "add the scope to the app and reinstall it"},
    {"not_allowed_token_type", forbidden, "the token must be a bot token (xoxb-...)"},
    {"method_not_supported_for_channel_type", forbidden},

    {"not_authed", unauthorized, token},
    {"invalid_auth", unauthorized, token},
    {"account_inactive", unauthorized, token},
    {"token_revoked", unauthorized, token},
    {"token_expired", unauthorized, token},
    {"org_login_required", unauthorized, token},
    {"team_added_to_org", unauthorized, token},
    {"team_access_not_granted", unauthorized, token},

    {"ratelimited", rate_limited},
    {"rate_limited", rate_limited},
    {"message_limit_exceeded", rate_limited},

    {"msg_too_long", invalid_input, content},
    {"no_text", invalid_input, content},
    {"invalid_blocks", invalid_input, content},
    {"invalid_blocks_format", invalid_input, content},
    {"msg_blocks_too_long", invalid_input, content},
    {"too_many_attachments", invalid_input, content},
    {"invalid_attachments", invalid_input, content},
    {"attachment_payload_limit_exceeded", invalid_input, content},
    {"markdown_text_conflict", invalid_input, content},
    {"metadata_too_large", invalid_input, content},
    {"invalid_metadata_format", invalid_input, content},
    {"invalid_metadata_schema", invalid_input, content},
    {"metadata_must_be_sent_from_app", invalid_input, content},
    {"invalid_arguments", invalid_input, content},
    {"invalid_json", invalid_input, content},
    {"json_not_object", invalid_input, content},

    {"invalid_limit", invalid_input},
    {"invalid_ts_latest", invalid_input},
    {"invalid_ts_oldest", invalid_input},

    {"external_channel_migrating", unavailable},
    {"fetch_members_failed", unavailable},
    {"invalid_cursor", unavailable, "the list changed while it was read"},
    {"team_is_migrating", unavailable},

    {"fatal_error", uncertain},
    {"internal_error", uncertain},
    {"service_unavailable", uncertain},
    {"request_timeout", uncertain},
};

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
  const auto* row = std::ranges::find(error_rows, word, &ErrorRow::word);
  if (row == std::end(error_rows)) {
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

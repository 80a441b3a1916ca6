#include "chat/slack/error_words.hpp"

#include <algorithm>
#include <iterator>

namespace bb::chat::slack {
namespace {

using enum ErrorCode;

constexpr std::string_view invite = "invite the bot to the channel with /invite";
constexpr std::string_view token =
    "set SLACK_BOTUSER_OAUTH_TOKEN to the bot token of the app, or reinstall the app";
constexpr std::string_view rules =
    "the rules of the workspace or channel do not let the bot do this";
constexpr std::string_view no_replies = "no reply can be posted there";
constexpr std::string_view content = "Slack does not accept the content";
constexpr std::string_view mark = "Slack does not accept the metadata";

// By what can be done about it, in the order of the codes in the header; then arguments of reads.
constexpr ErrorWord table[] = {
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
    {"method_not_supported_for_channel_type", forbidden},

    {"not_authed", unauthorized, token},
    {"invalid_auth", unauthorized, token},
    {"account_inactive", unauthorized, token},
    {"token_revoked", unauthorized, token},
    {"token_expired", unauthorized, token},
    {"org_login_required", unauthorized, token},
    {"team_added_to_org", unauthorized, token},
    {"team_access_not_granted", unauthorized, token},
    {"not_allowed_token_type", unauthorized, "the token must be a bot token (xoxb-...)"},

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
    {"invalid_arguments", invalid_input, content},
    {"invalid_json", invalid_input, content},
    {"json_not_object", invalid_input, content},

    {"invalid_limit", invalid_input},
    {"invalid_ts_latest", invalid_input},
    {"invalid_ts_oldest", invalid_input},

    {"metadata_too_large", conflict, mark},
    {"invalid_metadata_format", conflict, mark},
    {"invalid_metadata_schema", conflict, mark},
    {"metadata_must_be_sent_from_app", conflict, mark},

    {"external_channel_migrating", unavailable},
    {"fetch_members_failed", unavailable},
    {"invalid_cursor", unavailable, "the list changed while it was read"},
    {"team_is_migrating", unavailable},

    {"fatal_error", uncertain},
    {"internal_error", uncertain},
    {"service_unavailable", uncertain},
    {"request_timeout", uncertain},
};

}  // namespace

std::span<const ErrorWord> error_words() {
  return table;
}

const ErrorWord* find_error_word(std::string_view word) {
  const auto* row = std::ranges::find(table, word, &ErrorWord::word);
  return row == std::end(table) ? nullptr : row;
}

}  // namespace bb::chat::slack

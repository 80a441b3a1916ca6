// The bodies that Slack's Events API posts (https://api.slack.com/apis/events-api).
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "base/result.hpp"
#include "chat/platform.hpp"

namespace bb::chat::slack {

// The handshake of a new subscription: answered with the challenge.
struct UrlVerification {
  std::string challenge;
};

// A valid envelope that the bot has nothing to do for: another event type, a message of a bot (its
// own included), an edit or a deletion, a message outside of a direct conversation.
struct IgnoredEvent {
  std::string event_id;  // empty where the envelope has none
  std::string type;      // "reaction_added", "message.message_changed", ...
};

using Event = std::variant<UrlVerification, IncomingMessage, IgnoredEvent>;

// invalid_input with the position if `body` is not JSON, with the path if it has the wrong shape.
// Unknown types are an IgnoredEvent, never an error.
Result<Event> parse_event(std::string_view body);

}  // namespace bb::chat::slack

// Slack's request signature, version v0
// (https://api.slack.com/authentication/verifying-requests-from-slack).
#pragma once

#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "http/message.hpp"

namespace bb::chat::slack {

// Checks X-Slack-Signature over "v0:{timestamp}:{body}" and that X-Slack-Request-Timestamp is at
// most five minutes away from `now`, in either direction. An empty secret is refused. unauthorized
// otherwise; the message says which check failed, never the expected signature.
Result<void> verify_signature(const Secret& signing_secret, const http::Headers& headers,
                              std::string_view body, TimePoint now);

// "v0=" and 64 hexadecimal digits: what Slack sends in X-Slack-Signature.
std::string sign(const Secret& signing_secret, std::string_view timestamp, std::string_view body);

}  // namespace bb::chat::slack

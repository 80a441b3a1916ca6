// Slack's Web API, the few methods that we call (https://api.slack.com/methods).
#pragma once

#include <memory>
#include <string>

#include "base/clock.hpp"
#include "base/secret.hpp"
#include "chat/platform.hpp"
#include "chat/rate_limits.hpp"
#include "http/client.hpp"

namespace bb::chat::slack {

// `api_url` is SLACK_API_URL without a trailing slash, e.g. "https://slack.com/api". Without
// `limits` each call finds out for itself that Slack wants to be left alone.
std::unique_ptr<Platform> make_web_api(http::Client& client, const Clock& clock,
                                       std::string api_url, Secret bot_token,
                                       RateLimits* limits = nullptr);

}  // namespace bb::chat::slack

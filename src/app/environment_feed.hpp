// The feed that TWITTER_USERNAME and TWITTER_CHANNEL set, for an installation that is configured by
// its environment alone.
#pragma once

#include <optional>

#include "app/config.hpp"
#include "app/environment_job.hpp"
#include "chat/platform.hpp"
#include "features/feeds/context.hpp"

namespace bb::app {

// The job kind "feeds.environment".
EnvironmentJob::Setting environment_feed(const feeds::Context& context, chat::Platform& platform,
                                         std::optional<EnvironmentFeed> wanted);

}  // namespace bb::app

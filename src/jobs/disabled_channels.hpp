// Channels that take no posts: archived, without the bot, not permitted. What is to be posted there
// fails at once, without a call, until the channel is enabled again.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "storage/database.hpp"

namespace bb::jobs {

struct DisabledChannel {
  WorkspaceId workspace;
  ChannelId channel;
  std::string reason;
  TimePoint since;

  // Why nothing is posted there, and what ends that.
  [[nodiscard]] std::string explanation() const;
};

std::vector<DisabledChannel> disabled_channels(storage::Connection& connection);

std::optional<DisabledChannel> find_disabled(storage::Connection& connection,
                                             const WorkspaceId& workspace,
                                             const ChannelId& channel);

// False if it is disabled already.
bool disable(storage::Connection& connection, const DisabledChannel& channel);

// False if it was not disabled.
bool enable(storage::Connection& connection, const WorkspaceId& workspace,
            const ChannelId& channel);

}  // namespace bb::jobs

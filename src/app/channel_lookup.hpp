// Which workspace and channel a command of the terminal means.
#pragma once

#include <functional>
#include <iosfwd>
#include <string>
#include <string_view>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "chat/platform.hpp"
#include "storage/database.hpp"

namespace bb::app {

// The only workspace.
Result<WorkspaceId> workspace_of(storage::Connection& connection);

// Asks the platform about a channel; nothing where no platform is configured.
using FindChannel = std::function<Result<chat::Channel>(std::string_view name_or_id)>;

// An id is good enough where the platform cannot be asked.
Result<chat::Channel> channel_of(const std::string& name_or_id, const FindChannel& find_channel,
                                 std::ostream& err);

}  // namespace bb::app

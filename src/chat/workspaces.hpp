// The workspaces that the bot is installed in.
#pragma once

#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "base/random.hpp"
#include "chat/platform.hpp"
#include "storage/database.hpp"

namespace bb::chat {

struct Workspace {
  WorkspaceId id;
  std::string team_id;  // the platform's
  std::string name;
  UserId bot_user;

  bool operator==(const Workspace&) const = default;
};

// Adds the workspace, or brings its name and bot user up to date; the same team keeps its id.
Workspace register_workspace(storage::Connection& connection, const Identity& identity,
                             const Clock& clock, Random& random);

// The workspace that was added last; nothing in a new installation.
std::optional<Workspace> known_workspace(storage::Connection& connection);

}  // namespace bb::chat

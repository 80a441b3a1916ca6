// The workspaces that the bot is installed in.
#pragma once

#include <optional>
#include <string>
#include <vector>

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

// Since when the platform refuses the workspace's token, and what it said: its deliveries wait.
struct Pause {
  TimePoint since;
  std::string reason;
};
std::optional<Pause> pause_of(storage::Connection& connection, const WorkspaceId& workspace);

// False if there is no such workspace, or it is paused already.
bool pause(storage::Connection& connection, const WorkspaceId& workspace, const Pause& pause);

// False if it was not paused.
bool end_pause(storage::Connection& connection, const WorkspaceId& workspace);

std::vector<WorkspaceId> paused_workspaces(storage::Connection& connection);

// The workspace that was added last; nothing in a new installation.
std::optional<Workspace> known_workspace(storage::Connection& connection);

}  // namespace bb::chat

#include "chat/workspaces.hpp"

namespace bb::chat {
namespace {

Workspace workspace_of(const storage::Row& row) {
  return {
      .id = {row.text(0)}, .team_id = row.text(1), .name = row.text(2), .bot_user = {row.text(3)}};
}

}  // namespace

Workspace register_workspace(storage::Connection& connection, const Identity& identity,
                             const Clock& clock, Random& random) {
  const storage::Rows rows = connection.query(
      "INSERT INTO workspace (id, platform, team_id, name, bot_user, created_at) "
      "VALUES ($1, 'slack', $2, $3, $4, $5) "
      "ON CONFLICT (platform, team_id) "
      "DO UPDATE SET name = excluded.name, bot_user = excluded.bot_user "
      "RETURNING id, team_id, name, bot_user",
      {new_id(clock, random), identity.team_id, identity.team_name, identity.bot_user,
       clock.now()});
  return workspace_of(rows.at(0));
}

std::optional<Workspace> known_workspace(storage::Connection& connection) {
  const storage::Rows rows = connection.query(
      "SELECT id, team_id, name, bot_user FROM workspace ORDER BY created_at DESC, id DESC LIMIT "
      "1");
  return rows.empty() ? std::nullopt : std::optional(workspace_of(rows.front()));
}

std::optional<Pause> pause_of(storage::Connection& connection, const WorkspaceId& workspace) {
  const storage::Rows rows = connection.query(
      "SELECT paused_at, pause_reason FROM workspace WHERE id = $1 AND paused_at IS NOT NULL",
      {workspace});
  if (rows.empty()) {
    return std::nullopt;
  }
  return Pause{.since = rows[0].time(0), .reason = rows[0].text(1)};
}

bool pause(storage::Connection& connection, const WorkspaceId& workspace, const Pause& pause) {
  return connection.execute(
             "UPDATE workspace SET paused_at = $2, pause_reason = $3 "
             "WHERE id = $1 AND paused_at IS NULL",
             {workspace, pause.since, pause.reason}) == 1;
}

bool end_pause(storage::Connection& connection, const WorkspaceId& workspace) {
  return connection.execute(
             "UPDATE workspace SET paused_at = NULL, pause_reason = '' "
             "WHERE id = $1 AND paused_at IS NOT NULL",
             {workspace}) == 1;
}

std::vector<WorkspaceId> paused_workspaces(storage::Connection& connection) {
  std::vector<WorkspaceId> workspaces;
  for (const storage::Row& row :
       connection.query("SELECT id FROM workspace WHERE paused_at IS NOT NULL ORDER BY id")) {
    workspaces.push_back({row.text(0)});
  }
  return workspaces;
}

}  // namespace bb::chat

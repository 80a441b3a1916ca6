#include "features/github_activity/pauses.hpp"

namespace bb::github_activity {

void add_pause(storage::Connection& connection, const WorkspaceId& workspace, const UserId& user,
               const Pause& pause) {
  connection.execute(
      "INSERT INTO pause (workspace_id, member, began_at, ended_at) VALUES ($1, $2, $3, $4) ON "
      "CONFLICT (workspace_id, member, began_at) DO UPDATE SET ended_at = excluded.ended_at",
      {workspace, user, pause.began_at, pause.ended_at});
}

std::vector<Pause> pauses_of(storage::Connection& connection, const WorkspaceId& workspace,
                             const UserId& user) {
  std::vector<Pause> pauses;
  for (const storage::Row& row :
       connection.query("SELECT began_at, ended_at FROM pause WHERE workspace_id = $1 AND member = "
                        "$2 AND ended_at IS NOT NULL",
                        {workspace, user})) {
    pauses.push_back({.began_at = row.time(0), .ended_at = row.time(1)});
  }
  return pauses;
}

void hide_pauses(storage::Connection& connection, const WorkspaceId& workspace, const UserId& user,
                 const std::string& alias, TimePoint began_at) {
  connection.execute("UPDATE pause SET member = $1 WHERE workspace_id = $2 AND member = $3",
                     {alias, workspace, user});
  connection.execute(
      "INSERT INTO pause (workspace_id, member, began_at, ended_at) VALUES ($1, $2, $3, NULL) ON "
      "CONFLICT (workspace_id, member, began_at) DO UPDATE SET ended_at = NULL",
      {workspace, alias, began_at});
}

void recall_pauses(storage::Connection& connection, const WorkspaceId& workspace,
                   const std::string& alias, const UserId& user, TimePoint now) {
  connection.execute(
      "UPDATE pause SET member = $1, ended_at = COALESCE(ended_at, $2) WHERE workspace_id = $3 AND "
      "member = $4",
      {user, now, workspace, alias});
}

void clean_pauses(storage::Connection& connection, TimePoint before) {
  connection.execute("DELETE FROM pause WHERE COALESCE(ended_at, began_at) < $1", {before});
}

}  // namespace bb::github_activity

#include "features/github_activity/kinds.hpp"

#include <boost/json.hpp>

#include "base/json.hpp"

namespace bb::github_activity {

bool Kinds::is_on(const Category& row) const {
  const auto found = chosen.find(std::string(row.key));
  return found == chosen.end() ? row.on_by_default : found->second;
}

std::string to_json(const Kinds& kinds) {
  boost::json::object object;
  for (const auto& [key, on] : kinds.chosen) {
    object[key] = on;
  }
  return boost::json::serialize(object);
}

Result<Kinds> parse_kinds(std::string_view text) {
  const Result<boost::json::value> parsed = json::parse(text);
  if (!parsed) {
    return fail(parsed.error().within("kinds of a digest"));
  }
  Kinds kinds;
  if (parsed->is_object()) {
    for (const auto& [key, on] : parsed->get_object()) {
      if (on.is_bool()) {
        kinds.chosen[std::string(key)] = on.get_bool();
      }
    }
  }
  return kinds;
}

Kinds kinds_of(storage::Connection& connection, const WorkspaceId& workspace) {
  const storage::Rows rows =
      connection.query("SELECT kinds FROM digest_config WHERE workspace_id = $1", {workspace});
  return rows.empty() ? Kinds{} : parse_kinds(rows[0].text(0)).value_or(Kinds{});
}

void store_kinds(storage::Connection& connection, const WorkspaceId& workspace,
                 const Kinds& kinds) {
  connection.execute(
      "INSERT INTO digest_config (workspace_id, kinds) VALUES ($1, $2) ON CONFLICT (workspace_id) "
      "DO UPDATE SET kinds = excluded.kinds",
      {workspace, to_json(kinds)});
}

}  // namespace bb::github_activity

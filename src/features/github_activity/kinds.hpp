// Which kinds of activity a workspace wants in its digests.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "features/github_activity/catalog.hpp"
#include "storage/database.hpp"

namespace bb::github_activity {

struct Kinds {
  std::map<std::string, bool> chosen = {};  // by key of the catalog; the others are as by default

  [[nodiscard]] bool is_on(const Category& row) const;
  bool operator==(const Kinds&) const = default;
};

// The JSON kept in digest_config.kinds, and back. What is not true or false is ignored.
std::string to_json(const Kinds& kinds);
Result<Kinds> parse_kinds(std::string_view json);

Kinds kinds_of(storage::Connection& connection, const WorkspaceId& workspace);
void store_kinds(storage::Connection& connection, const WorkspaceId& workspace, const Kinds& kinds);

}  // namespace bb::github_activity

// What a member wants shown about them. Applied when a digest is rendered.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "storage/database.hpp"

namespace bb::github_activity {

struct Preferences {
  bool mention = true;                             // false: the name without a mention
  std::set<std::string> hidden_kinds = {};         // keys of the catalog
  std::set<std::string> hidden_repositories = {};  // owner/name in lower case

  bool operator==(const Preferences&) const = default;
};

// The JSON kept in github_account.preferences, and back. Unknown members are ignored.
std::string to_json(const Preferences& preferences);
Result<Preferences> parse_preferences(std::string_view json);

void store_preferences(storage::Connection& connection, const WorkspaceId& workspace,
                       const UserId& user, const Preferences& preferences);

}  // namespace bb::github_activity

// What is stored about a member, as JSON.
#pragma once

#include <string>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "storage/database.hpp"

namespace bb::github_activity {

// One line per activity and summary; times as RFC 3339.
std::string export_file(storage::Connection& connection, const WorkspaceId& workspace,
                        const UserId& user, TimePoint now);

}  // namespace bb::github_activity

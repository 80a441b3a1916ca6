// When members wanted nothing shown about them: between pause and resume, and between disconnect
// and the next connect. What they did then is never shown, however late it comes in.
#pragma once

#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "storage/database.hpp"

namespace bb::github_activity {

struct Pause {
  TimePoint began_at;
  TimePoint ended_at;
};

void add_pause(storage::Connection& connection, const WorkspaceId& workspace, const UserId& user,
               const Pause& pause);

// Those that are over.
std::vector<Pause> pauses_of(storage::Connection& connection, const WorkspaceId& workspace,
                             const UserId& user);

// At a disconnect: the times stay, with `alias` instead of the member, and a new one begins.
void hide_pauses(storage::Connection& connection, const WorkspaceId& workspace, const UserId& user,
                 const std::string& alias, TimePoint began_at);

// At a connect: they are the member's again, and the one that the disconnect began is over.
void recall_pauses(storage::Connection& connection, const WorkspaceId& workspace,
                   const std::string& alias, const UserId& user, TimePoint now);

// Forgets those that ended before `before`, and those of members who disconnected before it.
void clean_pauses(storage::Connection& connection, TimePoint before);

}  // namespace bb::github_activity

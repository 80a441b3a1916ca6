// The members who have linked an account, with what a digest needs to know about each.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "features/github_activity/digest.hpp"
#include "features/github_activity/history.hpp"
#include "features/github_activity/preferences.hpp"
#include "github/api.hpp"
#include "storage/database.hpp"

namespace bb::github_activity {

struct LinkedMember {
  UserId user;
  github::Account account;
  TimePoint linked_at;
  std::optional<TimePoint> paused_at;
  Preferences preferences;
  // What polling knows about the account.
  std::optional<TimePoint> polled_at;   // the last answer
  std::optional<TimePoint> gone_since;  // GitHub does not show it
  std::string error;                    // of the last poll, empty if it went well
  std::string first_pull_request;       // event id, if it happened since we look

  bool operator==(const LinkedMember&) const = default;
};

// All of a workspace, in the order of their user ids.
std::vector<LinkedMember> linked_members(storage::Connection& connection,
                                         const WorkspaceId& workspace);

std::optional<LinkedMember> linked_member(storage::Connection& connection,
                                          const WorkspaceId& workspace, const UserId& user);

// Called when a member wants less shown than before, within the transaction that stores the wish.
using WishChanged =
    std::function<void(storage::Connection&, const WorkspaceId&, const UserId& member)>;

// The address of a picture of the member; empty where GitHub may not have one.
std::string avatar_url(const LinkedMember& member);

// A person and the events of a window.
struct Loaded {
  Person person;
  std::vector<std::string> just_stored;  // ids of those that came in shortly before window.until
  std::size_t paused = 0;                // how many more, done while the member had paused
};

// Of the events before the window only those that the digest before did not know. Nothing that the
// member did while paused.
Loaded load_person(storage::Connection& connection, const WorkspaceId& workspace,
                   const LinkedMember& member, const NextWindow& next);

}  // namespace bb::github_activity

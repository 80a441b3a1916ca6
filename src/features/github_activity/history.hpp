// Which digests were made, and what became of each member in them.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "base/time.hpp"
#include "features/github_activity/digest.hpp"
#include "storage/database.hpp"

namespace bb::github_activity {

struct PastDigest {
  std::string id;  // of the job that made it
  ChannelId channel;
  Window window;
  TimeZone zone = TimeZone::utc();  // in which it tells times
};

// The outcomes of a member who is in a digest, and of one whom its channel does not have.
inline constexpr std::string_view shown = "shown";
inline constexpr std::string_view not_in_channel = "not in the channel";

struct MemberOutcome {
  UserId user;
  std::string login;
  std::string outcome = {};  // "shown", "paused", "not in the channel", ...
  std::string detail = {};   // in words for people, may be empty
  std::size_t message = 0;   // of the digest, which shows the member; 0: none
};

// So soon after a digest, another one does not follow on it: it is an extra one.
inline constexpr std::chrono::hours extra_within(12);

// After that nobody wants to read it all.
inline constexpr std::chrono::hours followed_for(7 * 24);

// The window of a digest that is made now, and the digest that it follows on, if there is one:
// since the end of the last regular digest of the channel, or of the last 24 hours. A digest less
// than 12 hours ago was an extra one: what it showed is shown again in the regular one. What
// certainly could not be posted, all of it or a member's part, is part of the next one.
struct NextWindow {
  Window window;
  std::string previous;  // id, empty for none

  bool operator==(const NextWindow&) const = default;
};

struct NextWindows {
  NextWindow digest;                         // of the digest as a whole
  std::map<UserId, NextWindow> behind = {};  // members whom an earlier one has not reached

  [[nodiscard]] const NextWindow& of(const UserId& user) const {
    const auto found = behind.find(user);
    return found == behind.end() ? digest : found->second;
  }
  bool operator==(const NextWindows&) const = default;
};
NextWindows next_windows(storage::Connection& connection, const WorkspaceId& workspace,
                         const ChannelId& channel, TimePoint now);

// Those of the next regular digest as far as they are over: it follows on the last one.
NextWindows coming_windows(storage::Connection& connection, const WorkspaceId& workspace,
                           const ChannelId& channel, TimePoint now);

// The key of the delivery of a digest's message, and the time at which a window was asked for.
std::string delivery_key(std::string_view digest, std::size_t message);
TimePoint made_at(const Window& window);

// The channel that had the last digest.
std::optional<ChannelId> last_channel(storage::Connection& connection,
                                      const WorkspaceId& workspace);

// Within the transaction that adds its messages to the outbox. `just_stored` are the ids of its
// events that came in so shortly before that the next digest could take them for late ones.
void record(storage::Connection& connection, const WorkspaceId& workspace,
            const PastDigest& digest);
void record_people(storage::Connection& connection, const std::string& digest,
                   std::span<const MemberOutcome> members,
                   std::span<const std::string> just_stored);

// As if it had not been made.
void erase_digest(storage::Connection& connection, const std::string& digest);

// Digests that ended in [from, until), oldest first, and their members in the order of their
// logins.
std::vector<PastDigest> digests_between(storage::Connection& connection,
                                        const WorkspaceId& workspace, TimePoint from,
                                        TimePoint until);
std::vector<MemberOutcome> outcomes_of(storage::Connection& connection, const std::string& digest);

// Messages about a member that nobody has begun to post.
struct WaitingMessage {
  PastDigest digest;
  std::size_t message = 0;
};
std::vector<WaitingMessage> waiting_messages(storage::Connection& connection,
                                             const WorkspaceId& workspace, const UserId& user);

// What became of a member in the last digest.
struct PastOutcome {
  TimePoint until;  // of the digest
  MemberOutcome member;
};
std::optional<PastOutcome> last_outcome(storage::Connection& connection,
                                        const WorkspaceId& workspace, const UserId& user);

// The digests that show a member.
std::vector<std::string> digests_showing(storage::Connection& connection,
                                         const WorkspaceId& workspace, const UserId& user);

// Forgets digests that ended before `before`.
void clean_history(storage::Connection& connection, TimePoint before);

// Forgets what was written down about a member.
void forget(storage::Connection& connection, const WorkspaceId& workspace, const UserId& user);

}  // namespace bb::github_activity

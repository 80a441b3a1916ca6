// Feeds as they are stored: whose they are, how they are set, how far they have been read.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "features/feeds/feed_settings.hpp"
#include "features/feeds/source.hpp"
#include "jobs/outbox.hpp"
#include "storage/database.hpp"

namespace bb::feeds {

enum class FeedState : std::uint8_t { active, paused, gone };

struct Feed {
  std::string id;
  WorkspaceId workspace;
  ChannelId channel;
  std::string channel_name;
  Target target;
  Position position;
  FeedSettings settings;
  FeedState state = FeedState::active;
  // How many of the items that its next answer lists are new, the newest ones; nothing: all.
  std::optional<std::int64_t> backlog;
  TimePoint new_since;   // what was published before is new only as part of the backlog
  UserId added_by;       // empty: the command line or the environment
  std::string variable;  // set by the environment: the variables' values
  TimePoint next_poll_at;
  std::optional<TimePoint> polled_at;
  std::optional<TimePoint> posted_at;
  std::int64_t failures = 0;
  std::optional<TimePoint> failing_since;
  std::optional<TimePoint> told_at;
  std::string error;
  std::optional<TimePoint> recovered_at;
  std::optional<TimePoint> moved_at;
};

struct NewFeed {
  WorkspaceId workspace;
  ChannelId channel;
  std::string channel_name;
  Target target;
  FeedSettings settings = {};
  std::int64_t newest = 0;  // of what is there already, so many are posted
  UserId added_by = {};
  std::string variable = {};
};

// A conflict: the channel has the feed already.
Error already_there();

// Sets the channel up again, if it was disabled. conflict: already_there(), or the channel has as
// many as there may be.
Result<Feed> add_feed(storage::Connection& connection, const NewFeed& feed, const Clock& clock,
                      Random& random);

// By channel and name.
std::vector<Feed> list_feeds(storage::Connection& connection, const WorkspaceId& workspace);

// The one that people mean by its name or address; conflict if there are several, also in other
// channels than `channel`, if it is given.
Result<Feed> find_feed(storage::Connection& connection, const WorkspaceId& workspace,
                       const std::optional<ChannelId>& channel, std::string_view words);

// All of these are a conflict if the environment has set the feed.
Result<void> remove_feed(storage::Connection& connection, const Feed& feed);
Result<void> pause_feed(storage::Connection& connection, const Feed& feed);
// What was published meanwhile is not posted. Also looks at one again that was gone, and sets the
// channel up again, if it was disabled.
Result<void> resume_feed(storage::Connection& connection, const Feed& feed, TimePoint now);
Result<void> change_settings(storage::Connection& connection, const Feed& feed,
                             const FeedSettings& settings);

// From now on the feed is the environment's; one that was paused or gone is resumed.
void set_variable(storage::Connection& connection, const Feed& feed, std::string_view variable,
                  TimePoint now);

// Removes what the environment has set, but for the one with this value.
std::int64_t remove_feeds_of_environment(storage::Connection& connection,
                                         const WorkspaceId& workspace, std::string_view but);

// Who added a feed of a channel, if it was a person.
std::optional<jobs::SetUp> configured_by(storage::Connection& connection,
                                         const WorkspaceId& workspace, const ChannelId& channel);

// Which ones to claim: those that are due, or all active ones of a channel.
struct FeedClaim {
  TimePoint now;
  TimePoint until;  // nobody else takes them before this
  std::size_t most = 0;
  WorkspaceId workspace = {};
  ChannelId channel = {};  // empty: those that are due
};

// To be polled; what a source forbids to be asked for now is left out.
std::vector<Feed> claim_polls(storage::Connection& connection, const FeedClaim& claim);

// With items that have waited long enough; what fails and forbids to be asked for now is left out.
std::vector<Feed> claim_posts(storage::Connection& connection, const FeedClaim& claim);

// Nothing if it is paused, gone or removed.
std::optional<Feed> active_feed(storage::Connection& connection, std::string_view id);

// After a run that posts what claim_posts() gave.
void end_turn(storage::Connection& connection, const Feed& feed, TimePoint next_post_at,
              std::optional<TimePoint> posted_at);

// Whether there is anything to claim.
bool is_poll_due(storage::Connection& connection, TimePoint now);
bool is_post_due(storage::Connection& connection, TimePoint now);

}  // namespace bb::feeds

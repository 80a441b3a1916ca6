#include "features/feeds/feed_rows.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "jobs/disabled_channels.hpp"
#include "storage/portable_text.hpp"

namespace bb::feeds {
namespace {

constexpr std::int64_t most_in_a_channel = 1'000;
constexpr std::size_t longest_name = 300;  // octets

std::string_view word(FeedState state) {
  switch (state) {
    case FeedState::active:
      return "active";
    case FeedState::paused:
      return "paused";
    case FeedState::gone:
      return "gone";
  }
  return "";
}

FeedState state_of(std::string_view word) {
  return word == "active" ? FeedState::active
         : word == "gone" ? FeedState::gone
                          : FeedState::paused;
}

constexpr std::string_view columns =
    "id, workspace_id, channel, channel_name, source, address, account, name, link, etag, "
    "last_modified, newest, settings, state, backlog, added_by, variable, next_poll_at, "
    "polled_at, posted_at, failures, failing_since, told_at, error, recovered_at, moved_at, "
    "new_since";

std::string returning(std::string_view sql) {
  return fmt::format("{} RETURNING {}", sql, columns);
}

Feed feed_of(const storage::Row& row) {
  return {.id = row.text(0),
          .workspace = {row.text(1)},
          .channel = {row.text(2)},
          .channel_name = row.text(3),
          .target = {.source = row.text(4),
                     .address = row.text(5),
                     .account = row.text(6),
                     .name = row.text(7),
                     .link = row.text(8)},
          .position = {.etag = row.text(9), .last_modified = row.text(10), .newest = row.text(11)},
          .settings = from_text(row.text(12)),
          .state = state_of(row.text(13)),
          .backlog = row.optional_integer(14),
          .new_since = row.time(26),
          .added_by = {row.text(15)},
          .variable = row.text(16),
          .next_poll_at = row.time(17),
          .polled_at = row.optional_time(18),
          .posted_at = row.optional_time(19),
          .failures = row.integer(20),
          .failing_since = row.optional_time(21),
          .told_at = row.optional_time(22),
          .error = row.text(23),
          .recovered_at = row.optional_time(24),
          .moved_at = row.optional_time(25)};
}

std::vector<Feed> feeds_of(const storage::Rows& rows) {
  std::vector<Feed> feeds;
  feeds.reserve(rows.size());
  for (const storage::Row& row : rows) {
    feeds.push_back(feed_of(row));
  }
  return feeds;
}

// "https://www.example.org/blog/" as people repeat it: "Example.org/blog".
std::string as_repeated(std::string_view words) {
  std::string text = to_lower(trim(words));
  for (const std::string_view prefix : {"https://", "http://", "www.", "@"}) {
    if (text.starts_with(prefix)) {
      text.erase(0, prefix.size());
    }
  }
  while (text.ends_with('/')) {
    text.pop_back();
  }
  return text;
}

bool is_meant(const Feed& feed, const std::string& repeated) {
  return !repeated.empty() &&
         (as_repeated(feed.target.address) == repeated ||
          as_repeated(feed.target.name) == repeated || as_repeated(feed.target.link) == repeated);
}

Result<void> require_peoples(const Feed& feed) {
  return feed.variable.empty()
             ? Result<void>()
             : fail(ErrorCode::conflict,
                    "this feed is set by TWITTER_USERNAME and TWITTER_CHANNEL (" + feed.variable +
                        "); change the variables and start again");
}

// What waits is not posted any more.
void give_up_waiting(storage::Connection& connection, const Feed& feed, std::string_view reason) {
  connection.execute(
      "UPDATE feed_item SET state = 'left_out', reason = $1, item = '' WHERE feed_id = $2 AND "
      "state = 'waiting'",
      {reason, feed.id});
}

// Without what was published meanwhile: a source that is asked for what is newer than the newest
// known would go through all of it.
void activate(storage::Connection& connection, const Feed& feed, TimePoint now) {
  connection.execute(
      "UPDATE feed SET state = $1, backlog = 0, new_since = $2, newest = '', next_poll_at = $2, "
      "failures = 0, failing_since = NULL, told_at = NULL, error = '' WHERE id = $3 AND state <> "
      "$1",
      {word(FeedState::active), now, feed.id});
}

}  // namespace

Error already_there() {
  return {ErrorCode::conflict, "that feed is in this channel already"};
}

Result<Feed> add_feed(storage::Connection& connection, const NewFeed& feed, const Clock& clock,
                      Random& random) {
  const auto count =
      connection.query("SELECT count(*) FROM feed WHERE workspace_id = $1 AND channel = $2",
                       {feed.workspace, feed.channel});
  if (count.at(0).integer(0) >= most_in_a_channel) {
    return fail(ErrorCode::conflict,
                "a channel has " + std::to_string(most_in_a_channel) + " feeds at most");
  }
  const TimePoint now = clock.now();
  const auto rows = connection.query(
      returning(
          "INSERT INTO feed (id, workspace_id, channel, channel_name, source, address, account, "
          "name, "
          "link, etag, last_modified, newest, settings, state, backlog, added_by, variable, "
          "added_at, "
          "next_poll_at, allowed_at, next_post_at, new_since, failures, error) VALUES ($1, $2, $3, "
          "$4, $5, "
          "$6, "
          "$7, $8, $9, '', '', '', $10, $11, $12, $13, $14, $15, $15, $15, $15, $15, 0, '') ON "
          "CONFLICT "
          "(workspace_id, channel, source, address) DO NOTHING"),
      {new_id(clock, random), feed.workspace, feed.channel, feed.channel_name, feed.target.source,
       storage::portable_text(feed.target.address), storage::portable_text(feed.target.account),
       storage::portable_text(truncate(feed.target.name, longest_name)),
       storage::portable_text(feed.target.link), to_text(feed.settings), word(FeedState::active),
       feed.newest, feed.added_by, feed.variable, now});
  if (rows.empty()) {
    return fail(already_there());
  }
  jobs::enable(connection, feed.workspace, feed.channel);
  return feed_of(rows[0]);
}

std::vector<Feed> list_feeds(storage::Connection& connection, const WorkspaceId& workspace) {
  return feeds_of(connection.query(
      fmt::format("SELECT {} FROM feed WHERE workspace_id = $1 ORDER BY channel_name, channel, "
                  "name, id",
                  columns),
      {workspace}));
}

Result<Feed> find_feed(storage::Connection& connection, const WorkspaceId& workspace,
                       const std::optional<ChannelId>& channel, std::string_view words) {
  std::vector<Feed> meant = list_feeds(connection, workspace);
  const std::string repeated = as_repeated(words);
  std::erase_if(meant, [&](const Feed& feed) {
    return !is_meant(feed, repeated) || (channel && feed.channel != *channel);
  });
  if (meant.empty()) {
    return fail(ErrorCode::not_found, "there is no feed '" + truncate(words, 100) + "'" +
                                          (channel ? " in that channel" : "") +
                                          "; feeds list shows all");
  }
  if (meant.size() > 1) {
    const bool is_one_feed = std::ranges::all_of(meant, [&](const Feed& feed) {
      return feed.target.address == meant.front().target.address;
    });
    return fail(ErrorCode::conflict,
                is_one_feed ? "that feed is in several channels: name the channel as well"
                            : "several feeds are called so: give the address, and the channel if "
                              "several have it");
  }
  return std::move(meant.front());
}

Result<void> remove_feed(storage::Connection& connection, const Feed& feed) {
  if (const Result<void> allowed = require_peoples(feed); !allowed) {
    return allowed;
  }
  connection.execute("DELETE FROM feed_item WHERE feed_id = $1", {feed.id});
  connection.execute("DELETE FROM feed WHERE id = $1", {feed.id});
  return {};
}

Result<void> pause_feed(storage::Connection& connection, const Feed& feed) {
  if (const Result<void> allowed = require_peoples(feed); !allowed) {
    return allowed;
  }
  connection.execute("UPDATE feed SET state = $1 WHERE id = $2",
                     {word(FeedState::paused), feed.id});
  give_up_waiting(connection, feed, "the feed was paused");
  return {};
}

Result<void> resume_feed(storage::Connection& connection, const Feed& feed, TimePoint now) {
  if (const Result<void> allowed = require_peoples(feed); !allowed) {
    return allowed;
  }
  activate(connection, feed, now);
  jobs::enable(connection, feed.workspace, feed.channel);
  return {};
}

Result<void> change_settings(storage::Connection& connection, const Feed& feed,
                             const FeedSettings& settings) {
  if (const Result<void> allowed = require_peoples(feed); !allowed) {
    return allowed;
  }
  connection.execute("UPDATE feed SET settings = $1 WHERE id = $2", {to_text(settings), feed.id});
  return {};
}

void set_variable(storage::Connection& connection, const Feed& feed, std::string_view variable,
                  TimePoint now) {
  connection.execute("UPDATE feed SET variable = $1 WHERE id = $2", {variable, feed.id});
  activate(connection, feed, now);
}

std::int64_t remove_feeds_of_environment(storage::Connection& connection,
                                         const WorkspaceId& workspace, std::string_view but) {
  connection.execute(
      "DELETE FROM feed_item WHERE feed_id IN (SELECT id FROM feed WHERE workspace_id = $1 AND "
      "variable <> '' AND variable <> $2)",
      {workspace, but});
  return connection.execute(
      "DELETE FROM feed WHERE workspace_id = $1 AND variable <> '' AND variable <> $2",
      {workspace, but});
}

std::optional<jobs::SetUp> configured_by(storage::Connection& connection,
                                         const WorkspaceId& workspace, const ChannelId& channel) {
  const auto rows = connection.query(
      "SELECT added_by, channel_name FROM feed WHERE workspace_id = $1 AND channel = $2 AND "
      "added_by <> '' ORDER "
      "BY added_at LIMIT 1",
      {workspace, channel});
  return rows.empty()
             ? std::nullopt
             : std::optional(jobs::SetUp{.by = {rows[0].text(0)}, .channel_name = rows[0].text(1)});
}

std::vector<Feed> claim_polls(storage::Connection& connection, const FeedClaim& claim) {
  if (!claim.channel.value.empty()) {
    return feeds_of(connection.query(returning("UPDATE feed SET next_poll_at = $1 WHERE "
                                               "workspace_id = $2 AND channel = $3 AND state = "
                                               "'active' AND allowed_at <= $4"),
                                     {claim.until, claim.workspace, claim.channel, claim.now}));
  }
  return feeds_of(connection.query(
      returning("UPDATE feed SET next_poll_at = $1 WHERE id IN (SELECT id FROM feed WHERE state = "
                "'active' "
                "AND next_poll_at <= $2 ORDER BY next_poll_at LIMIT $3) AND next_poll_at <= $2"),
      {claim.until, claim.now, claim.most}));
}

std::vector<Feed> claim_posts(storage::Connection& connection, const FeedClaim& claim) {
  if (!claim.channel.value.empty()) {
    return feeds_of(connection.query(
        returning("UPDATE feed SET next_post_at = $1 WHERE workspace_id = $2 AND channel = $3 AND "
                  "state = 'active' AND (failing_since IS NULL OR allowed_at <= $4) AND id IN "
                  "(SELECT feed_id FROM feed_item WHERE state = 'waiting' AND due_at <= $4)"),
        {claim.until, claim.workspace, claim.channel, claim.now}));
  }
  return feeds_of(connection.query(
      returning("UPDATE feed SET next_post_at = $1 WHERE id IN (SELECT feed_id FROM feed_item "
                "JOIN feed ON feed.id = feed_id WHERE feed_item.state = 'waiting' AND due_at <= $2 "
                "AND feed.state = 'active' AND next_post_at <= $2 AND (failing_since IS NULL OR "
                "allowed_at <= $2) ORDER BY due_at LIMIT $3) AND "
                "next_post_at <= $2"),
      {claim.until, claim.now, claim.most}));
}

std::optional<Feed> active_feed(storage::Connection& connection, std::string_view id) {
  const auto rows = connection.query(
      fmt::format("SELECT {} FROM feed WHERE id = $1 AND state = 'active'", columns), {id});
  return rows.empty() ? std::nullopt : std::optional(feed_of(rows[0]));
}

void end_turn(storage::Connection& connection, const Feed& feed, TimePoint next_post_at,
              std::optional<TimePoint> posted_at) {
  connection.execute(
      "UPDATE feed SET next_post_at = $1, posted_at = COALESCE($2, posted_at) WHERE id = $3",
      {next_post_at, posted_at, feed.id});
}

bool is_poll_due(storage::Connection& connection, TimePoint now) {
  return !connection
              .query("SELECT 1 FROM feed WHERE state = 'active' AND next_poll_at <= $1 LIMIT 1",
                     {now})
              .empty();
}

bool is_post_due(storage::Connection& connection, TimePoint now) {
  return !connection
              .query(
                  "SELECT 1 FROM feed_item JOIN feed ON feed.id = feed_id WHERE feed_item.state = "
                  "'waiting' AND due_at <= $1 AND feed.state = 'active' AND next_post_at <= $1 "
                  "AND (failing_since IS NULL OR allowed_at <= $1) LIMIT 1",
                  {now})
              .empty();
}

}  // namespace bb::feeds

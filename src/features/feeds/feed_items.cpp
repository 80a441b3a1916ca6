#include "features/feeds/feed_items.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "base/log.hpp"
#include "crypto/crypto.hpp"
#include "features/feeds/item_json.hpp"
#include "features/feeds/moved_ids.hpp"
#include "features/feeds/selection.hpp"
#include "storage/many_rows.hpp"
#include "storage/portable_text.hpp"

namespace bb::feeds {
namespace {

constexpr std::size_t longest_key = 200;           // octets
constexpr std::chrono::hours listed_accuracy(24);  // so that what is listed is rarely written
constexpr std::size_t most_listed = 500;           // of an answer, the newest ones
constexpr std::int64_t most_waiting = 200;         // of a feed

std::string key_of(const Item& item) {
  return item.id.size() > longest_key ? "sha256:" + crypto::to_hex(crypto::sha256(item.id))
                                      : storage::portable_text(item.id);
}

struct Listed {
  std::string key;
  Item item;
  TimePoint published_at;
};

// Each once, the newest first. A date in the future is one that cannot be believed; what has no
// date stays in the order of its feed, where new items come first.
std::vector<Listed> in_order(std::vector<Item> items, TimePoint now) {
  std::vector<Listed> listed;
  std::set<std::string> keys;
  TimePoint undated = now;
  for (Item& item : items) {
    std::string key = key_of(item);
    if (keys.insert(key).second) {
      const TimePoint published_at =
          item.published_at ? std::min(*item.published_at, now) : undated;
      undated -= std::chrono::milliseconds(1);
      listed.push_back(
          {.key = std::move(key), .item = std::move(item), .published_at = published_at});
    }
  }
  std::ranges::stable_sort(listed, std::greater(), &Listed::published_at);
  if (listed.size() > most_listed) {
    listed.erase(listed.begin() + most_listed, listed.end());
  }
  return listed;
}

// By its date, which may be a day without a time. An old item that its feed has not listed so far
// takes the place of one that was removed, or has got another id.
bool is_old(const Item& item, const Feed& feed) {
  if (!item.published_at) {
    return false;
  }
  const auto day = std::chrono::floor<std::chrono::days>(*item.published_at);
  const bool is_day = *item.published_at == day;
  return *item.published_at <
         (is_day ? std::chrono::floor<std::chrono::days>(feed.new_since) : feed.new_since);
}

// All ids of a feed that moves to another host can change, if they are addresses or another program
// makes them there. Then only what is newer than all that is known is new for certain.
bool is_old(const Item& item, const Feed& feed, std::optional<TimePoint> newest_before_move) {
  return is_old(item, feed) ||
         (newest_before_move && (!item.published_at || *item.published_at <= *newest_before_move));
}

std::optional<TimePoint> newest_known(storage::Connection& connection, const Feed& feed) {
  return connection.query("SELECT max(published_at) FROM feed_item WHERE feed_id = $1", {feed.id})
      .at(0)
      .optional_time(0);
}

std::int64_t count_waiting(storage::Connection& connection, const Feed& feed) {
  return connection
      .query("SELECT count(*) FROM feed_item WHERE feed_id = $1 AND state = 'waiting'", {feed.id})
      .at(0)
      .integer(0);
}

// When the known ones of `listed` were listed last.
std::map<std::string, TimePoint> known_items(storage::Connection& connection, const Feed& feed,
                                             const std::vector<Listed>& listed) {
  static const storage::ManyRows rows(
      "SELECT feed_item.item_id, feed_item.listed_at FROM feed_item JOIN (VALUES", 2,
      ") AS listed ON feed_item.feed_id = listed.column1 AND feed_item.item_id = listed.column2");
  std::vector<storage::Value> values;
  for (const Listed& one : listed) {
    values.emplace_back(feed.id);
    values.emplace_back(one.key);
  }
  std::map<std::string, TimePoint> known;
  for (const storage::Row& row : rows.query(connection, values)) {
    known.emplace(row.text(0), row.time(1));
  }
  return known;
}

// Of known items that the answer does not list; of several with one path the one listed last.
IdsByPath unlisted_ids(storage::Connection& connection, const Feed& feed,
                       const std::map<std::string, TimePoint>& listed) {
  IdsByPath ids;
  for (const storage::Row& row :
       connection.query("SELECT item_id FROM feed_item WHERE feed_id = $1 ORDER BY listed_at, "
                        "item_id",
                        {feed.id})) {
    if (!listed.contains(row.text(0))) {
      ids.add(row.text(0));
    }
  }
  return ids;
}

void change_id(storage::Connection& connection, const Feed& feed, const std::string& id,
               const Listed& listed, TimePoint now) {
  connection.execute(
      "UPDATE feed_item SET item_id = $1, listed_at = $2, item = CASE WHEN state = 'waiting' THEN "
      "$3 ELSE item END WHERE feed_id = $4 AND item_id = $5",
      {listed.key, now, to_json(listed.item), feed.id, id});
}

// Of the same post in several networks the last one that is due decides, so that all can be linked.
TimePoint align_with_twins(storage::Connection& connection, const Feed& feed, const Listed& listed,
                           const std::string& fingerprint) {
  const TimePoint due_at = listed.published_at + feed.settings.delay;
  if (fingerprint.empty()) {
    return due_at;
  }
  constexpr std::string_view twins =
      "state = 'waiting' AND fingerprint = $1 AND published_at >= $2 AND published_at <= $3 AND "
      "feed_id IN (SELECT id FROM feed WHERE workspace_id = $4 AND channel = $5 AND source <> $6)";
  const TimePoint from = listed.published_at - same_post_within;
  const TimePoint until = listed.published_at + same_post_within;
  const auto latest = connection.query(
      "SELECT max(due_at) FROM feed_item WHERE " + std::string(twins),
      {fingerprint, from, until, feed.workspace, feed.channel, feed.target.source});
  const TimePoint together = std::max(due_at, latest.at(0).optional_time(0).value_or(due_at));
  connection.execute(
      "UPDATE feed_item SET due_at = $7 WHERE " + std::string(twins),
      {fingerprint, from, until, feed.workspace, feed.channel, feed.target.source, together});
  return together;
}

void insert(storage::Connection& connection, const Feed& feed, const Listed& listed,
            std::string_view reason, TimePoint now) {
  const bool is_wanted = reason.empty();
  const std::string fingerprint = is_wanted ? fingerprint_of(listed.item) : std::string();
  connection.execute(
      "INSERT INTO feed_item (feed_id, item_id, state, reason, item, fingerprint, published_at, "
      "due_at, listed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (feed_id, "
      "item_id) DO NOTHING",
      {feed.id, listed.key, is_wanted ? "waiting" : "left_out", reason,
       is_wanted ? to_json(listed.item) : std::string(), fingerprint, listed.published_at,
       is_wanted ? align_with_twins(connection, feed, listed, fingerprint) : listed.published_at,
       now});
}

std::string_view word(Fate fate) {
  switch (fate) {
    case Fate::posted:
      return "posted";
    case Fate::duplicate:
      return "duplicate";
    case Fate::deleted:
      return "deleted";
    case Fate::left_out:
      return "left_out";
  }
  return "";
}

// Columns: feed_id, source, address, account, name, link, item_id, item, published_at, due_at.
std::vector<WaitingItem> waiting_of(const storage::Rows& rows) {
  std::vector<WaitingItem> items;
  for (const storage::Row& row : rows) {
    Result<Item> item = item_from_json(row.text(7));
    if (!item) {
      log::error("feed_item_unreadable", {{"feed", row.text(0)}, {"error", item.error().message}});
      continue;
    }
    items.push_back({.feed_id = row.text(0),
                     .target = {.source = row.text(1),
                                .address = row.text(2),
                                .account = row.text(3),
                                .name = row.text(4),
                                .link = row.text(5)},
                     .key = row.text(6),
                     .item = *std::move(item),
                     .published_at = row.time(8),
                     .due_at = row.time(9)});
  }
  return items;
}

}  // namespace

NewItems store_items(storage::Connection& connection, const Feed& feed, Batch batch,
                     TimePoint now) {
  const std::vector<Listed> listed = in_order(std::move(batch.items), now);
  const std::map<std::string, TimePoint> known = known_items(connection, feed, listed);
  const std::int64_t waiting = count_waiting(connection, feed);
  const bool is_elsewhere = has_moved(feed.target, batch.target);
  const auto newest_before_move =
      is_elsewhere ? newest_known(connection, feed) : std::optional<TimePoint>();
  // Ids can move without their feed, but then all at once: others may well have equal paths.
  IdsByPath moved =
      is_elsewhere || known.empty() ? unlisted_ids(connection, feed, known) : IdsByPath();
  NewItems counts;
  for (const Listed& one : listed) {
    if (const auto found = known.find(one.key); found != known.end()) {
      if (found->second < now - listed_accuracy) {
        connection.execute(
            "UPDATE feed_item SET listed_at = $1 WHERE feed_id = $2 AND item_id = $3",
            {now, feed.id, one.key});
      }
      continue;
    }
    if (const std::optional<std::string> id = moved.take(one.key)) {
      change_id(connection, feed, *id, one, now);
      continue;
    }
    std::string reason = reason_against(one.item, feed.settings);
    const auto new_ones = static_cast<std::int64_t>(counts.waiting);
    const bool was_there =
        feed.backlog ? new_ones >= *feed.backlog : is_old(one.item, feed, newest_before_move);
    if (reason.empty() && was_there) {
      reason = "was there before";
    } else if (reason.empty() && waiting + new_ones >= most_waiting) {
      reason = "too many are waiting";
    }
    insert(connection, feed, one, reason, now);
    ++(reason.empty() ? counts.waiting : counts.left_out);
  }
  return counts;
}

std::vector<WaitingItem> due_items(storage::Connection& connection, const Feed& feed,
                                   TimePoint now) {
  return waiting_of(connection.query(
      "SELECT feed_id, source, address, account, name, link, item_id, item, published_at, due_at "
      "FROM "
      "feed_item JOIN feed ON feed.id = feed_item.feed_id WHERE feed_id = $1 AND feed_item.state = "
      "'waiting' AND due_at <= $2 ORDER BY published_at, item_id LIMIT $3",
      {feed.id, now, feed.settings.burst}));
}

std::vector<WaitingItem> waiting_twins(storage::Connection& connection, const Feed& feed,
                                       const WaitingItem& waiting) {
  const std::string fingerprint = fingerprint_of(waiting.item);
  if (fingerprint.empty()) {
    return {};
  }
  return waiting_of(connection.query(
      "SELECT feed_id, source, address, account, name, link, item_id, item, published_at, due_at "
      "FROM "
      "feed_item JOIN feed ON feed.id = feed_item.feed_id WHERE feed_item.state = 'waiting' AND "
      "fingerprint = $1 AND published_at >= $2 AND published_at <= $3 AND workspace_id = $4 AND "
      "channel = $5 AND source <> $6 ORDER BY published_at, item_id",
      {fingerprint, waiting.published_at - same_post_within,
       waiting.published_at + same_post_within, feed.workspace, feed.channel, feed.target.source}));
}

bool was_posted_elsewhere(storage::Connection& connection, const Feed& feed,
                          const WaitingItem& waiting) {
  const std::string fingerprint = fingerprint_of(waiting.item);
  return !fingerprint.empty() &&
         !connection
              .query(
                  "SELECT 1 FROM feed_item JOIN feed ON feed.id = feed_item.feed_id WHERE "
                  "feed_item.state IN ('posted', 'duplicate') AND fingerprint = $1 AND "
                  "published_at "
                  ">= $2 AND published_at <= $3 AND workspace_id = $4 AND channel = $5 AND source "
                  "<> $6 LIMIT 1",
                  {fingerprint, waiting.published_at - same_post_within,
                   waiting.published_at + same_post_within, feed.workspace, feed.channel,
                   feed.target.source})
              .empty();
}

bool decide(storage::Connection& connection, const WaitingItem& waiting, Fate fate,
            std::string_view reason) {
  const bool has_text = fate == Fate::posted || fate == Fate::duplicate;
  return connection.execute(
             "UPDATE feed_item SET state = $1, reason = $2, fingerprint = $3, item = '' WHERE "
             "feed_id = $4 AND item_id = $5 AND state = 'waiting'",
             {word(fate), reason, has_text ? fingerprint_of(waiting.item) : std::string(),
              waiting.feed_id, waiting.key}) == 1;
}

std::int64_t clean_items(storage::Connection& connection, std::chrono::milliseconds age) {
  std::int64_t cleaned = 0;
  for (const storage::Row& feed :
       connection.query("SELECT id, listed_at FROM feed WHERE listed_at IS NOT NULL")) {
    cleaned += connection.execute(
        "DELETE FROM feed_item WHERE feed_id = $1 AND listed_at < $2 AND state <> 'waiting'",
        {feed.text(0), feed.time(1) - age});
  }
  return cleaned;
}

}  // namespace bb::feeds

#include "features/feeds/poll_outcome.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "features/feeds/moved_ids.hpp"
#include "storage/portable_text.hpp"

namespace bb::feeds {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;

constexpr hours longest_wait(6);
constexpr std::size_t longest_error = 500;  // octets

milliseconds up_to(milliseconds most, Random& random) {
  return milliseconds(random.below(static_cast<std::uint64_t>(most.count()) + 1));
}

// Moved for good, or renamed. Not to an address that the channel has as another feed.
void store_target(storage::Connection& connection, const Feed& feed, const Target& target,
                  TimePoint now) {
  if (target == feed.target || target.address.empty()) {
    return;
  }
  connection.execute(
      "UPDATE feed SET address = $1, account = $2, name = $3, link = $4, moved_at = CASE WHEN "
      "address = $1 THEN moved_at ELSE $5 END WHERE id = $6 AND NOT EXISTS (SELECT 1 FROM feed AS "
      "other WHERE other.workspace_id = $7 AND other.channel = $8 AND other.source = $9 AND "
      "other.address = $1 AND other.id <> $6)",
      {storage::portable_text(target.address), storage::portable_text(target.account),
       storage::portable_text(target.name), storage::portable_text(target.link), now, feed.id,
       feed.workspace, feed.channel, feed.target.source});
}

struct FailureTimes {
  TimePoint now;
  TimePoint again_at;
  std::optional<TimePoint> allowed_at = std::nullopt;  // by the source; nothing: as it said last
};

bool store_failing(storage::Connection& connection, const Feed& feed, const Error& error,
                   const FailureTimes& times) {
  return connection.execute(
             "UPDATE feed SET next_poll_at = $1, allowed_at = COALESCE($2, allowed_at), failures = "
             "failures + 1, failing_since = COALESCE(failing_since, $3), error = $4 WHERE id = $5 "
             "AND state = 'active' AND next_poll_at = $6",
             {times.again_at, times.allowed_at, times.now,
              storage::portable_text(truncate(error.message, longest_error)), feed.id,
              feed.next_poll_at}) == 1;
}

}  // namespace

milliseconds poll_interval(std::string_view source) {
  return source == "rss" ? hours(1) : minutes(15);
}

milliseconds wait_after(const Feed& feed, const Error& error, Random& random) {
  constexpr std::int64_t most_doublings = 6;
  const auto doublings = std::clamp<std::int64_t>(feed.failures, 0, most_doublings);
  const milliseconds wait = std::min<milliseconds>(minutes(5) * (1 << doublings), longest_wait);
  const milliseconds wanted = error.retry_after.value_or(std::chrono::seconds(0));
  return std::max(wait - up_to(wait / 4, random), wanted);
}

StoredAnswer store_answer(storage::Connection& connection, const Feed& feed, Batch batch,
                          TimePoint now, Random& random) {
  const milliseconds interval = poll_interval(feed.target.source);
  const milliseconds rest = batch.wait.value_or(std::chrono::seconds(0));
  const milliseconds wait = std::max(interval + up_to(interval / 8, random), rest);
  const bool lists = !batch.items.empty();
  if (!lists && has_moved(feed.target, batch.target)) {
    // Which ids it has at its new place, the whole answer tells.
    batch.target = feed.target;
    batch.position.etag.clear();
    batch.position.last_modified.clear();
  }
  const bool is_claimed =
      connection.execute(
          "UPDATE feed SET etag = $1, last_modified = $2, newest = $3, next_poll_at = $4, "
          "allowed_at = $5, polled_at = $6, listed_at = COALESCE($7, listed_at), backlog = NULL, "
          "recovered_at = CASE WHEN failing_since IS NULL THEN recovered_at ELSE $6 END, failures "
          "= 0, failing_since = NULL, told_at = NULL, error = '' WHERE id = $8 AND state = "
          "'active' AND next_poll_at = $9",
          {storage::portable_text(batch.position.etag),
           storage::portable_text(batch.position.last_modified),
           storage::portable_text(batch.position.newest), now + wait, now + rest, now,
           lists ? std::optional(now) : std::nullopt, feed.id, feed.next_poll_at}) == 1;
  if (!is_claimed) {
    return {.is_claimed = false};
  }
  store_target(connection, feed, batch.target, now);
  return {.items = store_items(connection, feed, std::move(batch), now)};
}

bool store_failure(storage::Connection& connection, const Feed& feed, const Error& error,
                   TimePoint now, Random& random) {
  const TimePoint again_at = now + wait_after(feed, error, random);
  const TimePoint allowed_at = error.retry_after ? now + *error.retry_after : now;
  return store_failing(connection, feed, error,
                       {.now = now, .again_at = again_at, .allowed_at = allowed_at});
}

bool store_unaffordable(storage::Connection& connection, const Feed& feed, const Error& error,
                        TimePoint now) {
  const TimePoint again_at = now + error.retry_after.value_or(std::chrono::seconds(0));
  return store_failing(connection, feed, error, {.now = now, .again_at = again_at});
}

bool store_gone(storage::Connection& connection, const Feed& feed, TimePoint now) {
  const bool is_claimed =
      connection.execute(
          "UPDATE feed SET state = 'gone', polled_at = $1, error = $2 WHERE id = $3 "
          "AND state = 'active' AND next_poll_at = $4",
          {now, "its server says that it is gone for good (410)", feed.id, feed.next_poll_at}) == 1;
  if (is_claimed) {
    connection.execute(
        "UPDATE feed_item SET state = 'left_out', reason = 'the feed is gone', item = '' WHERE "
        "feed_id = $1 AND state = 'waiting'",
        {feed.id});
  }
  return is_claimed;
}

void give_back(storage::Connection& connection, const Feed& feed, TimePoint now) {
  connection.execute("UPDATE feed SET next_poll_at = $1 WHERE id = $2 AND next_poll_at = $3",
                     {now, feed.id, feed.next_poll_at});
}

}  // namespace bb::feeds

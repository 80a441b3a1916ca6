// The items of feeds as they are stored: each once, whatever its feed does with it later.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "features/feeds/feed_rows.hpp"
#include "features/feeds/item.hpp"
#include "storage/database.hpp"

namespace bb::feeds {

struct NewItems {
  std::size_t waiting = 0;
  std::size_t left_out = 0;  // not wanted, there before the feed was added, or too many
};

// Those items of an answer that were never seen, waiting for as long as the feed's settings want.
// Of those of a new feed only as many as its backlog. Of more than can be meant for people the
// newest ones.
NewItems store_items(storage::Connection& connection, const Feed& feed, Batch batch, TimePoint now);

struct WaitingItem {
  std::string feed_id;
  Target target;
  std::string key;  // of the item within its feed
  Item item;
  TimePoint published_at;
  TimePoint due_at;
};

// Up to the feed's burst of those that have waited long enough, the oldest first.
std::vector<WaitingItem> due_items(storage::Connection& connection, const Feed& feed,
                                   TimePoint now);

// The same post in feeds of other networks of the channel, waiting too.
std::vector<WaitingItem> waiting_twins(storage::Connection& connection, const Feed& feed,
                                       const WaitingItem& waiting);

// Whether the same post came to the channel from another network.
bool was_posted_elsewhere(storage::Connection& connection, const Feed& feed,
                          const WaitingItem& waiting);

enum class Fate : std::uint8_t { posted, duplicate, deleted, left_out };

// What becomes of an item that waits; false if it does not wait any more. Its text is forgotten.
bool decide(storage::Connection& connection, const WaitingItem& waiting, Fate fate,
            std::string_view reason = {});

// Forgets items that their feed does not list any more, since `age` before it last listed others:
// what is forgotten would be new if it came again. Returns how many.
std::int64_t clean_items(storage::Connection& connection, std::chrono::milliseconds age);

}  // namespace bb::feeds

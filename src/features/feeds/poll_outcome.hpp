// What a poll of a feed leads to, as it is written down.
#pragma once

#include <chrono>
#include <string_view>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "features/feeds/feed_items.hpp"
#include "features/feeds/feed_rows.hpp"
#include "features/feeds/source.hpp"
#include "storage/database.hpp"

namespace bb::feeds {

// Feeds of the web ask for an hour between polls; networks take more.
std::chrono::milliseconds poll_interval(std::string_view source);

// After the `failures + 1`th failure in a row, with up to a quarter taken off at random.
std::chrono::milliseconds wait_after(const Feed& feed, const Error& error, Random& random);

// After so long of failing, who added the feed is told.
inline constexpr std::chrono::hours failing_before_telling(24);

// The functions change the feed only if it is as it was claimed: not paused, removed or claimed by
// somebody else meanwhile. False if it is not.

// Also stores the items that are new; `batch` is not that of a feed that is gone.
struct StoredAnswer {
  bool is_claimed = true;
  NewItems items = {};
};
StoredAnswer store_answer(storage::Connection& connection, const Feed& feed, Batch batch,
                          TimePoint now, Random& random);

bool store_failure(storage::Connection& connection, const Feed& feed, const Error& error,
                   TimePoint now, Random& random);

// It was not asked, as there is no money for that; what waits is posted all the same.
bool store_unaffordable(storage::Connection& connection, const Feed& feed, const Error& error,
                        TimePoint now);

// It will not come back.
bool store_gone(storage::Connection& connection, const Feed& feed, TimePoint now);

// Nothing was asked after all.
void give_back(storage::Connection& connection, const Feed& feed, TimePoint now);

}  // namespace bb::feeds

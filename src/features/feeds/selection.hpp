// Which items are posted: pure rules.
#pragma once

#include <chrono>
#include <string>

#include "features/feeds/feed_settings.hpp"
#include "features/feeds/item.hpp"

namespace bb::feeds {

// Why an item is not wanted, for people; empty if it is.
std::string reason_against(const Item& item, const FeedSettings& settings);

// The same text published on two networks within this time is one post.
inline constexpr std::chrono::hours same_post_within(1);

// The same for posts that say the same on different networks, which shorten links and show tags in
// ways of their own; empty for what has a title of its own, or hardly any text, as such a text may
// be that of other people.
std::string fingerprint_of(const Item& item);

}  // namespace bb::feeds

// Posts of an account on a Mastodon instance, through its API, or through the account's RSS where
// the instance answers only people who are signed in.
#pragma once

#include <memory>

#include "base/clock.hpp"
#include "features/feeds/source.hpp"

namespace bb::feeds {

// "@ada@example.social", https://example.social/@ada. `rss` reads feeds of the web.
std::unique_ptr<Source> make_mastodon(std::unique_ptr<Source> rss, const Clock& clock);

}  // namespace bb::feeds

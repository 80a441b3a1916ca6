// Feeds of the web as a source: RSS, Atom and JSON Feed, YouTube's channels and GitHub's releases
// among them.
#pragma once

#include <memory>

#include "base/clock.hpp"
#include "features/feeds/source.hpp"

namespace bb::feeds {

// An item that is not in its feed any more was deleted if its own page says so (404, 410): the feed
// may be an old copy. One without a page was deleted if the feed still has an older one.
std::unique_ptr<Source> make_rss(const Clock& clock);

}  // namespace bb::feeds

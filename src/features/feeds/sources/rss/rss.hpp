// Feeds of the web as a source: RSS, Atom and JSON Feed, YouTube's channels and GitHub's releases
// among them.
#pragma once

#include <memory>

#include "base/clock.hpp"
#include "features/feeds/source.hpp"

namespace bb::feeds {

// An item that is not in its feed any more was deleted if the feed still has an older one. If all
// are newer it may have fallen off the end: then its own page is asked.
std::unique_ptr<Source> make_rss(const Clock& clock);

}  // namespace bb::feeds

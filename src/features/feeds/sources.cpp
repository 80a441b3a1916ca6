#include "features/feeds/sources.hpp"

#include <memory>

#include "features/feeds/sources/bluesky/bluesky.hpp"
#include "features/feeds/sources/mastodon/mastodon.hpp"
#include "features/feeds/sources/rss/rss.hpp"

namespace bb::feeds {
namespace {

struct Parts {
  const SourceSettings& settings;
  const Clock& clock;
  Random& random;
};

using Make = std::unique_ptr<Source> (*)(const Parts& parts);

// One row for each folder of sources/. Feeds of the web come last: to them any name with a dot may
// be an address.
constexpr Make table[] = {
    [](const Parts& parts) { return make_x(parts.settings.x, parts.clock, parts.random); },
    [](const Parts& parts) { return make_mastodon(make_rss(parts.clock), parts.clock); },
    [](const Parts& parts) { return make_bluesky(parts.settings.bluesky_api_url, parts.clock); },
    [](const Parts& parts) { return make_rss(parts.clock); },
};

}  // namespace

Sources make_sources(const SourceSettings& settings, const Clock& clock, Random& random) {
  Sources sources;
  for (const Make make : table) {
    sources.push_back(make({.settings = settings, .clock = clock, .random = random}));
  }
  return sources;
}

}  // namespace bb::feeds

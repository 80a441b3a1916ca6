#include "features/feeds/sources.hpp"

#include <memory>

#include "features/feeds/sources/rss/rss.hpp"

namespace bb::feeds {
namespace {

using Make = std::unique_ptr<Source> (*)(const Clock& clock);

// One row for each folder of sources/. Feeds of the web come last: to them any name with a dot may
// be an address.
constexpr Make table[] = {
    &make_rss,
};

}  // namespace

Sources make_sources(const Clock& clock) {
  Sources sources;
  for (const Make make : table) {
    sources.push_back(make(clock));
  }
  return sources;
}

}  // namespace bb::feeds

// The kinds of source there are.
#pragma once

#include <string>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "features/feeds/context.hpp"
#include "features/feeds/sources/x/x.hpp"

namespace bb::feeds {

struct SourceSettings {
  XSettings x;
  std::string bluesky_api_url;
};

// In the order in which they are asked whether what a person typed is theirs.
Sources make_sources(const SourceSettings& settings, const Clock& clock, Random& random);

}  // namespace bb::feeds

// The kinds of source there are.
#pragma once

#include "base/clock.hpp"
#include "features/feeds/context.hpp"

namespace bb::feeds {

// In the order in which they are asked whether what a person typed is theirs.
Sources make_sources(const Clock& clock);

}  // namespace bb::feeds

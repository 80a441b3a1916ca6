// Posts of an account on Bluesky, through its public AppView.
#pragma once

#include <memory>
#include <string>

#include "base/clock.hpp"
#include "features/feeds/source.hpp"

namespace bb::feeds {

// A handle ("ada.example", "@ada.example"), a DID, https://bsky.app/profile/... `api_url` is the
// AppView's.
std::unique_ptr<Source> make_bluesky(std::string api_url, const Clock& clock);

}  // namespace bb::feeds

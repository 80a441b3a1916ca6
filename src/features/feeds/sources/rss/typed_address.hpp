// What people type where an address of a feed is wanted.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace bb::feeds {

// The addresses to try one after the other; none if that is not what an address of the web looks
// like. Without a scheme https comes before http. The page of a YouTube channel or playlist and a
// channel's id mean their feed, a project on GitHub its releases.
std::vector<std::string> typed_addresses(std::string_view typed);

// The feed of the YouTube channel whose page, or a page of whose, this is; empty if it is not.
std::string youtube_feed(std::string_view page);

}  // namespace bb::feeds

// What a social account or a feed has published, whatever network it comes from.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"

namespace bb::feeds {

// Texts are plain Unicode without markup; nothing is escaped here.
struct Item {
  std::string id;           // the same in every fetch of this feed, and after an edit
  std::string url = {};     // http or https, absolute; empty: there is none
  std::string title = {};   // empty for a short post
  std::string text = {};    // of the post, or a summary of the article
  std::string author = {};  // as shown to people; empty: the feed's own name
  std::optional<TimePoint> published_at = std::nullopt;
  std::size_t media = 0;                   // pictures, films, sounds
  std::string content_warning = {};        // what to show instead of text and media
  std::vector<std::string> hashtags = {};  // lower case, without #
  bool is_reply = false;
  bool is_repost = false;
  bool is_prerelease = false;

  bool operator==(const Item&) const = default;
};

}  // namespace bb::feeds

// Bluesky's texts, whose links stand beside them
// (https://docs.bsky.app/docs/advanced-guides/post-richtext).
#pragma once

#include <boost/json/fwd.hpp>
#include <string>
#include <vector>

namespace bb::feeds::bluesky {

struct RichText {
  std::string text;  // with full links
  std::vector<std::string> hashtags = {};

  bool operator==(const RichText&) const = default;
};

// Of a record app.bsky.feed.post. Facets that overlap others, or lie outside of the text, are left
// out.
RichText rich_text_of(const boost::json::value& record);

}  // namespace bb::feeds::bluesky

// What an item looks like in a chat.
#pragma once

#include <string>
#include <vector>

#include "chat/message.hpp"
#include "features/feeds/feed_settings.hpp"
#include "features/feeds/item.hpp"

namespace bb::feeds {

// The same post in another network.
struct Twin {
  std::string source;  // "mastodon"
  std::string url;

  bool operator==(const Twin&) const = default;
};

struct Posted {
  Item item;
  std::string feed_name;  // for an item without an author
  std::vector<Twin> twins = {};
};

// What stands behind a content warning is neither shown nor previewed.
chat::Message render_post(const Posted& post, Look look);

}  // namespace bb::feeds

#include "features/feeds/item_json.hpp"

#include <boost/json.hpp>

#include "base/json.hpp"
#include "storage/portable_text.hpp"

namespace bb::feeds {

std::string to_json(const Item& item) {
  boost::json::array hashtags;
  for (const std::string& tag : item.hashtags) {
    hashtags.emplace_back(storage::portable_text(tag));
  }
  boost::json::object json = {{"id", storage::portable_text(item.id)},
                              {"url", storage::portable_text(item.url)},
                              {"title", storage::portable_text(item.title)},
                              {"text", storage::portable_text(item.text)},
                              {"author", storage::portable_text(item.author)},
                              {"media", item.media},
                              {"content_warning", storage::portable_text(item.content_warning)},
                              {"hashtags", std::move(hashtags)},
                              {"is_reply", item.is_reply},
                              {"is_repost", item.is_repost},
                              {"is_prerelease", item.is_prerelease}};
  if (item.published_at) {
    json["published_at"] = item.published_at->time_since_epoch().count();
  }
  return boost::json::serialize(json);
}

Result<Item> item_from_json(std::string_view text) {
  const Result<boost::json::value> value = json::parse(text);
  if (!value) {
    return fail(value.error().within("a stored item"));
  }
  const auto string = [&](std::string_view name) {
    return json::string(*value, name).value_or("");
  };
  const auto flag = [&](std::string_view name) {
    return json::boolean(*value, name).value_or(false);
  };
  Item item{.id = string("id"),
            .url = string("url"),
            .title = string("title"),
            .text = string("text"),
            .author = string("author"),
            .media = static_cast<std::size_t>(json::integer(*value, "media").value_or(0)),
            .content_warning = string("content_warning"),
            .is_reply = flag("is_reply"),
            .is_repost = flag("is_repost"),
            .is_prerelease = flag("is_prerelease")};
  if (const auto at = json::integer(*value, "published_at")) {
    item.published_at = TimePoint(std::chrono::milliseconds(*at));
  }
  if (const boost::json::array* hashtags = json::array(*value, "hashtags")) {
    for (const boost::json::value& tag : *hashtags) {
      if (const auto* word = tag.if_string()) {
        item.hashtags.emplace_back(*word);
      }
    }
  }
  return item;
}

}  // namespace bb::feeds

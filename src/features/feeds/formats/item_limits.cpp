#include "features/feeds/formats/item_limits.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "features/feeds/formats/html.hpp"

namespace bb::feeds {
namespace {

constexpr std::size_t longest_name = 500;
constexpr std::size_t longest_hashtag = 200;

}  // namespace

std::string shortened(std::string_view text) {
  return truncate(trim(text), longest_text);
}

void add_hashtag(std::vector<std::string>& tags, std::string_view written) {
  if (tags.size() >= most_hashtags) {
    return;
  }
  std::string tag = truncate(to_lower(one_line(written)), longest_hashtag);
  if (!tag.empty() && std::ranges::find(tags, tag) == tags.end()) {
    tags.push_back(std::move(tag));
  }
}

Item within_limits(Item item) {
  item.title = truncate(item.title, longest_name);
  item.text = shortened(item.text);
  item.author = truncate(item.author, longest_name);
  item.content_warning = truncate(item.content_warning, longest_name);
  return item;
}

}  // namespace bb::feeds

// How much is kept of an item, whatever its source writes.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "features/feeds/item.hpp"

namespace bb::feeds {

constexpr std::size_t longest_text = 8 * 1024;  // octets
constexpr std::size_t most_hashtags = 100;

// Text of an item as long as anybody wants to see.
std::string shortened(std::string_view text);

// In lower case, each once. Those after the first 100 are left out.
void add_hashtag(std::vector<std::string>& tags, std::string_view written);

// With its texts cut.
Item within_limits(Item item);

}  // namespace bb::feeds

// Items as they are stored while they wait.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "features/feeds/item.hpp"

namespace bb::feeds {

std::string to_json(const Item& item);
Result<Item> item_from_json(std::string_view text);

}  // namespace bb::feeds

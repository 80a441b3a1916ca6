// Answers of Mastodon's API as values, without I/O
// (https://docs.joinmastodon.org/entities/Status/). Other servers with the same API (Pleroma,
// GoToSocial) have ids of letters and digits.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "features/feeds/item.hpp"

namespace bb::feeds::mastodon {

// An id as servers make them.
bool is_id(std::string_view text);

Result<std::string> parse_account_id(std::string_view body);  // of accounts/lookup
// Without those that are not for everyone.
Result<std::vector<Item>> parse_statuses(std::string_view body);
Result<Item> parse_status(std::string_view body);

// An item of the account's RSS, as its API has it: it has the same id.
Item from_feed(Item item);

}  // namespace bb::feeds::mastodon

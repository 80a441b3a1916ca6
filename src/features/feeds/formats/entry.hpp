// What the readers of the formats hand to the part that is common to all of them.
#pragma once

#include <string>
#include <vector>

#include "features/feeds/item.hpp"

namespace bb::feeds {

// An item and what tells it from others, as written: what is made from it must not depend on the
// feed's own address.
struct Entry {
  std::string id = {};
  std::string link = {};
  Item item{.id = {}};
};

// Gives each an id that stays when the feed moves, re-orders or re-dates its items or begins to use
// https: the id as written, else the link, else a hash of the words. Entries that share it although
// they differ keep it in the oldest one, which was seen first; in others it gets a hash of link and
// title. Entries that say nothing and copies are left out.
std::vector<Item> with_ids(std::vector<Entry> entries);

// A name of a version as semantic versioning and habit mark what is not final: 1.0.0-rc.1, v2b3.
bool is_prerelease(std::string_view version);

}  // namespace bb::feeds

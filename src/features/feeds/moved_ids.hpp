// Items that are the same although their ids, which are addresses, have got another host.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "features/feeds/feed_rows.hpp"
#include "storage/database.hpp"

namespace bb::feeds {

// Whether `now` is read from another host than `before`.
bool has_moved(const Target& before, const Target& now);

// Ids of stored items that are addresses of the web, by what follows the host. Those that tell
// nothing without it, such as "https://example.org/", are not among them.
class IdsByPath {
 public:
  void add(std::string_view id);

  // The one that is like `id` but for the host; each is found once.
  std::optional<std::string> take(std::string_view id);

 private:
  std::map<std::string, std::string, std::less<>> ids_;
};

}  // namespace bb::feeds

// The port to a kind of source: a network, or feeds of the web.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "features/feeds/exchange.hpp"
#include "features/feeds/item.hpp"

namespace bb::feeds {

// An account or a feed, resolved once from what a person typed, and stored.
struct Target {
  std::string source;        // Source::name()
  std::string address;       // in its normal form: the same account has one address
  std::string account = {};  // the network's stable id of the account, where it has one
  std::string name = {};     // for people: "@ada@example.social", the title of a blog
  std::string link = {};     // its page for people

  bool operator==(const Target&) const = default;
};

// How far a feed has been read. Values are the remote side's, kept verbatim.
struct Position {
  std::string etag = {};
  std::string last_modified = {};
  std::string newest = {};  // since_id, or the newest known id

  bool operator==(const Position&) const = default;
};

struct Batch {
  std::vector<Item> items = {};  // in no order that means anything
  Target target;                 // as it is now: moved for good, or renamed
  Position position;             // for the next fetch
  bool is_gone = false;          // 410: it will not come back
  std::optional<std::chrono::seconds> wait = std::nullopt;  // the source wants to be left alone
  std::size_t billed = 0;                                   // reads that have to be paid for
  std::string format = {};                                  // for people: "Atom"; may be empty

  bool operator==(const Batch&) const = default;
};

// Values in, values out: whoever runs the exchanges does the I/O. Errors: not_found, forbidden and
// bad_response as the remote side answers; rate_limited with retry_after; unavailable and uncertain
// pass by themselves. Safe to use from several threads.
class Source {
 public:
  virtual ~Source() = default;

  [[nodiscard]] virtual std::string_view name() const = 0;

  // From what a person types; nothing if that is not how this source's addresses look.
  [[nodiscard]] virtual std::optional<Step<Target>> resolve(std::string_view typed) const = 0;

  [[nodiscard]] virtual Step<Batch> fetch(const Target& target, const Position& position) const = 0;

  // The item as it is now; nothing if it was deleted.
  [[nodiscard]] virtual Step<std::optional<Item>> look_up(const Target& target,
                                                          const Item& item) const = 0;
};

}  // namespace bb::feeds

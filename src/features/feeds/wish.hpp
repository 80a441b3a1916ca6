// What people want done with feeds, from the words that they say or type after `feeds`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "chat/platform.hpp"
#include "features/feeds/context.hpp"
#include "features/feeds/feed_rows.hpp"
#include "jobs/disabled_channels.hpp"

namespace bb::feeds {

enum class Action : std::uint8_t { list, add, test, set, remove, pause, resume };

struct Wish {
  Action action = Action::list;
  std::string subject = {};  // the address, account or name of a feed
  bool names_channel = false;
  std::vector<std::string> changes = {};  // of settings: "delay=1h"
  std::int64_t newest = 0;                // of a feed that is added: so many are posted at once

  bool operator==(const Wish&) const = default;
};

// "add @ada@example.social #general delay=1h newest=3", "list", "pause The blog", ...
Result<Wish> parse_wish(std::string_view arguments);

// "newest=3" among the words is taken out of them.
Result<std::int64_t> take_newest(std::vector<std::string>& words);

// What set, remove, pause and resume do with a feed, and what to tell about it.
Result<std::string> carry_out(storage::Connection& connection, const Feed& feed, const Wish& wish,
                              TimePoint now);

// A feed and how it is, over two lines; `disabled` if its channel takes no posts.
std::string describe(const Feed& feed, const std::optional<jobs::DisabledChannel>& disabled);

// A user's id, or what else it was.
std::string who_added(const Feed& feed);

// What was read this month of what the budget allows; a line for each source that charges.
std::string describe_budget(storage::Connection& connection, const ReadBudget& budget,
                            TimePoint now);

// What to tell who added a feed.
std::string added_text(const Feed& feed);

}  // namespace bb::feeds

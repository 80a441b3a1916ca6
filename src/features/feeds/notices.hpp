// What people are told about their feeds without having asked.
#pragma once

#include <string>

#include "base/result.hpp"
#include "features/feeds/context.hpp"
#include "features/feeds/feed_rows.hpp"

namespace bb::feeds {

// "Ada (https://example.org/feed) in #general"
std::string feed_for_people(const Feed& feed);

// Who added the feed is told once that it does not work, in the transaction that finds that out.
void tell_failing(storage::Connection& connection, const Context& context, const Feed& feed,
                  const Error& error);
void tell_gone(storage::Connection& connection, const Context& context, const Feed& feed);

}  // namespace bb::feeds

// Identifiers that we make, and strong types for those of others.
#pragma once

#include <compare>
#include <string>

#include "base/clock.hpp"
#include "base/random.hpp"

namespace bb {

// 26 characters of Crockford's base 32: 48 bits of milliseconds, then 80 random bits (the layout of
// a ULID, https://github.com/ulid/spec). Sorts by time of creation.
std::string new_id(const Clock& clock, Random& random);

// A string that cannot be mistaken for another kind of id.
template <class Tag>
struct Id {
  std::string value;
  auto operator<=>(const Id&) const = default;
};

using WorkspaceId = Id<struct WorkspaceTag>;  // ours
using ChannelId = Id<struct ChannelTag>;      // the chat platform's, e.g. C024BE91L or D024BE91L
using UserId = Id<struct UserTag>;            // the chat platform's, e.g. U2147483697
using JobId = Id<struct JobTag>;
using DeliveryId = Id<struct DeliveryTag>;

}  // namespace bb

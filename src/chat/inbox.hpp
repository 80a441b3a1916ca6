// Which incoming messages were accepted before: a platform delivers some of them more than once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "chat/platform.hpp"
#include "storage/database.hpp"

namespace bb::chat {

// The positions of those of `messages` that come for the first time: neither was the event id
// known, nor the message, as Slack has been seen to send one message under two event ids. Call it
// in the transaction that stores what the messages cause.
std::vector<std::size_t> accept(storage::Connection& connection, const WorkspaceId& workspace,
                                std::span<const IncomingMessage> messages, TimePoint now);

// Forgets what was received before `before`, later than any retry of the platform; returns how
// many.
std::int64_t clean_inbox(storage::Connection& connection, TimePoint before);

}  // namespace bb::chat

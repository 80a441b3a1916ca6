// Which incoming messages were accepted before: a platform delivers some of them more than once.
#pragma once

#include <cstdint>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "chat/platform.hpp"
#include "storage/database.hpp"

namespace bb::chat {

// True the first time. False if the event id is known, or the message is: Slack has been seen to
// send one message under two event ids. Call it in the transaction that stores what the message
// causes.
bool accept(storage::Connection& connection, const WorkspaceId& workspace,
            const IncomingMessage& message, TimePoint now);

// Forgets what was received before `before`, later than any retry of the platform; returns how
// many.
std::int64_t clean_inbox(storage::Connection& connection, TimePoint before);

}  // namespace bb::chat

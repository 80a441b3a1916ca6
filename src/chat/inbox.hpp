// Which incoming messages were accepted before: a platform delivers some of them more than once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "chat/platform.hpp"
#include "storage/database.hpp"

namespace bb::chat {

// What tells a message from all others.
struct Receipt {
  std::string event_id;
  std::string message_key;  // the time, and a hash of workspace, channel, time and user
};
Receipt receipt_of(const WorkspaceId& workspace, const IncomingMessage& message);

// The positions of those that come for the first time: neither was the event id known, nor the
// message, as Slack has been seen to send one message under two event ids. Call it in the
// transaction that stores what the messages cause.
std::vector<std::size_t> accept(storage::Connection& connection, std::span<const Receipt> receipts,
                                TimePoint now);

// Forgets what was received before `before`, later than any retry of the platform; returns how
// many.
std::int64_t clean_inbox(storage::Connection& connection, TimePoint before);

}  // namespace bb::chat

#include "chat/inbox.hpp"

#include <algorithm>
#include <string>
#include <unordered_set>

#include "crypto/crypto.hpp"
#include "storage/many_rows.hpp"

namespace bb::chat {

// Each part with its length, so that no two lists of parts make the same key. The time stands
// first: new keys then belong at the end of their index, and a commit of many touches few of its
// pages.
Receipt receipt_of(const WorkspaceId& workspace, const IncomingMessage& message) {
  std::string parts;
  for (const std::string& part :
       {workspace.value, message.channel.value, message.timestamp, message.user.value}) {
    parts.append(std::to_string(part.size())).append(":").append(part);
  }
  constexpr std::size_t time_octets = 17;  // of "1763660000.123456"
  const std::string_view timestamp = message.timestamp;
  const std::string_view time =
      timestamp.substr(0, std::min(timestamp.find_first_not_of("0123456789."), time_octets));
  return {.event_id = message.event_id,
          .message_key = std::string(time) + ":" + crypto::to_hex(crypto::sha256(parts))};
}

std::vector<std::size_t> accept(storage::Connection& connection, std::span<const Receipt> receipts,
                                TimePoint now) {
  static const storage::ManyRows rows(
      "INSERT INTO inbox (message_key, event_id, received_at) VALUES", 3,
      "ON CONFLICT DO NOTHING RETURNING message_key");
  std::vector<const Receipt*> ordered;
  for (const Receipt& receipt : receipts) {
    ordered.push_back(&receipt);
  }
  // In the order of keys, so that two instances that get the same messages do not wait for each
  // other.
  std::ranges::stable_sort(ordered, {}, &Receipt::message_key);
  std::vector<storage::Value> values;
  for (const Receipt* receipt : ordered) {
    values.insert(values.end(), {receipt->message_key, receipt->event_id, now});
  }
  std::unordered_set<std::string> stored;
  for (const storage::Row& row : rows.query(connection, values)) {
    stored.insert(row.text(0));
  }
  std::vector<std::size_t> first;
  for (std::size_t position = 0; position < receipts.size(); ++position) {
    if (stored.erase(receipts[position].message_key) > 0) {
      first.push_back(position);
    }
  }
  return first;
}

std::int64_t clean_inbox(storage::Connection& connection, TimePoint before) {
  return connection.execute("DELETE FROM inbox WHERE received_at < $1", {before});
}

}  // namespace bb::chat

#include "chat/inbox.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "crypto/crypto.hpp"
#include "storage/many_rows.hpp"

namespace bb::chat {
namespace {

// Each part with its length, so that no two lists of parts make the same key.
std::string message_key(const WorkspaceId& workspace, const IncomingMessage& message) {
  std::string parts;
  for (const std::string& part :
       {workspace.value, message.channel.value, message.timestamp, message.user.value}) {
    parts.append(std::to_string(part.size())).append(":").append(part);
  }
  return crypto::to_hex(crypto::sha256(parts));
}

}  // namespace

std::vector<std::size_t> accept(storage::Connection& connection, const WorkspaceId& workspace,
                                std::span<const IncomingMessage> messages, TimePoint now) {
  static const storage::ManyRows rows(
      "INSERT INTO inbox (message_key, event_id, received_at) VALUES", 3,
      "ON CONFLICT DO NOTHING RETURNING message_key");
  std::vector<std::string> keys;
  std::vector<std::pair<std::string_view, std::string_view>> ordered;
  keys.reserve(messages.size());
  for (const IncomingMessage& message : messages) {
    keys.push_back(message_key(workspace, message));
    ordered.emplace_back(keys.back(), message.event_id);
  }
  // In the order of keys, so that two instances that get the same messages do not wait for each
  // other.
  std::ranges::stable_sort(ordered, {}, [](const auto& entry) { return entry.first; });
  std::vector<storage::Value> values;
  for (const auto& [key, event_id] : ordered) {
    values.insert(values.end(), {key, event_id, now});
  }
  std::unordered_set<std::string> stored;
  for (const storage::Row& row : rows.query(connection, values)) {
    stored.insert(row.text(0));
  }
  std::vector<std::size_t> first;
  for (std::size_t position = 0; position < keys.size(); ++position) {
    if (stored.erase(keys[position]) > 0) {
      first.push_back(position);
    }
  }
  return first;
}

std::int64_t clean_inbox(storage::Connection& connection, TimePoint before) {
  return connection.execute("DELETE FROM inbox WHERE received_at < $1", {before});
}

}  // namespace bb::chat

#include "chat/inbox.hpp"

#include <string>

#include "crypto/crypto.hpp"

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

bool accept(storage::Connection& connection, const WorkspaceId& workspace,
            const IncomingMessage& message, TimePoint now) {
  return connection.execute(
             "INSERT INTO inbox (event_id, message_key, received_at) VALUES ($1, $2, $3) "
             "ON CONFLICT DO NOTHING",
             {message.event_id, message_key(workspace, message), now}) == 1;
}

std::int64_t clean_inbox(storage::Connection& connection, TimePoint before) {
  return connection.execute("DELETE FROM inbox WHERE received_at < $1", {before});
}

}  // namespace bb::chat

// Words that members say to the bot, from any way in (direct message now; slash command and App
// Home call the same table).
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "chat/message.hpp"
#include "storage/database.hpp"

namespace bb::chat {

struct Caller {
  WorkspaceId workspace;
  UserId user;
  ChannelId channel;   // where the answer goes
  TimePoint asked_at;  // when the message was accepted
};

struct Command {
  std::string word;  // lower case
  std::string help;  // one line: what it does for the member
  // Changes state within the transaction and returns the answer. May run twice for one message
  // (after a crash): the first answer counts.
  std::function<Message(storage::Connection& connection, const Caller& caller)> run;
};

class Commands {
 public:
  explicit Commands(std::vector<Command> commands) : commands_(std::move(commands)) {}

  // Finds the word that `text` is, trimmed and in any case; `help` lists the table, anything else
  // gets a hint with the nearest word.
  [[nodiscard]] Message answer(storage::Connection& connection, const Caller& caller,
                               std::string_view text) const;

 private:
  [[nodiscard]] Message help() const;
  [[nodiscard]] Message hint(std::string_view text) const;

  std::vector<Command> commands_;
};

}  // namespace bb::chat

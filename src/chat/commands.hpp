// Words that people say to the bot, from any way in (direct message now; slash command and App
// Home call the same table).
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"
#include "chat/message.hpp"
#include "chat/platform.hpp"
#include "storage/database.hpp"

namespace bb::chat {

struct Caller {
  WorkspaceId workspace;
  UserId user;
  ChannelId channel;   // where the answer goes
  TimePoint asked_at;  // when the message was accepted
  // Of a command for admins, what Commands::prepare() asked of the platform: also which channel the
  // arguments name, nothing if the bot sees none of that name.
  Person person = {};
  std::optional<Channel> named = std::nullopt;
};

enum class Access { everybody, admins };

struct Command {
  std::string word;       // lower case
  std::string arguments;  // what may follow the word: "OWNER/REPO or a kind"; empty: nothing
  std::string help;       // one line: what it does for the member; empty: `help` does not list it
  // Changes state within the transaction and returns the answer. May run twice for one message
  // (after a crash): the first answer counts. `arguments` is what followed the word, as
  // parse_spoken() gives it; empty where the command takes none.
  std::function<Message(storage::Connection& connection, const Caller& caller,
                        std::string_view arguments)>
      run;
  Access access = Access::everybody;
};

// What was said, taken apart.
struct Spoken {
  std::string word;       // the first one, in lower case
  std::string arguments;  // the others, one space apart

  bool operator==(const Spoken&) const = default;
};

// Without a leading slash, the punctuation around it and markup such as *bold*.
Spoken parse_spoken(std::string_view text);

// Whether a word names a channel: "#general", or "<#C0123ABCD|general>" as Slack sends it.
bool is_channel_name(std::string_view word);

// With a full stop, unless it ends with one or with a question mark.
std::string as_sentence(std::string text);

class Commands {
 public:
  explicit Commands(std::vector<Command> commands) : commands_(std::move(commands)) {}

  // Asks the platform what a command for admins has to know of its caller, as no network call is
  // part of the transaction in which answer() runs; other words cost no call.
  Result<Caller> prepare(Platform& platform, Caller caller, std::string_view text) const;

  // Runs the command whose word `text` begins with, in any case; `help` lists the table, anything
  // else gets a hint with the nearest word. A command that takes no arguments is not run if more
  // words follow: "disconnect the printer" is no wish to leave. One for admins is run for a caller
  // that prepare() has found to be one.
  [[nodiscard]] Message answer(storage::Connection& connection, const Caller& caller,
                               std::string_view text) const;

 private:
  [[nodiscard]] Message help() const;
  [[nodiscard]] Message hint(std::string_view word) const;
  [[nodiscard]] const Command* find(std::string_view word) const;

  std::vector<Command> commands_;
};

}  // namespace bb::chat

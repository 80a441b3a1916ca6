// What stands in the conversations against what has to stand there. It knows nothing of the bot and
// of its database.
#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace bb::crash {

// What one thing that was asked of the bot has to lead to.
struct Expected {
  std::string channel;
  std::string mark;          // in each of its messages, and in no other of the channel
  std::size_t messages = 1;  // each with a text of its own
  bool certain = true;       // false: the bot may not have heard of it, so no message is right too
};

// Texts of the bot's messages by channel.
using Standing = std::map<std::string, std::vector<std::string>>;

struct Tally {
  std::size_t lost = 0;
  std::size_t doubled = 0;                 // or not asked for by anybody
  std::vector<std::string> findings = {};  // one line for each of them
};

Tally count(std::span<const Expected> expected, const Standing& standing);

}  // namespace bb::crash

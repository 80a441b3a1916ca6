// How answers to members are put together, and who asks.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "base/time.hpp"
#include "chat/message.hpp"
#include "features/github_activity/people.hpp"

namespace bb::github_activity {

// A command of a member who has linked an account.
struct Asked {
  WorkspaceId workspace;
  LinkedMember member;
  std::string arguments;  // what followed the word
};

// The fallback is the text of all blocks.
chat::Message reply(std::vector<chat::Block> blocks);
chat::Message reply(std::string text);

// A text of any length, parted between words.
std::vector<chat::Block> sections_of(std::string_view text);

// "2026-11-22 19:33 UTC"
std::string time_text(const TimeZone& zone, TimePoint time);

// When GitHub last told what the member did, and what keeps it from doing so.
std::string github_text(const LinkedMember& member, const TimeZone& zone);

// "a, b and 3 more": as many as fit in `most_bytes`, at least one of them.
std::string list_text(const std::vector<std::string>& names, std::size_t most_bytes);

}  // namespace bb::github_activity

// The people, channels and GitHub day of the demo: what a first-time user sees.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.hpp"

namespace bb::sim {

class Slack;
class GitHub;

struct StoryMember {
  std::string user;   // Slack id
  std::string name;   // as Slack shows it
  std::string login;  // on GitHub
  std::int64_t github_id = 0;
  std::string about;  // one line for a list of who can be played
};

struct Story {
  std::string general_channel;   // ids
  std::string activity_channel;  // where the summary is posted
  std::vector<StoryMember> members;
  std::vector<StoryMember> connecting;  // those who link their accounts in the demo, in this order

  // By name, in any case; null for strangers.
  [[nodiscard]] const StoryMember* find(std::string_view name) const;
};

// The team of `options.team_name` as it stands on a good day: members of both services, two
// channels and public activity within the last 24 hours (and a little before).
Story tell_story(Slack& slack, GitHub& github, const Clock& clock);

// What is said in #general before the bot does anything; written message by message so that a demo
// can show it.
void chat_in_general(Slack& slack, const Story& story);

}  // namespace bb::sim

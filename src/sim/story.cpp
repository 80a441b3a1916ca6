#include "sim/story.hpp"

#include <chrono>

#include "base/text.hpp"
#include "sim/github.hpp"
#include "sim/slack.hpp"

namespace bb::sim {
namespace {

using std::chrono::minutes;

constexpr std::string_view library = "cedar-falls-cpp/riverbank";
constexpr std::string_view notes = "cedar-falls-cpp/meetup-notes";

struct Person {
  std::string_view user;
  std::string_view name;
  std::string_view login;
  std::int64_t github_id;
  std::string_view about;
};

constexpr Person people[] = {
    {"U0MAYA001", "Maya", "maya-cf", 90'100'101,
     "writes a parser library, released it this morning"},
    {"U0THEO002", "Theo", "theo-cf", 90'100'102, "first open-source week, full of questions"},
    {"U0PRIYA03", "Priya", "priya-cf", 90'100'103, "keeps riverbank green and reviews everything"},
    {"U0SAM0004", "Sam", "sam-cf", 90'100'104, "embedded by day, stargazing by night"},
    {"U0INES005", "Ines", "ines-cf", 90'100'105, "organizes the meetup, starts a new project"},
    {"U0WALT006", "Walt", "walt-cf", 90'100'106, "retired, on vacation, nothing to report"},
};

struct Moment {
  std::string_view login;
  minutes ago;
  EventData event;
};

// Most recent last, as it happened. Two moments lie before the last 24 hours.
std::vector<Moment> a_day_in_cedar_falls() {
  return {
      {"maya-cf", minutes(3 * 24 * 60), star("prairie-labs/wind-vane")},
      {"priya-cf", minutes(26 * 60), push(library, "main", 1)},

      {"theo-cf", minutes(22 * 60), star(library)},
      {"theo-cf", minutes(21 * 60 + 48), fork(library, "theo-cf")},
      {"ines-cf", minutes(20 * 60),
       new_repository("ines-cf/lantern", "A tiny terminal to-do list")},
      {"ines-cf", minutes(19 * 60 + 55), push("ines-cf/lantern", "main", 1)},
      {"theo-cf", minutes(18 * 60 + 10), push("theo-cf/riverbank", "fix-typo-in-readme", 1)},
      {"theo-cf", minutes(18 * 60 + 4), pull_request_opened(library, 42)},
      {"sam-cf", minutes(14 * 60 + 30), star("starfield/orrery")},
      {"sam-cf", minutes(14 * 60 + 12), star("maya-cf/otter-parse")},
      {"sam-cf", minutes(13 * 60 + 40), push("sam-cf/kiln-controller", "main", 1)},

      {"maya-cf", minutes(9 * 60 + 20), push("maya-cf/otter-parse", "main", 1)},
      {"maya-cf", minutes(8 * 60 + 55), push("maya-cf/otter-parse", "main", 2)},
      {"priya-cf", minutes(8 * 60 + 20), pull_request_merged(library, 42)},
      {"maya-cf", minutes(7 * 60 + 30),
       release("maya-cf/otter-parse", "v0.3.0", "v0.3.0: errors that point at the problem")},
      {"priya-cf", minutes(6 * 60 + 45), push(library, "main", 2)},
      {"maya-cf", minutes(6 * 60), issue_opened(notes, 12, "Bring a projector adapter next time")},
      {"maya-cf", minutes(5 * 60 + 40),
       new_repository("maya-cf/otter-bench", "How fast does an otter swim?")},
      {"theo-cf", minutes(5 * 60 + 15), made_public("theo-cf/tiny-lathe")},
      {"theo-cf", minutes(5 * 60 + 5), push("theo-cf/tiny-lathe", "main", 1)},
      {"maya-cf", minutes(3 * 60 + 40), pull_request_opened(library, 43)},
      {"theo-cf", minutes(2 * 60 + 25), star("maya-cf/otter-parse")},
      {"priya-cf", minutes(95), issue_opened(library, 44, "Benchmarks: cold cache <-> warm cache")},
      {"maya-cf", minutes(50), star("theo-cf/tiny-lathe")},
  };
}

}  // namespace

const StoryMember* Story::find(std::string_view name) const {
  for (const StoryMember& member : members) {
    if (equals_ignoring_case(member.name, name)) {
      return &member;
    }
  }
  return nullptr;
}

Story tell_story(Slack& slack, GitHub& github, const Clock& clock) {
  Story story;
  std::vector<std::string> everyone;
  for (const Person& person : people) {
    everyone.push_back(slack.add_user(std::string(person.name), std::string(person.user)));
    github.add_user(person.github_id, std::string(person.login));
    story.members.push_back({.user = std::string(person.user),
                             .name = std::string(person.name),
                             .login = std::string(person.login),
                             .github_id = person.github_id,
                             .about = std::string(person.about)});
  }
  story.general_channel = slack.add_channel(
      {.id = "C0GENERAL", .name = "general", .members = everyone, .bot_is_member = true});
  story.activity_channel = slack.add_channel(
      {.id = "C0ACTIVITY", .name = "github-activity", .members = everyone, .bot_is_member = true});
  for (const Moment& moment : a_day_in_cedar_falls()) {
    github.add_event(moment.login, moment.event, clock.now() - moment.ago);
  }
  github.add_pull_request(library, 42, "Fix a typo in the README");
  github.add_pull_request(library, 43, "Parse empty headers");
  story.connecting = {story.members[0], story.members[1]};
  return story;
}

void chat_in_general(Slack& slack, const Story& story) {
  const auto says = [&](std::string_view name, std::string_view text) {
    if (const StoryMember* member = story.find(name)) {
      slack.write(member->user, story.general_channel, text);
    }
  };
  says("Ines", "Good morning, Cedar Falls! 23 people signed up for Thursday. :tada:");
  says("Maya", "otter-parse 0.3 is out. Its error messages finally point at the problem.");
  says("Theo", "My first pull request ever was merged. Thank you for the patience, Priya!");
  says("Ines",
       "We all build so much, and I hear of it by accident. Say *connect* to Busy Beaver, and "
       "#github-activity will tell all of us, once a day.");
}

}  // namespace bb::sim

#include "sim/story.hpp"

#include <doctest/doctest.h>

#include <set>

#include "sim/github_fixture.test.hpp"
#include "sim/slack_fixture.test.hpp"

namespace bb::sim {
namespace {

struct Told {
  test::GitHubFixture github;
  test::SlackFixture slack;
  Story story = tell_story(*slack.slack, *github.github, github.clock);

  std::set<std::string> kinds_of(const std::string& login) {
    std::set<std::string> kinds;
    const auto response = github.get("/users/" + login + "/events/public?per_page=100");
    const boost::json::value events = boost::json::parse(response.body);
    for (const auto& event : events.as_array()) {
      kinds.emplace(event.at("type").as_string());
    }
    return kinds;
  }
};

TEST_CASE("everyone of the story is in both channels and on GitHub") {
  Told told;
  CHECK(told.story.members.size() == 6);
  CHECK(told.story.connecting.size() == 2);
  for (const StoryMember& member : told.story.members) {
    CAPTURE(member.name);
    CHECK(told.slack.slack->find_user(member.name) == member.user);
    CHECK(told.github.get("/users/" + member.login).status == 200);
    CHECK(told.story.find(member.name) != nullptr);
  }
  CHECK(told.slack.slack->find_channel("github-activity") == told.story.activity_channel);
  CHECK(told.story.find("Mallory") == nullptr);
}

TEST_CASE("the two who connect show every kind of activity between them") {
  Told told;
  std::set<std::string> kinds = told.kinds_of(told.story.connecting[0].login);
  kinds.merge(told.kinds_of(told.story.connecting[1].login));
  CHECK((kinds == std::set<std::string>{"CreateEvent", "ForkEvent", "IssuesEvent", "PublicEvent",
                                        "PullRequestEvent", "PushEvent", "ReleaseEvent",
                                        "WatchEvent"}));
  CHECK(told.kinds_of("walt-cf").empty());
}

TEST_CASE("the channel talks before the bot does") {
  Told told;
  chat_in_general(*told.slack.slack, told.story);
  const auto messages = told.slack.slack->messages(told.story.general_channel);
  REQUIRE(messages.size() == 4);
  for (const SlackMessage& message : messages) {
    CHECK_FALSE(message.from_bot);
  }
}

}  // namespace
}  // namespace bb::sim

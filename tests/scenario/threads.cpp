// Replies in threads and messages in their plain form, on the wire to the simulated Slack.
#include <boost/json.hpp>

#include "base/json.hpp"
#include "chat/slack/render.hpp"
#include "chat/slack/web_api.hpp"
#include "tests/scenario/world.hpp"

namespace bb::tests {

TEST_CASE("a reply is posted to its thread and found there and nowhere else") {
  World world;
  const auto slack = chat::slack::make_web_api(*world.browser, world.clock, world.slack->url(),
                                               world.slack->options().bot_token);
  const std::string rendered = chat::slack::render({.fallback = "hello"});
  const chat::Place channel{.channel = {world.general}};
  const auto lead =
      slack->post({.place = channel, .rendered = rendered, .delivery = {"lead"}}).value();
  const chat::Place thread{.channel = {world.general}, .thread = lead};
  const auto reply =
      slack->post({.place = thread, .rendered = rendered, .delivery = {"reply"}}).value();
  CHECK(world.slack->replies(world.general, lead).size() == 1);
  const TimePoint since = world.clock.now();
  CHECK((slack->find_posted(thread, {"reply"}, since).value() == reply));
  CHECK_FALSE(slack->find_posted(channel, {"reply"}, since).value().has_value());
  CHECK((slack->find_posted(channel, {"lead"}, since).value() == lead));
  CHECK_FALSE(slack->find_posted(thread, {"another"}, since).value().has_value());
  const chat::Place gone{.channel = {world.general}, .thread = "1.000001"};
  CHECK_FALSE(slack->find_posted(gone, {"reply"}, since).value().has_value());
  const auto refused = slack->post({.place = gone, .rendered = rendered, .delivery = {"x"}});
  CHECK((refused.error().code == ErrorCode::not_found));
}

TEST_CASE("a summary whose blocks Slack refuses is posted as plain text") {
  World world;
  const std::string ada = world.add_member("Ada", 1001, "ada-builds");
  world.start();
  world.github->add_event("ada-builds", sim::star("fmtlib/fmt"));
  world.connect(ada, "ada-builds");
  world.slack->add_fault("chat.postMessage", sim::error_word("invalid_blocks"));
  const std::string job = world.summarise("general");
  const auto messages = world.slack->messages(world.general);
  REQUIRE(messages.size() == 1);
  CHECK(messages[0].blocks.empty());
  CHECK_FALSE(messages[0].text.empty());
  const auto arguments = json::parse(messages[0].arguments).value();
  CHECK(json::boolean(arguments, "mrkdwn") == false);
  CHECK(world.job(job).find("\"done\"") != std::string::npos);
}

}  // namespace bb::tests

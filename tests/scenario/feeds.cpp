// What accounts and blogs publish: how admins add it, and what a channel gets of it over days in
// which things go wrong.
#include <algorithm>
#include <boost/json.hpp>

#include "base/json.hpp"
#include "base/text.hpp"
#include "sim/social.hpp"
#include "tests/scenario/world.hpp"

namespace bb::tests {
namespace {

using sim::Network;
using std::chrono::hours;
using std::chrono::minutes;
using Texts = std::vector<std::string>;

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// An admin, a service, and networks and feeds of the web.
struct FeedWorld : World {
  FeedWorld() {
    olga = slack->add_user("Olga");
    slack->make_admin(olga);
    config.feed_allowed_hosts = {"127.0.0.1"};
  }

  // Says it and waits for the answer of the job.
  std::string ask(const std::string& words) {
    say(olga, words);
    settle();
    return last_answer(olga);
  }

  // "feeds ACTION ADDRESS REST" about a feed of the simulator.
  std::string ask(const std::string& action, Network network, const std::string& rest = {}) {
    return ask("feeds " + action + " " + social->address(network, "ada") + " " + rest);
  }

  void add(Network network, const std::string& settings = {}) {
    const std::string answer = ask("add", network, "<#" + general + "|general> " + settings);
    REQUIRE_MESSAGE(has(answer, "from now on"), answer);
  }

  std::string post(Network network, const sim::SocialPost& post) {
    return social->add_post(network, "ada", post);
  }
  using World::post;

  void run_for(minutes time) {
    for (const TimePoint end = clock.now() + time; clock.now() < end;) {
      clock.advance(minutes(1));
      app->tick();
      app->run_due();
    }
  }

  void restart() {
    app.reset();
    start();
  }

  // What stands in #general, in its order.
  [[nodiscard]] Texts posted() const {
    Texts texts;
    for (const sim::SlackMessage& message : slack->messages(general)) {
      texts.push_back(message.text);
    }
    return texts;
  }

  // How many of the messages in #general say it.
  [[nodiscard]] std::size_t count_of_posts(std::string_view words) const {
    const Texts texts = posted();
    return static_cast<std::size_t>(
        std::ranges::count_if(texts, [&](const std::string& text) { return has(text, words); }));
  }

  std::unique_ptr<sim::Social> social = sim::Social::start(clock, random).value();
  std::string olga;
};

}  // namespace

TEST_CASE("an admin adds a blog by its page and the channel gets what comes later") {
  FeedWorld world;
  world.start();
  world.social->add_post(Network::atom, "ada", {.text = "Long ago", .title = "An old article"});
  world.clock.advance(hours(1));
  const std::string answer =
      world.ask("feeds add " + world.social->page_address(Network::atom, "ada") + " <#" +
                world.general + "|general> delay=10m");
  CHECK(has(answer, "in #general from now on"));
  CHECK(has(answer, "with delay=10m"));
  world.run_for(hours(2));
  CHECK(world.posted().empty());
  world.post(Network::atom, {.text = "It is here", .title = "A new article"});
  world.run_for(hours(2));
  REQUIRE(world.posted().size() == 1);
  CHECK(has(world.posted()[0], "A new article"));
  const sim::SlackMessage message = world.slack->messages(world.general).at(0);
  CHECK(json::boolean(json::parse(message.arguments).value(), "unfurl_links") == true);
  CHECK(has(world.ask("feeds"), "1 feed"));
}

TEST_CASE("admins see the newest items, change settings, pause, resume and end a feed") {
  FeedWorld world;
  world.start();
  for (const char* title : {"One", "Two", "Three", "Four"}) {
    world.post(Network::rss, {.text = "Text", .title = title});
    world.clock.advance(minutes(10));
  }
  world.ask("test", Network::rss);
  const auto messages = world.slack->dm_messages(world.olga);
  REQUIRE(messages.size() == 6);  // what was said, two answers and three items
  CHECK(has(messages[3].text, "Four"));
  CHECK(has(messages[5].text, "Two"));
  CHECK(world.count("feed") == 0);

  world.add(Network::rss);
  CHECK(has(world.ask("add", Network::rss, "#general"), "that feed is in this channel already"));
  CHECK(has(world.ask("set", Network::rss, "words=c++ burst=5"), "has burst=5 words=c++ now"));
  CHECK(has(world.ask("set", Network::rss, "burst=soon"), "burst is a number from 1 to 20"));
  CHECK(has(world.ask("pause", Network::rss), "Paused: nothing of"));
  world.post(Network::rss, {.text = "About C++", .title = "Meanwhile"});
  world.run_for(hours(2));
  CHECK(has(world.ask("resume", Network::rss), "I read"));
  world.run_for(hours(2));
  world.post(Network::rss, {.text = "About C++", .title = "Afterwards"});
  world.post(Network::rss, {.text = "About Rust", .title = "Also afterwards"});
  world.run_for(hours(3));
  REQUIRE(world.posted().size() == 1);
  CHECK(has(world.posted()[0], "Afterwards"));
  CHECK(has(world.ask("remove", Network::rss), "I do not read"));
  CHECK(world.count("feed") == 0);
  CHECK(world.count("feed_item") == 0);
}

TEST_CASE("only admins choose feeds and they hear what was not understood") {
  FeedWorld world;
  const std::string ada = world.add_member("Ada", 1001, "ada-builds");
  world.start();
  CHECK(has(world.say(ada, "feeds"), "is for admins and owners"));
  CHECK(has(world.ask("feeds"), "There are no feeds yet"));
  CHECK(has(world.ask("feeds add"), "Which feed?"));
  CHECK(has(world.ask("feeds add https://example.org/blog"), "In which channel?"));
  CHECK(has(world.ask("feeds add https://example.org/blog #nowhere"), "I see no channel"));
  CHECK(has(world.ask("feeds what"), "I do not know what 'what' means"));
  CHECK(has(world.ask("feeds add nothing #general"), "I could not add nothing: "));
  CHECK(has(world.ask("feeds pause nothing"), "there is no feed 'nothing'"));
  CHECK(has(world.ask("feeds add http://169.254.169.254/latest #general"), "I could not add"));
  CHECK(world.count("feed") == 0);
}

TEST_CASE("a script runs the feeds of a channel") {
  FeedWorld world;
  world.start();
  world.add(Network::json_feed, "delay=0 spacing=7d");
  for (const char* title : {"One", "Two"}) {
    world.post(Network::json_feed, {.text = "Text", .title = title});
    world.clock.advance(hours(1));
    const http::Response response =
        world.post("/poll-twitter", R"({"channel": "general"})", world.api_headers());
    REQUIRE(response.status == 202);
    world.settle();
    const auto job = json::required_string(json::parse(response.body).value(), "data.job_id");
    CHECK(has(world.job(*job), "1 feed answered, 0 failed; 1 item posted"));
  }
  CHECK(world.posted().size() == 2);
  CHECK(world.post("/poll-twitter", R"({"channel": "general"})").status == 401);
  CHECK(world.post("/poll-twitter", "{}", world.api_headers()).status == 422);
}

TEST_CASE("two services on one database post each item once") {
  FeedWorld world;
  world.start();
  world.add(Network::rss, "burst=20");
  SeededRandom random{77};
  auto second = app::App::start(world.config, world.clock, random).value();
  for (int i = 0; i < 5; ++i) {
    world.post(Network::rss, {.text = "Text", .title = "Item " + std::to_string(i)});
  }
  for (int i = 0; i < 120; ++i) {
    world.clock.advance(minutes(1));
    second->tick();
    world.app->tick();
    second->run_due();
    world.app->run_due();
  }
  CHECK(world.posted().size() == 5);
}

}  // namespace bb::tests

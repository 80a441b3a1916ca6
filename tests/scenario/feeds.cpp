// What accounts and blogs publish: how admins add it, and what a channel gets of it over days in
// which things go wrong.
#include <algorithm>
#include <boost/json.hpp>
#include <sstream>

#include "app/feed_admin.hpp"
#include "base/json.hpp"
#include "features/feeds/sources.hpp"
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

// Of the account or feed that all is about.
std::string name_at(Network network) {
  return network == Network::bluesky ? "ada.example.org" : "ada";
}

// An admin, a service, and networks and feeds of the web.
struct FeedWorld : World {
  FeedWorld() {
    olga = slack->add_user("Olga");
    slack->make_admin(olga);
    config.feed_allowed_hosts = {"127.0.0.1"};
    config.feed_sources = {.x = {.api_url = social->x_api_url(),
                                 .consumer_key = social->options().x_consumer_key,
                                 .consumer_secret = social->options().x_consumer_secret},
                           .bluesky_api_url = social->bluesky_api_url()};
  }

  // Says it and waits for the answer of the job.
  std::string ask(const std::string& words) {
    say(olga, words);
    settle();
    return last_answer(olga);
  }

  // "feeds ACTION ADDRESS REST" about a feed of the simulator.
  std::string ask(const std::string& action, Network network, const std::string& rest = {}) {
    return ask("feeds " + action + " " + social->address(network, name_at(network)) + " " + rest);
  }

  void add(Network network, const std::string& settings = {}) {
    const std::string answer = ask("add", network, "<#" + general + "|general> " + settings);
    REQUIRE_MESSAGE(has(answer, "from now on"), answer);
  }

  std::string post(Network network, const sim::SocialPost& post) {
    return social->add_post(network, name_at(network), post);
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

  // Of the command line.
  std::string list(const app::FeedOptions& options = {});

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

// The command line, at the time of the world.
struct Terminal {
  explicit Terminal(FeedWorld& its)
      : world(its), database(storage::open(its.config.database_uri).value()) {}

  int add(const app::FeedOptions& options) {
    return app::add_feed(
        context, options,
        [&](std::string_view name) -> Result<chat::Channel> {
          return chat::Channel{.id = {world.general}, .name = std::string(name)};
        },
        out, err);
  }
  int change(const app::FeedOptions& options, feeds::Action action) {
    return app::change_feed(context, options, action, out, err);
  }

  FeedWorld& world;
  std::unique_ptr<storage::Database> database;
  SeededRandom random{7};
  crypto::Sealer sealer{Secret("0123456789abcdef"), random};
  jobs::Queue queue{*database, world.clock, random};
  jobs::Outbox outbox{*database, queue, world.clock, random, sealer};
  feeds::Sources sources = feeds::make_sources(world.config.feed_sources, world.clock, random);
  feeds::Context context{.database = *database,
                         .queue = queue,
                         .outbox = outbox,
                         .sources = sources,
                         .client = *world.browser,
                         .clock = world.clock,
                         .random = random,
                         .budget = world.config.feed_budget};
  std::ostringstream out;
  std::ostringstream err;
};

std::string FeedWorld::list(const app::FeedOptions& options) {
  Terminal terminal(*this);
  CHECK(app::list_feeds(terminal.context, options, terminal.out, terminal.err) == 0);
  return terminal.out.str() + terminal.err.str();
}

const std::vector<Network> networks = {Network::x, Network::mastodon, Network::bluesky};
const std::vector<Network> all = {Network::x,    Network::mastodon,  Network::bluesky, Network::rss,
                                  Network::atom, Network::json_feed, Network::youtube};

struct Posts {
  std::string words;
  std::vector<std::pair<Network, std::string>> ids = {};
};

struct Day : FeedWorld {
  Day() { start(); }

  // Of one network, so that they are no copies of each other.
  static std::string words(const std::string& words, Network network) {
    return words + " at " + std::to_string(static_cast<int>(network)) + ".";
  }

  Posts post_everywhere(const std::string& what, const std::vector<Network>& but = {}) {
    Posts posts{.words = what};
    for (const Network network : all) {
      if (std::ranges::find(but, network) == but.end()) {
        const bool has_titles = std::ranges::find(networks, network) == networks.end();
        posts.ids.emplace_back(network, post(network, {.text = words(what, network),
                                                       .title = has_titles ? "Article" : ""}));
      }
    }
    return posts;
  }

  void expect(const Posts& posts) {
    for (const auto& [network, id] : posts.ids) {
      expected.push_back(words(posts.words, network));
    }
  }

  std::vector<std::string> expected;
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

TEST_CASE("a day of deletions, edits, outages, restarts and copies posts exactly what it should") {
  Day day;
  for (const Network network : all) {
    day.add(network, "burst=5 spacing=5m");
  }
  day.expect(day.post_everywhere("morning"));
  day.run_for(hours(2));

  const Posts regretted = day.post_everywhere("regretted");
  day.run_for(minutes(20));
  for (const auto& [network, id] : regretted.ids) {
    day.social->delete_post(network, name_at(network), id);
  }
  const Posts mistyped = day.post_everywhere("mistpyed");
  day.run_for(minutes(20));
  for (const auto& [network, id] : mistyped.ids) {
    day.social->edit_post(network, name_at(network), id, day.words("mended", network));
    day.expected.push_back(day.words("mended", network));
  }
  day.run_for(hours(2));

  for (const Network network : networks) {
    day.post(network, {.text = "We have released version 1.0 today! #cpp",
                       .link = "https://example.org/1.0"});
    day.run_for(minutes(5));
  }
  day.expected.emplace_back("We have released version 1.0 today! #cpp");
  day.run_for(hours(2));

  day.expect(day.post_everywhere("before the outage"));
  day.run_for(minutes(20));
  for (const Network network : all) {
    day.social->set_outage(network, network == Network::youtube ? 404 : 500);
  }
  day.expect(day.post_everywhere("during the outage"));
  day.run_for(hours(3));
  day.restart();
  CHECK(day.count_of_posts("the outage") == 0);
  for (const Network network : all) {
    day.social->set_outage(network, std::nullopt);
  }
  day.run_for(hours(3));

  const Posts last_words = day.post_everywhere("last words");
  day.run_for(minutes(20));
  day.app.reset();
  day.clock.advance(hours(1));
  for (const auto& [network, id] : last_words.ids) {
    day.social->delete_post(network, name_at(network), id);
  }
  day.expect(day.post_everywhere("while the service was away"));
  day.clock.advance(hours(1));
  day.start();
  day.run_for(minutes(30));

  day.expect(day.post_everywhere("between restarts"));
  for (int i = 0; i < 20; ++i) {
    day.run_for(minutes(5));
    day.restart();
  }
  for (const Network network : networks) {
    day.post(network, {.text = "a reply", .is_reply = true});
    day.post(network, {.text = "a post #nobot"});
  }
  day.post(Network::mastodon, {.text = "a secret", .content_warning = "spoilers of a film"});
  day.expected.emplace_back("spoilers of a film");
  day.slack->add_fault("chat.postMessage", sim::server_error());
  day.social->move_feed(Network::rss, "ada", "ada-elsewhere");
  day.run_for(hours(2));
  day.expect(day.post_everywhere("evening", {Network::rss}));
  day.social->add_post(Network::rss, "ada-elsewhere", {.text = "in a new place", .title = "News"});
  day.expected.emplace_back("in a new place");
  day.run_for(hours(5));

  for (const std::string& words : day.expected) {
    CAPTURE(words);
    CHECK(day.count_of_posts(words) == 1);
  }
  for (const char* words :
       {"regretted", "mistpyed", "last words", "a reply", "nobot", "a secret"}) {
    CAPTURE(words);
    CHECK(day.count_of_posts(words) == 0);
  }
  CHECK(day.posted().size() == day.expected.size());
}

TEST_CASE("the variables set a feed of X that people cannot change") {
  FeedWorld world;
  world.config.environment_feed = app::EnvironmentFeed{.username = "ada", .channel = "#general"};
  world.post(Network::x, {.text = "Before"});
  world.start();
  world.settle();
  CHECK(has(world.list(), "added by TWITTER_USERNAME\n"));
  for (const char* action : {"pause", "remove", "set"}) {
    CHECK(has(world.ask(action, Network::x, "burst=3"),
              "this feed is set by TWITTER_USERNAME and TWITTER_CHANNEL (ada in #general)"));
  }
  world.post(Network::x, {.text = "Hello"});
  world.run_for(hours(1));
  CHECK(world.count_of_posts("Hello") == 1);

  const std::int64_t reads = world.social->x_user_reads();
  world.restart();
  world.settle();
  CHECK(world.social->x_user_reads() == reads);  // its name is known
  world.config.environment_feed.reset();
  world.restart();
  world.settle();
  CHECK(world.count("feed") == 0);
}

TEST_CASE("when the money for X is used up its feeds rest and the list says why") {
  FeedWorld world;
  world.config.feed_budget = {{"x", 6}};  // two of them for the name
  world.start();
  world.add(Network::x);
  for (int i = 0; i < 4; ++i) {
    world.post(Network::x, {.text = "Post " + std::to_string(i)});
    world.run_for(hours(2));
  }
  CHECK(world.posted().size() == 2);
  CHECK(world.social->x_post_reads() <= 4);
  CHECK(has(world.list(), "the budget of this month is used up: 6 of 6 posts were read"));
  CHECK(has(world.list(), "x: 6 of 6 paid reads used this month"));
}

TEST_CASE("whoever has a name of X resolved, it counts") {
  FeedWorld world;
  world.config.feed_budget = {{"x", 1000}};
  world.config.environment_feed = app::EnvironmentFeed{.username = "ada", .channel = "#general"};
  for (const char* name : {"ada", "ben", "cleo", "dan"}) {
    REQUIRE(world.social->address(Network::x, name) == "@" + std::string(name));
  }
  world.start();
  world.settle();
  CHECK(has(world.list(), "x: 2 of 1000 paid reads"));
  Terminal terminal(world);
  CHECK(terminal.add({.feed = "@ben", .channel = "general"}) == 0);
  CHECK(has(world.list(), "x: 4 of 1000 paid reads"));
  CHECK(terminal.add({.feed = "@ben", .channel = "general"}) == 1);
  CHECK(has(world.list(), "x: 4 of 1000 paid reads"));  // as we have it already
  CHECK(app::test_feed(terminal.context, {.feed = "@cleo"}, terminal.out, terminal.err) == 0);
  world.ask("feeds test @dan");
  CHECK(has(world.list(), "x: 8 of 1000 paid reads"));
  CHECK(world.social->x_user_reads() == 4);
}

TEST_CASE("the command line does what the words of admins do") {
  FeedWorld world;
  world.start();
  world.post(Network::rss, {.text = "Text", .title = "What was there"});
  const std::string blog = world.social->address(Network::rss, "ada");
  Terminal terminal(world);
  CHECK(terminal.add({.feed = blog, .channel = "general", .settings = {"delay=0", "newest=1"}}) ==
        0);
  CHECK(has(terminal.out.str(), "in #general: not read yet\n  delay=0; added by the command line"));
  CHECK(terminal.add({.feed = blog, .channel = "general"}) == 1);
  CHECK(has(terminal.err.str(), "that feed is in this channel already"));
  CHECK(terminal.add({.feed = blog, .channel = "general", .settings = {"delay=soon"}}) == 2);
  world.run_for(hours(1));
  CHECK(world.count_of_posts("What was there") == 1);
  CHECK(app::test_feed(terminal.context, {.feed = blog}, terminal.out, terminal.err) == 0);
  CHECK(has(terminal.out.str(), "What was there"));
  CHECK(terminal.change({.feed = blog, .settings = {"burst=2"}}, feeds::Action::set) == 0);
  CHECK(terminal.change({.feed = blog, .channel = "#general"}, feeds::Action::pause) == 0);
  CHECK(has(world.list(), "in #general: paused\n  delay=0 burst=2; last post at 2026-11-20"));
  CHECK(terminal.change({.feed = blog}, feeds::Action::remove) == 0);
  CHECK(terminal.change({.feed = blog}, feeds::Action::remove) == 1);
  CHECK(has(world.list(), "There are no feeds yet"));
}

TEST_CASE("whoever added a feed hears once that it fails for a day or is gone") {
  FeedWorld world;
  world.start();
  world.add(Network::atom);
  world.social->set_outage(Network::atom, 404);
  world.run_for(hours(48));
  CHECK(has(world.last_answer(world.olga), "For a day I could not read"));
  CHECK(has(world.list(), "failing since 2026-11-20"));
  const std::size_t answers = world.slack->dm_messages(world.olga).size();
  world.social->set_outage(Network::atom, std::nullopt);
  world.run_for(hours(12));
  CHECK(has(world.list(), "works again since 2026-11-2"));
  CHECK(world.slack->dm_messages(world.olga).size() == answers);
  world.social->end_feed(Network::atom, "ada");
  world.run_for(hours(48));
  CHECK(has(world.last_answer(world.olga), "gone for good"));
  CHECK(world.slack->dm_messages(world.olga).size() == answers + 1);
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

TEST_CASE("a script lists feeds as JSON") {
  FeedWorld world;
  world.start();
  CHECK(world.list({.json = true}) == "[]\n");
  world.add(Network::rss, "delay=2h");
  world.run_for(minutes(5));
  world.social->set_outage(Network::rss, 503);
  world.run_for(hours(2));
  const auto feeds = json::parse(world.list({.json = true})).value();
  REQUIRE(feeds.as_array().size() == 1);
  const boost::json::value& feed = feeds.as_array()[0];
  CHECK(json::string(feed, "source") == "rss");
  CHECK(json::string(feed, "address") == world.social->address(Network::rss, "ada"));
  CHECK(json::string(feed, "channel") == world.general);
  CHECK(json::string(feed, "added_by") == world.olga);
  CHECK(json::string(feed, "state") == "failing");
  CHECK(has(json::string(feed, "error").value_or(""), "503"));
  CHECK(json::string(feed, "settings.delay") == "2h");
  CHECK(json::string(feed, "settings.burst") == "1");
  CHECK(has(json::string(feed, "read_at").value_or(""), "2026-11-20T"));
  CHECK(feed.at("posted_at").is_null());
}

}  // namespace bb::tests

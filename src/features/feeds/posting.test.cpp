#include "features/feeds/posting.hpp"

#include "features/feeds/world.test.hpp"

namespace bb::feeds {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using Texts = std::vector<std::string>;

const std::string ada = "x:ada";
const std::string ada_elsewhere = "mastodon:ada";

std::string shown(const std::string& id, const std::string& text = {}) {
  return "Ada: " + (text.empty() ? "text of " + id : text) + " https://example.org/" + id;
}

}  // namespace

TEST_CASE("a new feed posts nothing old and what comes later half an hour after publication") {
  World world;
  (*world.x)[ada].items = {world.item("old")};
  world.add(ada);
  world.run_for(hours(2));
  CHECK(world.messages().empty());
  CHECK(world.state_of("old") == "left_out: was there before");
  (*world.x)[ada].items.push_back(world.item("new"));
  world.run_for(minutes(29));
  CHECK(world.messages().empty());
  world.run_for(minutes(2));
  CHECK((world.messages() == Texts{shown("new")}));
  world.run_for(hours(5));
  CHECK(world.messages().size() == 1);
}

TEST_CASE("a new feed posts the newest ones if that is asked for") {
  World world;
  FakeFeed& feed = (*world.x)[ada];
  for (const char* id : {"1", "2", "3"}) {
    feed.items.insert(feed.items.begin(), world.item(id));
    world.clock.advance(minutes(50));
  }
  world.add(ada, {}, 2);
  world.run_for(hours(1));
  CHECK((world.messages() == Texts{shown("2"), shown("3")}));
}

TEST_CASE("a deleted post is not posted and an edited one says what it says now") {
  World world;
  world.add(ada);
  world.work();
  FakeFeed& feed = (*world.x)[ada];
  feed.items = {world.item("regretted"), world.item("mended", "tpyo")};
  world.run_for(minutes(20));
  CHECK(world.rows("SELECT 1 FROM feed_item WHERE state = 'waiting'").size() == 2);
  feed.items = {world.item("mended", "typo")};
  world.run_for(hours(1));
  CHECK((world.messages() == Texts{shown("mended", "typo")}));
  CHECK(world.state_of("regretted") == "deleted");
  CHECK(world.rows("SELECT 1 FROM feed_item WHERE item <> ''").empty());
}

TEST_CASE("an edit can make an item unwanted") {
  World world;
  world.add(ada);
  world.work();
  FakeFeed& feed = (*world.x)[ada];
  feed.items = {world.item("1")};
  world.run_for(minutes(20));
  feed.items[0].text = "not for channels #NoBot";
  world.run_for(hours(1));
  CHECK(world.messages().empty());
  CHECK(world.state_of("1") == "left_out: has the word #nobot");
}

TEST_CASE("one item per run is posted by default, the oldest first") {
  World world;
  world.add(ada);
  world.work();
  FakeFeed& feed = (*world.x)[ada];
  for (const char* id : {"1", "2", "3"}) {
    feed.items.insert(feed.items.begin(), world.item(id));
    world.clock.advance(minutes(1));
  }
  world.clock.advance(minutes(40));
  world.work();
  CHECK((world.messages() == Texts{shown("1")}));
  world.run_for(minutes(14));
  CHECK(world.messages().size() == 1);
  world.run_for(minutes(1));
  CHECK((world.messages() == Texts{shown("1"), shown("2")}));
  world.run_for(minutes(15));
  CHECK((world.messages() == Texts{shown("1"), shown("2"), shown("3")}));
}

TEST_CASE("a burst posts several items in one run") {
  World world;
  world.add(ada, {.burst = 2});
  world.work();
  for (const char* id : {"1", "2", "3"}) {
    (*world.x)[ada].items.push_back(world.item(id));
  }
  world.clock.advance(minutes(40));
  world.work();
  CHECK(world.messages().size() == 2);
}

TEST_CASE("the same text in two networks within an hour is posted once with both links") {
  World world;
  world.add(ada);
  world.add(ada_elsewhere);
  world.work();
  (*world.x)[ada].items = {world.item("on-x", "We have released the tool 1.0! https://t.co/abc")};
  world.clock.advance(minutes(40));
  (*world.mastodon)[ada_elsewhere].items = {
      world.item("on-mastodon", "We have released the tool 1.0!\nhttps://example.org/releases")};
  world.clock.advance(minutes(-20));
  world.work();
  world.run_for(hours(2));
  REQUIRE(world.messages().size() == 1);
  CHECK(world.state_of("on-x") == "posted");
  CHECK(world.state_of("on-mastodon") == "duplicate");
}

TEST_CASE("a copy that comes after the post is not posted") {
  World world;
  world.add(ada);
  world.add(ada_elsewhere);
  world.work();
  const Item copy = world.item("copy", "the same words at both places");
  (*world.x)[ada].items = {world.item("first", "the same words at both places")};
  (*world.mastodon)[ada_elsewhere].error = Error{ErrorCode::unavailable, "down"};
  world.run_for(hours(2));
  CHECK(world.state_of("first") == "posted");
  (*world.mastodon)[ada_elsewhere] = {.items = {copy}};
  world.run_for(hours(6));
  CHECK(world.messages().size() == 1);
  CHECK(world.state_of("copy") == "duplicate");
}

TEST_CASE("the same text an hour apart or on one network is two posts") {
  World world;
  world.add(ada);
  world.add("x:ben");
  world.add(ada_elsewhere);
  world.work();
  (*world.x)[ada].items = {world.item("1", "Good morning to all of you")};
  (*world.x)["x:ben"].items = {world.item("2", "Good morning to all of you")};
  world.run_for(minutes(61));
  (*world.mastodon)[ada_elsewhere].items = {world.item("3", "Good morning to all of you")};
  world.run_for(hours(2));
  CHECK(world.messages().size() == 3);
}

TEST_CASE("while an item cannot be looked up it waits and those behind it too") {
  World world;
  world.add(ada);
  world.work();
  FakeFeed& feed = (*world.x)[ada];
  feed.items = {world.item("1"), world.item("2")};
  world.run_for(minutes(20));
  feed.error = Error{ErrorCode::unavailable, "down"};
  world.run_for(hours(72));
  CHECK(world.messages().empty());
  feed.error.reset();
  world.run_for(hours(7));
  CHECK((world.messages() == Texts{shown("1"), shown("2")}));
}

TEST_CASE("an item waits for as long as its feed refuses to answer or answers nonsense") {
  for (const ErrorCode code :
       {ErrorCode::unauthorized, ErrorCode::forbidden, ErrorCode::bad_response}) {
    World world;
    world.add(ada);
    world.work();
    (*world.x)[ada].items = {world.item("1")};
    world.run_for(minutes(20));
    (*world.x)[ada].error = Error{code, "not for you"};
    world.run_for(hours(60));
    CHECK(world.state_of("1") == "waiting");
    (*world.x)[ada].error.reset();
    world.run_for(hours(7));
    CHECK(world.state_of("1") == "posted");
  }
}

TEST_CASE("a feed that fails is not asked more often because an item waits") {
  World world;
  world.add(ada);
  world.work();
  FakeFeed& feed = (*world.x)[ada];
  feed.items = {world.item("1")};
  world.run_for(minutes(20));
  feed.error = Error{ErrorCode::unavailable, "down"};
  world.run_for(hours(72));
  CHECK(feed.lookups < 25);
  feed.error = Error{ErrorCode::rate_limited, "429", hours(20)};
  world.run_for(hours(7));
  const std::size_t lookups = feed.lookups;
  CHECK(world.posting.post_channel({"W1"}, {"C1"}) == PostCounts{});
  CHECK(feed.lookups == lookups);
}

TEST_CASE("an item that is not understood for a day is given up if its feed is") {
  World world;
  world.add(ada);
  world.work();
  (*world.x)[ada].items = {world.item("1")};
  world.run_for(minutes(20));
  (*world.x)[ada].lookup_error = Error{ErrorCode::bad_response, "not JSON"};
  world.run_for(hours(23));
  CHECK(world.state_of("1") == "waiting");
  world.run_for(hours(2));
  CHECK(world.state_of("1") == "left_out: could not be looked up: not JSON");
}

TEST_CASE("a pause holds up to the very moment of posting and nothing is made up for") {
  World world;
  const Feed feed = world.add(ada);
  world.work();
  (*world.x)[ada].items = {world.item("1")};
  world.run_for(minutes(20));
  world.database->write(
      [&](storage::Connection& connection) { REQUIRE(pause_feed(connection, feed)); });
  (*world.x)[ada].items.push_back(world.item("2"));
  world.run_for(hours(2));
  world.database->write([&](storage::Connection& connection) {
    REQUIRE(resume_feed(connection, feed, world.clock.now()));
  });
  world.run_for(hours(1));
  CHECK(world.messages().empty());
  (*world.x)[ada].items.push_back(world.item("3"));
  world.run_for(hours(1));
  CHECK((world.messages() == Texts{shown("3")}));
}

TEST_CASE("an old item that a full feed lists late is not new") {
  World world;
  FakeFeed& feed = (*world.rss)["rss:blog"];
  const Item archived = world.item("archived");
  world.clock.advance(hours(24 * 30));
  const Item listed = world.item("listed");
  feed.items = {listed};
  world.clock.advance(hours(30));
  world.add("rss:blog");
  world.work();
  feed.items = {archived};
  world.run_for(hours(3));
  CHECK(world.messages().empty());
  CHECK(world.state_of("archived") == "left_out: was there before");
}

TEST_CASE("an item dated with the day on which its feed was added is new") {
  World world;
  world.add("rss:blog");
  world.work();
  Item item = world.item("today");
  item.published_at = std::chrono::floor<std::chrono::days>(world.clock.now());
  (*world.rss)["rss:blog"].items = {item};
  world.run_for(hours(3));
  CHECK(world.state_of("today") == "posted");
}

TEST_CASE("a source that goes through all since the pause makes up for none of it") {
  World world;
  const Feed feed = world.add(ada);
  (*world.x)[ada].position = {.newest = "1"};
  world.work();
  world.database->write(
      [&](storage::Connection& connection) { REQUIRE(pause_feed(connection, feed)); });
  const Item first = world.item("first page");
  const Item second = world.item("second page");
  world.clock.advance(hours(48));
  world.database->write([&](storage::Connection& connection) {
    REQUIRE(resume_feed(connection, feed, world.clock.now()));
  });
  CHECK(world.feed(ada).position.newest.empty());
  (*world.x)[ada].items = {first};
  world.work();
  (*world.x)[ada].items = {second};
  world.run_for(hours(2));
  CHECK(world.messages().empty());
}

TEST_CASE("a paused feed that becomes the environment's makes up for nothing") {
  World world;
  const Feed feed = world.add(ada);
  world.work();
  world.database->write([&](storage::Connection& connection) {
    REQUIRE(pause_feed(connection, feed));
    set_variable(connection, feed, "ada in general", world.clock.now());
  });
  (*world.x)[ada].items = {world.item("1")};
  world.run_for(hours(2));
  CHECK(world.state_of("1") == "left_out: was there before");
}

TEST_CASE("items without dates are posted in the order of their feed, the oldest first") {
  World world;
  world.add(ada, {.burst = 3});
  world.work();
  for (const char* id : {"post-10", "post-9", "post-1"}) {
    Item item = world.item(id);
    item.published_at.reset();
    (*world.x)[ada].items.push_back(item);
  }
  world.run_for(hours(1));
  CHECK((world.messages() == Texts{shown("post-1"), shown("post-9"), shown("post-10")}));
}

TEST_CASE("of a flood of items the newest wait and the rest is left out") {
  World world;
  world.add(ada);
  world.work();
  for (int i = 0; i < 600; ++i) {
    Item item = world.item(std::to_string(i));
    item.published_at.reset();
    (*world.x)[ada].items.push_back(item);
  }
  world.run_for(minutes(20));
  CHECK(world.rows("SELECT 1 FROM feed_item").size() == 500);
  CHECK(world.rows("SELECT 1 FROM feed_item WHERE state = 'waiting'").size() == 200);
  CHECK(world.state_of("199") == "waiting");
  CHECK(world.state_of("200") == "left_out: too many are waiting");
}

TEST_CASE("a channel's run does not wait for the spacing but for the delay") {
  World world;
  world.add(ada);
  world.work();
  (*world.x)[ada].items = {world.item("1"), world.item("2")};
  world.run_for(minutes(29));
  CHECK(world.posting.post_channel({"W1"}, {"C1"}) == PostCounts{});
  world.run_for(minutes(1));
  CHECK(world.messages().size() == 1);
  CHECK(world.posting.post_channel({"W1"}, {"C1"}) == PostCounts{.posted = 1});
}

TEST_CASE("what is looked up while the service stops is looked up again after the start") {
  World world;
  world.add(ada, {.delay = minutes(0)});
  world.work();
  (*world.x)[ada].items = {world.item("1")};
  world.clock.advance(minutes(20));
  world.polling.poll_channel({"W1"}, {"C1"});
  // A page that could not be asked any more says as much as one that is there.
  world.client.stopped = true;
  CHECK(world.posting.post_channel({"W1"}, {"C1"}) == PostCounts{.delayed = 1});
  CHECK(world.state_of("1") == "waiting");
  world.client.stopped = false;
  world.work();
  CHECK(world.state_of("1") == "posted");
}

}  // namespace bb::feeds

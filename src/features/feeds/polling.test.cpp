#include "features/feeds/polling.hpp"

#include <algorithm>

#include "features/feeds/world.test.hpp"

namespace bb::feeds {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

const std::string ada = "x:ada";
const std::string blog = "rss:blog";

const Error down = {ErrorCode::unavailable, "503"};

}  // namespace

TEST_CASE("networks are asked every quarter of an hour or so and feeds of the web every hour") {
  World world;
  world.add(ada);
  world.add(blog);
  world.run_for(hours(12));
  CHECK((*world.x)[ada].fetches >= 40);
  CHECK((*world.x)[ada].fetches <= 49);
  CHECK((*world.rss)[blog].fetches >= 10);
  CHECK((*world.rss)[blog].fetches <= 13);
}

TEST_CASE("an item is itself however its feed orders, dates and words it") {
  World world;
  world.add(blog);
  world.work();
  FakeFeed& feed = (*world.rss)[blog];
  feed.items = {world.item("1"), world.item("2")};
  world.run_for(hours(4));
  CHECK(world.messages().size() == 2);
  std::ranges::reverse(feed.items);
  for (Item& item : feed.items) {
    item.published_at = world.clock.now();
    item.text += " again";
    item.url += "?utm_source=feed";
  }
  feed.moved_to = "rss:blog/at/a/new/address";
  (*world.rss)[feed.moved_to] = feed;
  (*world.rss)[feed.moved_to].moved_to.clear();
  world.run_for(hours(12));
  CHECK(world.messages().size() == 2);
  const Feed moved = world.feed("rss:blog/at/a/new/address");
  CHECK(moved.moved_at);
  CHECK((*world.rss)[moved.target.address].fetches > 5);
}

TEST_CASE("a feed that moves to the address of another one of its channel stays where it is") {
  World world;
  world.add(blog);
  world.add("rss:other");
  (*world.rss)[blog].moved_to = "rss:other";
  world.run_for(hours(3));
  CHECK(world.feed(blog).error.empty());
  CHECK(world.feed("rss:other").failures == 0);
}

TEST_CASE("a feed that fails is asked ever more rarely, never given up, and told of once") {
  World world;
  world.add(ada);
  world.add("x:ben");
  world.work();
  for (const Error& error : {down, Error{ErrorCode::not_found, "404"}}) {
    (*world.x)[ada] = {.error = error};
    world.run_for(hours(23));
    CHECK(world.messages("person").empty());
    world.run_for(hours(72));
    REQUIRE(world.messages("person").size() == 1);
    CHECK(world.messages("person")[0].find("x:ada) in #general: " + error.message) !=
          std::string::npos);
    CHECK((*world.x)[ada].fetches < 35);
    CHECK(world.feed(ada).state == FeedState::active);
    CHECK(world.feed("x:ben").failures == 0);

    (*world.x)[ada] = {};
    world.run_for(hours(7));
    CHECK(world.feed(ada).failures == 0);
    CHECK(world.feed(ada).recovered_at);
    world.database->write(
        [](storage::Connection& connection) { connection.execute("DELETE FROM delivery"); });
  }
}

TEST_CASE("a source that wants to be left alone is, also when somebody asks for a run") {
  World world;
  world.add(ada);
  (*world.x)[ada].wait = hours(5);
  world.work();
  world.polling.poll_channel({"W1"}, {"C1"});
  world.run_for(hours(4));
  CHECK((*world.x)[ada].fetches == 1);
  (*world.x)[ada].wait.reset();
  (*world.x)[ada].error = Error{ErrorCode::rate_limited, "429", hours(10)};
  world.run_for(hours(2));
  world.polling.poll_channel({"W1"}, {"C1"});
  world.run_for(hours(8));
  CHECK((*world.x)[ada].fetches == 2);
}

TEST_CASE("a feed that is gone for good ends with a notice and can be looked at again") {
  World world;
  world.add(ada);
  world.work();
  (*world.x)[ada].items = {world.item("1")};
  world.run_for(minutes(20));
  (*world.x)[ada].is_gone = true;
  world.run_for(hours(30));
  CHECK(world.feed(ada).state == FeedState::gone);
  CHECK(world.messages("person").size() == 1);
  CHECK(world.messages().empty() != (world.state_of("1") == "posted"));
  const std::size_t fetches = (*world.x)[ada].fetches;
  (*world.x)[ada].is_gone = false;
  world.run_for(hours(30));
  CHECK((*world.x)[ada].fetches == fetches);
  const Feed gone = world.feed(ada);
  world.database->write([&](storage::Connection& connection) {
    REQUIRE(resume_feed(connection, gone, world.clock.now()));
  });
  world.work();
  CHECK((*world.x)[ada].fetches == fetches + 1);
}

TEST_CASE("a month's budget for paid reads is kept and the next month goes on") {
  World world;
  world.context.budget = {{"x", 5}};
  world.add(ada);
  world.work();
  FakeFeed& feed = (*world.x)[ada];
  feed.items = {world.item("1")};
  feed.billed = 2;
  world.run_for(hours(24));
  CHECK(feed.fetches == 3);  // 0 reads, 2 and one more before posting, 2
  CHECK(world.messages().size() == 1);
  CHECK(world.feed(ada).error ==
        "the budget of this month is used up: 5 of 5 posts were read; see X_MONTHLY_BUDGET_USD");
  world.clock.advance(hours(24 * 11));
  world.work();
  CHECK(world.feed(ada).error.empty());
}

TEST_CASE("a budget that is used up is looked at every hour and holds up no item that waits") {
  World world;
  world.context.budget = {{"x", 4}};
  world.add(ada, {.delay = hours(1), .spacing = minutes(0)});
  world.work();
  FakeFeed& feed = (*world.x)[ada];
  feed.items = {world.item("1"), world.item("2")};
  feed.billed = 2;
  world.run_for(minutes(59));
  CHECK(world.messages().empty());
  CHECK_FALSE(world.feed(ada).error.empty());
  world.run_for(minutes(3));
  CHECK(world.messages().size() == 2);
  const auto failures = world.feed(ada).failures;
  world.run_for(hours(24));
  CHECK(world.feed(ada).failures >= failures + 23);
  world.context.budget = {{"x", 100}};
  world.run_for(hours(1));
  CHECK(world.feed(ada).error.empty());
}

TEST_CASE("a budget that is used up does not undo what a source asked for") {
  World world;
  world.context.budget = {{"x", 1}};
  world.add(ada);
  (*world.x)[ada].billed = 1;
  (*world.x)[ada].wait = hours(5);
  world.work();
  world.database->write([](storage::Connection& connection) {
    connection.execute("UPDATE feed SET next_poll_at = 0");
  });
  world.work();
  CHECK_FALSE(world.feed(ada).error.empty());
  world.context.budget.clear();
  world.polling.poll_channel({"W1"}, {"C1"});
  CHECK((*world.x)[ada].fetches == 1);
}

TEST_CASE("polls of one round do not read more together than what is left of a budget") {
  World world;
  world.context.budget = {{"x", 150}};
  const std::vector<std::string> feeds = {"x:1", "x:2", "x:3", "x:4"};
  for (const std::string& feed : feeds) {
    world.add(feed);
    (*world.x)[feed].billed = 100;
  }
  for (std::size_t round = 0; round < feeds.size(); ++round) {
    world.work();
  }
  const auto fetched = std::ranges::count_if(
      feeds, [&](const std::string& feed) { return (*world.x)[feed].fetches == 1; });
  CHECK(fetched == 2);
  world.database->read([&](storage::Connection& connection) {
    CHECK(paid_reads(connection, "x", world.clock.now()) == 200);
  });
  const auto refused = std::ranges::count_if(
      feeds, [&](const std::string& feed) { return world.feed(feed).failures == 1; });
  CHECK(refused == 2);
}

TEST_CASE("requests that the end of the service breaks off are no failures") {
  World world;
  world.add(ada);
  (*world.x)[ada].error = down;
  world.client.stop();
  world.work();
  CHECK(world.feed(ada).failures == 0);
  CHECK(world.feed(ada).next_poll_at <= world.clock.now());
}

TEST_CASE("an answer to a feed that was removed or paused meanwhile changes nothing") {
  World world;
  const Feed feed = world.add(ada);
  world.database->write([&](storage::Connection& connection) {
    const auto claimed = claim_polls(
        connection, {.now = world.clock.now(), .until = world.clock.now() + minutes(5), .most = 9});
    REQUIRE(claimed.size() == 1);
    REQUIRE(pause_feed(connection, feed));
    CHECK_FALSE(store_answer(connection, claimed[0],
                             {.items = {world.item("1")}, .target = {}, .position = {}},
                             world.clock.now(), world.random)
                    .is_claimed);
  });
  CHECK(world.rows("SELECT 1 FROM feed_item").empty());
}

TEST_CASE("what a feed has not listed for long is forgotten unless it has listed nothing") {
  World world;
  world.add(ada);
  FakeFeed& feed = (*world.x)[ada];
  feed.items = {world.item("1"), world.item("2")};
  world.work();
  const auto clean = [&] {
    return world.database->write(
        [](storage::Connection& connection) { return clean_items(connection, hours(90 * 24)); });
  };
  feed.is_unchanged = true;
  world.clock.advance(hours(100 * 24));
  world.work();
  CHECK(clean() == 0);
  feed.is_unchanged = false;
  feed.items.pop_back();
  world.clock.advance(hours(1));
  world.work();
  CHECK(clean() == 1);
  CHECK(world.state_of("1") == "left_out: was there before");
}

}  // namespace bb::feeds

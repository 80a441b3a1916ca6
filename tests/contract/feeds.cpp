// What feeds promise, whatever the database and whoever else works on it.
#include <functional>
#include <set>
#include <thread>

#include "features/feeds/paid_reads.hpp"
#include "features/feeds/world.test.hpp"
#include "tests/databases/fresh_database.hpp"

namespace bb::feeds {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

const std::string ada = "x:ada";
const std::string ada_elsewhere = "mastodon:ada";
const std::string blog = "rss:blog";

template <class Test>
void on_every_database(Test test) {
  for (const tests::DatabaseKind& kind : tests::database_kinds()) {
    CAPTURE(std::string(kind.name));
    const auto fresh = kind.make();
    World world(fresh->open());
    test(world, *fresh);
  }
}

// Another process at the same database, with a clock of its own.
struct Instance {
  explicit Instance(World& world, tests::FreshDatabase& fresh, std::uint64_t seed)
      : database(fresh.open()),
        random(seed),
        clock(world.clock.now()),
        sealer(world.sealer),
        context{.database = *database,
                .queue = queue,
                .outbox = outbox,
                .sources = world.sources,
                .client = client,
                .clock = clock,
                .random = random,
                .render = &fallback_of} {}

  void poll_due() {
    Polling polling(context);
    CHECK(run_kind(polling.job().kind(), clock));
  }
  void poll() { Polling(context).poll_channel({"W1"}, {"C1"}); }
  void post() { Posting(context).post_channel({"W1"}, {"C1"}); }

  std::unique_ptr<storage::Database> database;
  SeededRandom random;
  VirtualClock clock;
  crypto::Sealer& sealer;
  jobs::Queue queue{*database, clock, random};
  jobs::Outbox outbox{*database, queue, clock, random, sealer};
  NoNetwork client;
  Context context;
};

// Three of them at the same time.
void run_instances(World& world, tests::FreshDatabase& fresh,
                   const std::function<void(Instance&)>& work) {
  std::vector<std::jthread> instances;
  for (std::uint64_t i = 0; i < 3; ++i) {
    instances.emplace_back([&world, &fresh, &work, i] {
      Instance instance(world, fresh, i);
      work(instance);
    });
  }
}

}  // namespace

TEST_CASE("a channel has a feed once, and people find it by its name or address") {
  on_every_database([](World& world, tests::FreshDatabase&) {
    const Feed feed = world.add(ada, {.delay = hours(1)}, 3);
    CHECK(feed.backlog == 3);
    world.database->write([&](storage::Connection& connection) {
      const auto again = add_feed(connection,
                                  {.workspace = {"W1"},
                                   .channel = {"C1"},
                                   .channel_name = "general",
                                   .target = feed.target},
                                  world.clock, world.random);
      REQUIRE_FALSE(again);
      CHECK(again.error().code == ErrorCode::conflict);
      REQUIRE(add_feed(
          connection,
          {.workspace = {"W1"}, .channel = {"C2"}, .channel_name = "random", .target = feed.target},
          world.clock, world.random));
    });
    const auto find = [&](const std::optional<ChannelId>& channel, std::string_view words) {
      const auto found = world.database->read([&](storage::Connection& connection) {
        return find_feed(connection, {"W1"}, channel, words);
      });
      return found ? found->channel.value : std::string(to_string(found.error().code));
    };
    CHECK(find(ChannelId{"C1"}, "X:Ada/") == "C1");
    CHECK(find(ChannelId{"C2"}, "ada") == "C2");
    CHECK(find(std::nullopt, ada) == "conflict");
    CHECK(find(std::nullopt, "ben") == "not_found");
  });
}

TEST_CASE("what is published, deleted, edited and copied is posted once as it should be") {
  on_every_database([](World& world, tests::FreshDatabase&) {
    world.add(ada);
    world.add(ada_elsewhere);
    world.work();
    (*world.x)[ada].items = {world.item("1", "The same words at both places"), world.item("2"),
                             world.item("3")};
    (*world.mastodon)[ada_elsewhere].items = {world.item("4", "the same words at both places!")};
    world.clock.advance(minutes(20));
    world.work();
    (*world.x)[ada].items.pop_back();
    (*world.x)[ada].items[1].text = "edited";
    for (int i = 0; i < 30; ++i) {
      world.clock.advance(minutes(5));
      world.work();
    }
    CHECK(world.messages().size() == 2);
    CHECK(world.state_of("2") == "posted");
    CHECK(world.state_of("3") == "deleted");
    const bool is_first = world.state_of("1") == "posted";
    CHECK(world.state_of(is_first ? "4" : "1") == "duplicate");
  });
}

TEST_CASE("several instances post every item once") {
  on_every_database([](World& world, tests::FreshDatabase& fresh) {
    world.add(ada, {.burst = 20});
    world.work();
    FakeFeed& feed = (*world.x)[ada];
    for (int i = 0; i < 20; ++i) {
      feed.items.push_back(world.item(std::to_string(i)));
    }
    world.clock.advance(minutes(20));
    world.work();
    world.clock.advance(minutes(20));
    run_instances(world, fresh, [](Instance& instance) { instance.post(); });
    CHECK(world.messages().size() == 20);
  });
}

TEST_CASE("several instances that read the same feeds at the same time post every item once") {
  on_every_database([](World& world, tests::FreshDatabase& fresh) {
    constexpr int item_count = 12;
    const FeedSettings at_once = {.delay = minutes(0), .spacing = minutes(0), .burst = item_count};
    for (const std::string& address : {ada, ada_elsewhere, blog}) {
      world.add(address, at_once);
    }
    world.work();
    world.clock.advance(minutes(1));
    for (int i = 0; i < item_count; ++i) {
      const std::string number = std::to_string(i);
      const std::string copied = "The same words at both places, number " + number;
      (*world.x)[ada].items.push_back(world.item("x" + number, copied));
      (*world.mastodon)[ada_elsewhere].items.push_back(world.item("m" + number, copied));
      (*world.rss)[blog].items.push_back(world.item("r" + number));
    }
    world.clock.advance(hours(2));
    run_instances(world, fresh, [](Instance& instance) {
      for (int i = 0; i < 4; ++i) {
        instance.poll_due();
        instance.poll();
        instance.post();
        instance.clock.advance(minutes(5));
      }
    });
    world.clock.advance(hours(1));
    world.work();
    const std::vector<std::string> messages = world.messages();
    CHECK(std::set<std::string>(messages.begin(), messages.end()).size() == messages.size());
    CHECK(messages.size() == 2 * item_count);
    CHECK(world.rows("SELECT 1 FROM feed_item WHERE state = 'posted'").size() == 2 * item_count);
    CHECK(world.rows("SELECT 1 FROM feed_item WHERE state = 'duplicate'").size() == item_count);
  });
}

TEST_CASE("paid reads are counted by source and month") {
  on_every_database([](World& world, tests::FreshDatabase&) {
    const TimePoint now = world.clock.now();
    world.database->write([&](storage::Connection& connection) {
      count_paid_reads(connection, "x", 5, now);
      count_paid_reads(connection, "x", 2, now + hours(1));
      count_paid_reads(connection, "x", 1, now + hours(24 * 20));
      CHECK(paid_reads(connection, "x", now) == 7);
      CHECK(paid_reads(connection, "x", now + hours(24 * 20)) == 1);
      CHECK(paid_reads(connection, "other", now) == 0);
      clean_paid_reads(connection, now + hours(24 * 20));
      CHECK(paid_reads(connection, "x", now) == 0);
      CHECK(paid_reads(connection, "x", now + hours(24 * 20)) == 1);
    });
  });
}

TEST_CASE("a feed that is removed leaves nothing behind") {
  on_every_database([](World& world, tests::FreshDatabase&) {
    const Feed feed = world.add(ada);
    (*world.x)[ada].items = {world.item("1")};
    world.work();
    world.database->write([&](storage::Connection& connection) {
      REQUIRE(change_settings(connection, feed, {.burst = 2}));
      CHECK(active_feed(connection, feed.id)->settings.burst == 2);
      REQUIRE(remove_feed(connection, feed));
      CHECK(clean_items(connection, hours(1)) == 0);
    });
    CHECK(world.rows("SELECT 1 FROM feed").empty());
    CHECK(world.rows("SELECT 1 FROM feed_item").empty());
  });
}

}  // namespace bb::feeds

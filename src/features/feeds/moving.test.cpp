// Feeds that move to another host, whose items often have ids with the name of the host.
#include "features/feeds/world.test.hpp"

namespace bb::feeds {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using Texts = std::vector<std::string>;

const std::string blog = "https://blog.example/feed.xml";
const std::string news = "https://news.example/feed.xml";

// With a page at `host` that is also its id.
Item at(const World& world, const std::string& host, const std::string& path,
        const std::string& text) {
  Item item = world.item("https://" + host + path, text);
  item.url = item.id;
  return item;
}

// The feed has "old" from before it was added and "posted", which was posted.
struct Blog : World {
  FakeFeed& home = (*rss)[blog];

  Blog() {
    home.items = {at(*this, "blog.example", "/p/1", "old")};
    clock.advance(hours(2));
    add(blog, {.delay = minutes(0), .spacing = minutes(0), .burst = 20});
    work();
    clock.advance(hours(1));
    home.items.push_back(at(*this, "blog.example", "/p/2", "posted"));
    run_for(hours(2));
    REQUIRE((shown() == Texts{"posted"}));
  }

  // To `address`, where items have the ids that `id_of` makes.
  template <class IdOf>
  FakeFeed& move(const std::string& address, IdOf id_of) {
    FakeFeed& moved = (*rss)[address];
    moved.items = home.items;
    for (Item& item : moved.items) {
      item.id = id_of(item.id);
      item.url = item.id;
    }
    home = moved;
    home.moved_to = address;
    return moved;
  }

  // The texts of what was posted.
  Texts shown() {
    Texts texts;
    for (const std::string& message : messages()) {
      const std::size_t begin = message.find(": ") + 2;
      texts.push_back(message.substr(begin, message.rfind(' ') - begin));
    }
    return texts;
  }
};

std::string to_news(const std::string& id) {
  return "https://news.example" + id.substr(id.find('/', 8));
}

}  // namespace

TEST_CASE("a blog that moves to another host with its permalinks posts nothing again") {
  Blog world;
  FakeFeed& moved = world.move(news, to_news);
  world.run_for(hours(3));
  CHECK(world.feed(news).moved_at);
  CHECK((world.shown() == Texts{"posted"}));
  CHECK(world.rows("SELECT 1 FROM feed_item").size() == 2);
  CHECK(world.state_of("https://news.example/p/2") == "posted");
  moved.items.push_back(at(world, "news.example", "/p/3", "later"));
  world.run_for(hours(2));
  CHECK((world.shown() == Texts{"posted", "later"}));
}

TEST_CASE("items without dates are the same at another host if their paths are") {
  Blog world;
  world.home.items[1].published_at.reset();
  world.move(news, to_news);
  world.run_for(hours(3));
  CHECK((world.shown() == Texts{"posted"}));
}

TEST_CASE("what a blog has published before it moved is not new under ids that nobody knows") {
  Blog world;
  FakeFeed& moved =
      world.move(news, [](const std::string& id) { return "urn:other-program:" + id.substr(8); });
  moved.items.push_back(at(world, "news.example", "/no-date", "no date"));
  moved.items.back().published_at.reset();
  world.home.items = moved.items;
  world.run_for(hours(3));
  CHECK((world.shown() == Texts{"posted"}));
}

TEST_CASE("what a blog publishes while it moves is posted") {
  Blog world;
  world.home.items.push_back(at(world, "blog.example", "/p/3", "while it moves"));
  world.move(news, to_news);
  world.run_for(hours(3));
  CHECK((world.shown() == Texts{"posted", "while it moves"}));
}

TEST_CASE("an item that waits while its blog moves is posted once, with its new address") {
  Blog world;
  const Feed feed = world.feed(blog);
  world.database->write([&](storage::Connection& connection) {
    REQUIRE(change_settings(connection, feed, {.delay = hours(4)}));
  });
  world.home.items.push_back(at(world, "blog.example", "/p/3", "waits"));
  world.run_for(hours(2));
  CHECK(world.state_of("https://blog.example/p/3") == "waiting");
  world.move(news, to_news);
  world.run_for(hours(4));
  CHECK((world.shown() == Texts{"posted", "waits"}));
  CHECK(world.messages().back().ends_with("https://news.example/p/3"));
}

TEST_CASE("permalinks that change their host all at once are the same at an address that stays") {
  Blog world;
  for (Item& item : world.home.items) {
    item.id = to_news(item.id);
  }
  world.run_for(hours(3));
  CHECK((world.shown() == Texts{"posted"}));
}

TEST_CASE("two blogs of one feed may have the same paths") {
  Blog world;
  world.home.items.push_back(at(world, "ada.example", "/p/2", "of another blog"));
  world.run_for(hours(2));
  world.home.items.push_back(at(world, "ben.example", "/p/2", "of a third blog"));
  const auto keep = [](const std::string& id) { return id; };
  world.move(news, keep);
  world.run_for(hours(3));
  CHECK((world.shown() == Texts{"posted", "of another blog", "of a third blog"}));
}

TEST_CASE("a move is remembered with the first answer that lists items") {
  Blog world;
  world.home.position = {.etag = "\"1\"", .last_modified = {}, .newest = {}};
  FakeFeed& moved = world.move(news, to_news);
  world.home.is_unchanged = true;
  world.run_for(hours(2));
  CHECK(world.feed(blog).position.etag.empty());
  CHECK(moved.fetches == 0);
  world.home.is_unchanged = false;
  world.run_for(hours(3));
  CHECK(moved.fetches > 0);
  CHECK((world.shown() == Texts{"posted"}));
}

}  // namespace bb::feeds

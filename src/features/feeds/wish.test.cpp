#include "features/feeds/wish.hpp"

#include "features/feeds/world.test.hpp"

namespace bb::feeds {
namespace {

struct ArchivedChannel : World {
  Feed feed = add("x:ada");

  ArchivedChannel() {
    database->write([&](storage::Connection& connection) {
      jobs::disable(connection, {.workspace = {"W1"},
                                 .channel = {"C1"},
                                 .reason = "is_archived: the channel is archived",
                                 .since = clock.now()});
    });
  }

  bool is_disabled() {
    return database->read([](storage::Connection& connection) {
      return jobs::find_disabled(connection, {"W1"}, {"C1"}).has_value();
    });
  }
};

}  // namespace

TEST_CASE("a list says that a channel takes no posts, and of no post that was refused") {
  ArchivedChannel world;
  world.feed.posted_at = world.clock.now();
  const std::string text = world.database->read([&](storage::Connection& connection) {
    return describe(world.feed, jobs::find_disabled(connection, {"W1"}, {"C1"}));
  });
  CHECK(text.find("; nothing is posted, as the channel is disabled: is_archived: the channel is "
                  "archived; once that is mended: busy-beaver channels enable C1; added by") !=
        std::string::npos);
  CHECK(text.find("last post") == std::string::npos);
}

TEST_CASE("who adds a feed to a disabled channel, or resumes one there, sets it up again") {
  ArchivedChannel added;
  added.add("x:ben");
  CHECK_FALSE(added.is_disabled());
  ArchivedChannel resumed;
  resumed.database->write(
      [&](storage::Connection& connection) { REQUIRE(pause_feed(connection, resumed.feed)); });
  CHECK(resumed.is_disabled());
  resumed.database->write([&](storage::Connection& connection) {
    REQUIRE(resume_feed(connection, resumed.feed, resumed.clock.now()));
  });
  CHECK_FALSE(resumed.is_disabled());
}

}  // namespace bb::feeds

#include "features/feeds/wish.hpp"

#include "features/feeds/feeds_command.hpp"
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

TEST_CASE("what to say where several feeds are meant") {
  World world;
  world.add("x:ada");
  world.add("mastodon:ada");
  const auto problem = [&](std::string_view words) {
    return world.database
        ->read([&](storage::Connection& connection) {
          return find_feed(connection, {"W1"}, std::nullopt, words);
        })
        .error()
        .message;
  };
  CHECK(problem("Ada") ==
        "several feeds are called so: give the address, and the channel if several have it");
  world.database->write([](storage::Connection& connection) {
    connection.execute(
        "UPDATE feed SET channel = 'C2', source = 'x', address = 'x:ada' WHERE source = "
        "'mastodon'");
  });
  CHECK(problem("x:ada") == "that feed is in several channels: name the channel as well");
}

TEST_CASE("what cannot be understood is answered in whole sentences") {
  World world;
  Requests requests(world.context, world.polling, world.posting);
  const chat::Command command = feeds_command(requests, world.context);
  const auto say = [&](std::string_view arguments) {
    return world.database->write([&](storage::Connection& connection) {
      return command
          .run(connection, {.workspace = {"W1"}, .user = {"U1"}, .channel = {"D1"}, .asked_at = {}},
               arguments)
          .fallback;
    });
  };
  CHECK(say("set x burst=99").find("burst is a number from 1 to 20. Say for example ") !=
        std::string::npos);
  CHECK(say("set x").find("For example delay=1h. Say for example ") != std::string::npos);
  CHECK(say("pause").find("Which feed? Say for example ") != std::string::npos);
}

}  // namespace bb::feeds

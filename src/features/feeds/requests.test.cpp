#include "features/feeds/requests.hpp"

#include <variant>

#include "features/feeds/world.test.hpp"

namespace bb::feeds {
namespace {

Result<jobs::Outcome> answer(World& world, const std::string& action) {
  Requests requests(world.context, world.polling, world.posting);
  const jobs::Kind kind = requests.kind(
      [](const std::string&) -> Result<chat::Platform*> { return fail(ErrorCode::internal, ""); });
  return kind.handle(
      {.id = {"J1"},
       .kind = "feeds.ask",
       .payload = R"({"action":")" + action +
                  R"(","subject":"x:ada","changes":[],"channel":"C1","channel_name":"general",)"
                  R"("user":"UOLGA","reply_to":"D1"})",
       .workspace_id = "W1",
       .subject = {},
       .request_id = {},
       .attempts = 1,
       .created_at = world.clock.now()});
}

}  // namespace

TEST_CASE("what the end of the service breaks off is answered after its next start") {
  for (const std::string action : {"add", "test"}) {
    World world;
    FakeFeed& feed = (*world.x)["x:ada"];
    feed.error = Error{ErrorCode::unavailable, "the service is stopping"};
    world.client.stop();
    const Result<jobs::Outcome> broken_off = answer(world, action);
    REQUIRE(broken_off);
    CHECK(std::holds_alternative<jobs::RunAgain>(*broken_off));
    CHECK(world.messages("person").empty());

    feed.error.reset();
    world.client.stopped = false;
    const Result<jobs::Outcome> done = answer(world, action);
    REQUIRE(done);
    CHECK(std::holds_alternative<jobs::Done>(*done));
    CHECK(world.messages("person").size() == 1);
  }
}

TEST_CASE("finding the account of a feed counts as two reads where reads cost money") {
  for (const std::string action : {"add", "test"}) {
    World world;
    world.context.budget = {{"x", 1'000}};
    REQUIRE(answer(world, action));
    world.database->read([&](storage::Connection& connection) {
      CHECK(paid_reads(connection, "x", world.clock.now()) == 2);
    });
  }
}

}  // namespace bb::feeds

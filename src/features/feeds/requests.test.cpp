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

TEST_CASE("an account is not looked for where the budget of its source is used up") {
  for (const std::string action : {"add", "test"}) {
    for (const std::int64_t budget : {0, 2}) {
      World world;
      world.context.budget = {{"x", budget}};
      world.database->write([&](storage::Connection& connection) {
        count_paid_reads(connection, "x", budget, world.clock.now());
      });
      REQUIRE(answer(world, action));
      REQUIRE(world.messages("person").size() == 1);
      const std::string told = world.messages("person")[0];
      CAPTURE(told);
      CHECK(told.find(budget == 0 ? "nothing may be read, as X_MONTHLY_BUDGET_USD is 0"
                                  : "the budget of this month is used up") != std::string::npos);
      world.database->read([&](storage::Connection& connection) {
        CHECK(paid_reads(connection, "x", world.clock.now()) == budget);
      });
    }
  }
}

TEST_CASE("no account is paid for whose feed is in the channel already") {
  World world;
  world.context.budget = {{"x", 1'000}};
  world.add("x:ada");
  REQUIRE(answer(world, "add"));
  REQUIRE(world.messages("person").size() == 1);
  CHECK(world.messages("person")[0].ends_with("that feed is in this channel already"));
  world.database->read([&](storage::Connection& connection) {
    CHECK(paid_reads(connection, "x", world.clock.now()) == 0);
  });
}

}  // namespace bb::feeds

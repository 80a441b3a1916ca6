#include "chat/workspaces.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <memory>

#include "storage/migrations.hpp"
#include "tests/temporary_folder.hpp"

namespace bb::chat {
namespace {

struct Fixture {
  VirtualClock clock{TimePoint(std::chrono::seconds(1'700'000'000))};
  SeededRandom random{1};
  tests::TemporaryFolder folder;
  std::unique_ptr<storage::Database> database =
      storage::open("sqlite:" + folder.path("chat.db")).value();

  Fixture() { REQUIRE(storage::migrate(*database, storage::migrations(), clock).has_value()); }

  Workspace add(const Identity& identity) {
    return database->write([&](storage::Connection& connection) {
      return register_workspace(connection, identity, clock, random);
    });
  }
  std::optional<Workspace> known() { return database->read(known_workspace); }
};

TEST_CASE_FIXTURE(Fixture, "a workspace is known after it was registered and not before") {
  CHECK_FALSE(known());
  const Workspace added = add({.team_id = "T1", .team_name = "Chicago", .bot_user = {"U9"}});
  CHECK(added.id.value.size() == 26);
  CHECK(added.name == "Chicago");
  CHECK(added.bot_user.value == "U9");
  CHECK((known() == added));
}

TEST_CASE_FIXTURE(Fixture,
                  "a workspace that is registered again keeps its id and takes the new name") {
  const Workspace first = add({.team_id = "T1", .team_name = "Chicago", .bot_user = {"U9"}});
  clock.advance(std::chrono::hours(1));
  const Workspace second = add({.team_id = "T1", .team_name = "Detroit", .bot_user = {"U10"}});
  CHECK(second.id.value == first.id.value);
  CHECK(known()->name == "Detroit");
  CHECK(known()->bot_user.value == "U10");
}

TEST_CASE_FIXTURE(Fixture, "two teams are two workspaces") {
  const Workspace first = add({.team_id = "T1", .team_name = "Same", .bot_user = {"U9"}});
  const Workspace second = add({.team_id = "T2", .team_name = "Same", .bot_user = {"U9"}});
  CHECK(first.id.value != second.id.value);
}

}  // namespace
}  // namespace bb::chat

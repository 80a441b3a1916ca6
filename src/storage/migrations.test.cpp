#include "storage/migrations.hpp"

#include <doctest/doctest.h>

#include <thread>

#include "storage/sqlite.hpp"
#include "tests/temporary_folder.hpp"

namespace bb::storage {
namespace {

using tests::TemporaryFolder;
using Names = std::vector<std::string>;

constexpr Migration first{1, "0001_first",
                          "CREATE TABLE one (id TEXT); CREATE TABLE two (id TEXT)"};
constexpr Migration second{2, "0002_second", "INSERT INTO one (id) VALUES ('a; b') -- c\n;\n"};

const VirtualClock& test_clock() {
  static const VirtualClock clock{TimePoint(std::chrono::milliseconds(1'000))};
  return clock;
}

struct World {
  TemporaryFolder folder;
  std::unique_ptr<Database> database = *open_sqlite(folder.path("test.db"));

  Result<std::vector<std::string>> migrate_to(std::vector<Migration> migrations) {
    return migrate(*database, migrations, test_clock());
  }
  bool current(std::vector<Migration> migrations) { return is_current(*database, migrations); }
  bool has_table(std::string_view name) {
    return database->read([&](Connection& connection) { return connection.has_table(name); });
  }
};

}  // namespace

TEST_CASE("a new database is brought to the schema of this program") {
  World world;
  CHECK(!is_current(*world.database, migrations()));
  const auto applied = migrate(*world.database, migrations(), test_clock());
  REQUIRE(applied.has_value());
  CHECK(applied->size() == migrations().size());
  CHECK(is_current(*world.database, migrations()));
  CHECK(world.has_table("job"));
}

TEST_CASE("the migrations of this program are ordered and have names") {
  int before = 0;
  for (const Migration& migration : migrations()) {
    CHECK(migration.version > before);
    CHECK(!migration.name.empty());
    before = migration.version;
  }
  CHECK(before >= 4);
}

TEST_CASE("a migration is applied once") {
  World world;
  CHECK(
      (world.migrate_to({first, second}).value() == Names{first.name.data(), second.name.data()}));
  CHECK((world.migrate_to({first, second}).value() == Names{}));
  CHECK(world.database->read([](Connection& connection) {
    return connection.query("SELECT id FROM one").size();
  }) == 1);
}

TEST_CASE("only what is missing is applied") {
  World world;
  REQUIRE(world.migrate_to({first}).has_value());
  CHECK(!world.current({first, second}));
  CHECK((world.migrate_to({first, second}).value() == Names{second.name.data()}));
  CHECK(world.current({first, second}));
}

TEST_CASE("a database of a newer version is refused and left alone") {
  World world;
  REQUIRE(world.migrate_to({first, second}).has_value());
  const auto result = world.migrate_to({first});
  REQUIRE(!result.has_value());
  CHECK((result.error().code == ErrorCode::conflict));
  CHECK(result.error().message.find("newer version") != std::string::npos);
  CHECK(!world.current({first}));
}

TEST_CASE("a database of another program is refused and left alone") {
  for (const char* table : {"two", "TWO"}) {
    World world;
    world.database->write([&](Connection& connection) {
      connection.execute_script(std::string("CREATE TABLE ") + table + " (number BIGINT)");
    });
    const auto result = world.migrate_to({first, second});
    REQUIRE(!result.has_value());
    CHECK((result.error().code == ErrorCode::conflict));
    CHECK(result.error().message ==
          "the database has tables of another program ('two' exists already): use another "
          "DATABASE_URI");
    CHECK(!world.has_table("one"));
    CHECK(!world.has_table("schema_migration"));
  }
}

TEST_CASE("a migration whose text differs is refused") {
  World world;
  REQUIRE(world.migrate_to({first}).has_value());
  Migration changed = first;
  changed.sql = "CREATE TABLE one (id TEXT, more TEXT)";
  const auto result = world.migrate_to({changed, second});
  REQUIRE(!result.has_value());
  CHECK((result.error().code == ErrorCode::conflict));
  CHECK(result.error().message.find("0001_first") != std::string::npos);
  CHECK(!world.current({changed}));
}

TEST_CASE("a migration that fails halfway leaves nothing of itself and all of those before") {
  World world;
  const Migration broken{2, "0002_broken",
                         "CREATE TABLE three (id TEXT); CREATE TABLE one (id TEXT)"};
  CHECK_THROWS_AS(static_cast<void>(world.migrate_to({first, broken})), std::logic_error);
  CHECK(world.has_table("two"));
  CHECK(!world.has_table("three"));
  CHECK(world.current({first}));
  CHECK(world.migrate_to({first, second}).has_value());
}

}  // namespace bb::storage

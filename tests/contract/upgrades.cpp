// An installation keeps what it has when a migration makes a table anew.
#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "storage/migrations.hpp"
#include "tests/databases/fresh_database.hpp"

namespace bb::storage {
namespace {

std::vector<Migration> migrations_before(int version) {
  std::vector<Migration> earlier(migrations().begin(), migrations().end());
  std::erase_if(earlier, [&](const Migration& migration) { return migration.version >= version; });
  return earlier;
}

void add_activity(Connection& connection, const std::string& id, std::int64_t github_id,
                  std::int64_t created_at, std::int64_t stored_at) {
  connection.execute(
      "INSERT INTO activity (event_id, github_id, type, repo, facts, created_at, stored_at) VALUES "
      "($1, $2, 'PushEvent', 'o/r', '{}', $3, $4)",
      {id, github_id, created_at, stored_at});
}

}  // namespace

TEST_CASE("activity and what polling knows of it survive the upgrade to one key per account") {
  for (const tests::DatabaseKind& kind : tests::database_kinds()) {
    CAPTURE(kind.name);
    const auto fresh = kind.make();
    const auto database = fresh->open();
    const VirtualClock clock{TimePoint(std::chrono::milliseconds(1'000))};
    REQUIRE(migrate(*database, migrations_before(22), clock).has_value());
    database->write([](Connection& connection) {
      for (const std::int64_t github_id : {1, 2}) {
        connection.execute(
            "INSERT INTO poll_state (github_id, etag, next_poll_at, allowed_at, failures, error) "
            "VALUES ($1, '', 0, 0, 0, '')",
            {github_id});
      }
      add_activity(connection, "8", 1, 500, 900);
      add_activity(connection, "9", 1, 700, 0);  // stored before it was noted when
      add_activity(connection, "7", 1, 600, 950);
    });
    REQUIRE(migrate(*database, migrations(), clock).has_value());
    database->read([](Connection& connection) {
      const Rows rows = connection.query(
          "SELECT event_id, created_at, stored_at FROM activity WHERE github_id = 1 ORDER BY "
          "event_id");
      REQUIRE(rows.size() == 3);
      CHECK(rows[0].text(0) == "7");
      CHECK(rows[0].integer(2) == 950);
      CHECK(rows[2].text(0) == "9");
      CHECK(rows[2].integer(1) == 700);
      CHECK(rows[2].integer(2) == 700);
      const Rows states = connection.query(
          "SELECT newest_event, newest_event_at, activity_stored_at FROM poll_state ORDER BY "
          "github_id");
      REQUIRE(states.size() == 2);
      CHECK(states[0].text(0) == "9");
      CHECK(states[0].integer(1) == 700);
      CHECK(states[0].integer(2) == 950);
      CHECK(states[1].text(0).empty());
      CHECK(states[1].is_null(1));
    });
  }
}

}  // namespace bb::storage

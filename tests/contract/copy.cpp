// Moving an installation from one database to another.
#include "storage/copy.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "tests/databases/fresh_database.hpp"

namespace bb::storage {
namespace {

const VirtualClock& test_clock() {
  static const VirtualClock clock{TimePoint(std::chrono::milliseconds(1'000))};
  return clock;
}

Result<std::vector<CopiedTable>> copy_quietly(Database& from, Database& to) {
  return copy(from, to, migrations(), test_clock(), [](const CopiedTable&) {});
}

// An installation with more rows than a page has, keys of several columns, all types and NULL.
void fill(Database& database) {
  REQUIRE(migrate(database, migrations(), test_clock()).has_value());
  database.write([](Connection& connection) {
    for (int i = 0; i < 700; ++i) {
      connection.execute(
          "INSERT INTO activity (event_id, github_id, type, repo, facts, created_at, stored_at) "
          "VALUES ($1, $2, 'PushEvent', 'o/r', $3, $4, $4)",
          {std::to_string(i), std::int64_t{1} << 40, "{\"title\": \"\xf0\x9f\xa6\xab\"}", i});
      connection.execute(
          "INSERT INTO digest_member (digest_id, user_id, login, outcome, detail) VALUES ($1, $2, "
          "'l', 'shown', '')",
          {std::to_string(i % 7), "U" + std::to_string(i)});
    }
    for (const Value& key : {Value("once"), Value()}) {
      connection.execute(
          "INSERT INTO job (id, kind, payload, unique_key, workspace_id, subject, request_id, "
          "priority, state, run_at, attempts, progress, error, created_at) VALUES ($1, 'k', '{}', "
          "$2, 'w', '', '', 5, 'ready', 1, 0, '', '', 1)",
          {key.is_null() ? "a" : "B", key});
    }
  });
}

// Calls `test` with an installation and an empty database.
template <class Test>
void on_every_pair(Test test) {
  const auto& kinds = tests::database_kinds();
  for (std::size_t from = 0; from < kinds.size(); ++from) {
    const std::size_t to = (from + 1) % kinds.size();
    CAPTURE(std::string(kinds[from].name) + " to " + kinds[to].name);
    const auto source = kinds[from].make();
    const auto target = kinds[to].make();
    const auto source_database = source->open();
    const auto target_database = target->open();
    fill(*source_database);
    test(*source_database, *target_database);
  }
}

}  // namespace

TEST_CASE("an installation is the same after it was copied there and back") {
  on_every_pair([](Database& source, Database& target) {
    const auto there = copy_quietly(source, target);
    REQUIRE_MESSAGE(there, (there ? "" : there.error().message));
    const auto rows_of = [&](const std::string& name) {
      return std::ranges::find(*there, name, &CopiedTable::name)->rows;
    };
    CHECK(there->size() == tables(migrations()).size());
    CHECK(rows_of("activity") == 700);
    CHECK(rows_of("digest_member") == 700);
    CHECK(rows_of("job") == 2);
    CHECK(rows_of("inbox") == 0);
    const auto empty = tests::database_kinds()[0].make();
    CHECK((copy_quietly(target, *empty->open()).value() == *there));
  });
}

TEST_CASE("a database that has rows is no target and keeps what it has") {
  on_every_pair([](Database& source, Database& target) {
    REQUIRE(migrate(target, migrations(), test_clock()).has_value());
    target.write([](Connection& connection) {
      connection.execute("INSERT INTO digest_config (workspace_id, kinds) VALUES ('w', '{}')");
    });
    const auto refused = copy_quietly(source, target);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().message == "the target is not empty: its table digest_config has rows");
    CHECK(target.read([](Connection& connection) {
      return connection.query("SELECT count(*) FROM activity").at(0).integer(0);
    }) == 0);
  });
}

TEST_CASE("a source of another version is refused") {
  const auto source = tests::database_kinds()[0].make();
  const auto target = tests::database_kinds()[0].make();
  const auto refused = copy_quietly(*source->open(), *target->open());
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message.find("busy-beaver migrate") != std::string::npos);
}

TEST_CASE("text that PostgreSQL cannot hold arrives with replacement characters") {
  const auto source = tests::database_kinds()[0].make();
  const auto target = tests::database_kinds()[1].make();
  const auto source_database = source->open();
  fill(*source_database);
  source_database->write([](Connection& connection) {
    connection.execute("UPDATE activity SET repo = $1 WHERE event_id = '1'",
                       {std::string("a\0b\xff", 4)});
  });
  const auto target_database = target->open();
  CHECK(copy_quietly(*source_database, *target_database).has_value());
  CHECK(target_database->read([](Connection& connection) {
    return connection.query("SELECT repo FROM activity WHERE event_id = '1'").at(0).text(0);
  }) == "a\xEF\xBF\xBD"
        "b\xEF\xBF\xBD");
}

}  // namespace bb::storage

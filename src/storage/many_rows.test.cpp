#include "storage/many_rows.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "tests/temporary_folder.hpp"

namespace bb::storage {
namespace {

TEST_CASE("any number of rows is inserted once and told about once") {
  const tests::TemporaryFolder folder;
  const auto database = open("sqlite:" + folder.path("rows.db")).value();
  const ManyRows insert("INSERT INTO t (a, b) VALUES", 2, "ON CONFLICT DO NOTHING RETURNING a");
  for (const std::int64_t count : {0, 1, 2, 3, 63, 64, 65, 200}) {
    CAPTURE(count);
    database->write([&](Connection& connection) {
      connection.execute("DROP TABLE IF EXISTS t");
      connection.execute("CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT)");
      std::vector<Value> values;
      for (std::int64_t i = 0; i < count; ++i) {
        values.insert(values.end(), {i, std::to_string(i)});
      }
      std::set<std::int64_t> told;
      for (const Row& row : insert.query(connection, values)) {
        told.insert(row.integer(0));
      }
      CHECK(told.size() == static_cast<std::size_t>(count));
      CHECK(connection.query("SELECT count(*) FROM t WHERE b = CAST(a AS TEXT)").at(0).integer(0) ==
            count);
      CHECK(insert.execute(connection, values) == 0);
    });
  }
}

TEST_CASE("values that make no whole number of rows are a defect") {
  const tests::TemporaryFolder folder;
  const auto database = open("sqlite:" + folder.path("rows.db")).value();
  const ManyRows insert("INSERT INTO t (a, b) VALUES", 2, "");
  CHECK_THROWS_AS(database->write([&](Connection& connection) {
    insert.execute(connection, std::vector<Value>{1, 2, 3});
  }),
                  std::logic_error);
}

}  // namespace
}  // namespace bb::storage

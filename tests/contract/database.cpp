// What every database behind the port does alike.
#include "storage/database.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <functional>
#include <limits>
#include <stdexcept>
#include <string>
#include <thread>

#include "storage/migrations.hpp"
#include "tests/databases/fresh_database.hpp"

namespace bb::storage {
namespace {

// Calls `test` with an empty database of each kind, in which there is a table `item`.
template <class Test>
void on_every_database(Test test) {
  for (const tests::DatabaseKind& kind : tests::database_kinds()) {
    CAPTURE(std::string(kind.name));
    const auto fresh = kind.make();
    const auto database = fresh->open();
    database->write([](Connection& connection) {
      connection.execute(
          "CREATE TABLE item (id TEXT PRIMARY KEY, number BIGINT, parent TEXT REFERENCES item "
          "(id))");
    });
    test(*database, *fresh);
  }
}

std::int64_t count(Database& database) {
  return database.read([](Connection& connection) {
    return connection.query("SELECT count(*) FROM item").at(0).integer(0);
  });
}

void insert(Connection& connection, std::string_view id, Value number = std::nullopt) {
  connection.execute("INSERT INTO item (id, number) VALUES ($1, $2)", {id, std::move(number)});
}

}  // namespace

TEST_CASE("values come back as they were stored") {
  on_every_database([](Database& database, auto&) {
    const std::int64_t numbers[] = {0, -1, std::numeric_limits<std::int64_t>::min(),
                                    std::numeric_limits<std::int64_t>::max()};
    database.write([&](Connection& connection) {
      for (const std::int64_t number : numbers) {
        const auto rows = connection.query(
            "INSERT INTO item (id, number) VALUES ($1, $2) RETURNING id, number, parent",
            {std::to_string(number), number});
        REQUIRE(rows.size() == 1);
        CHECK(rows[0].text(0) == std::to_string(number));
        CHECK(rows[0].integer(1) == number);
        CHECK(rows[0].is_null(2));
      }
      for (const std::string& text :
           {std::string(), std::string("it's \"quoted\" \xf0\x9f\xa6\xab \\ % $1 ?")}) {
        insert(connection, text);
        CHECK(connection.query("SELECT id FROM item WHERE id = $1", {text}).at(0).text(0) == text);
      }
      const std::string long_text(1'000'000, 'x');
      CHECK(connection.query("SELECT CAST($1 AS TEXT)", {long_text}).at(0).text(0) == long_text);
    });
  });
}

TEST_CASE("placeholders are bound by number whatever their order") {
  on_every_database([](Database& database, auto&) {
    database.write([](Connection& connection) {
      insert(connection, "a", 1);
      insert(connection, "b", 2);
      const auto rows = connection.query(
          "SELECT id FROM item WHERE number = $2 OR (id = $1 AND number <> $2) ORDER BY id",
          {"a", 2});
      REQUIRE(rows.size() == 2);
      CHECK(rows[0].text(0) == "a");
      const auto many = connection.query(
          "SELECT id FROM item WHERE number IN ($11, $10, $9, $8, $7, $6, $5, $4, $3, $2) "
          "AND id = $1",
          {"b", 2, 9, 9, 9, 9, 9, 9, 9, 9, 9});
      CHECK(many.size() == 1);
    });
  });
}

TEST_CASE("wrong SQL and wrong numbers of parameters are defects") {
  on_every_database([](Database& database, auto&) {
    const auto run = [&](std::string_view sql, std::vector<Value> values) {
      database.write(
          [&](Connection& connection) { connection.query(sql, std::span<const Value>(values)); });
    };
    CHECK_THROWS_AS(run("SELECT $1", {}), std::logic_error);
    CHECK_THROWS_AS(run("SELECT 1", {Value(1)}), std::logic_error);
    CHECK_THROWS_AS(run("SELECT $2", {Value(1), Value(2)}), std::logic_error);
    CHECK_THROWS_AS(run("SELEC 1", {}), std::logic_error);
    CHECK_THROWS_AS(run("SELECT * FROM nowhere", {}), std::logic_error);
    CHECK_THROWS_AS(run("SELECT 1; SELECT 2", {}), std::logic_error);
    CHECK_THROWS_AS(run("", {}), std::logic_error);
    CHECK_NOTHROW(run("SELECT 1;", {}));
  });
}

TEST_CASE("a violated constraint is a defect and rolls back") {
  on_every_database([](Database& database, auto&) {
    CHECK_THROWS_AS(database.write([](Connection& connection) {
      insert(connection, "a");
      insert(connection, "a");
    }),
                    std::logic_error);
    CHECK_THROWS_AS(database.write([](Connection& connection) {
      connection.execute("INSERT INTO item (id, parent) VALUES ('b', 'nobody')");
    }),
                    std::logic_error);
    CHECK(count(database) == 0);
  });
}

TEST_CASE("execute tells how many rows it changed") {
  on_every_database([](Database& database, auto&) {
    database.write([](Connection& connection) {
      insert(connection, "a", 1);
      insert(connection, "b", 1);
      CHECK(connection.execute("UPDATE item SET number = 2 WHERE number = $1", {1}) == 2);
      CHECK(connection.execute("UPDATE item SET number = 2 WHERE number = $1", {1}) == 0);
      CHECK(connection.execute("CREATE TABLE other (id TEXT)") == 0);
      CHECK(connection.execute("INSERT INTO item (id) VALUES ('a') ON CONFLICT (id) DO NOTHING") ==
            0);
      CHECK(connection.execute("DELETE FROM item") == 2);
    });
  });
}

TEST_CASE("a script runs all of its statements and cannot end the transaction") {
  on_every_database([](Database& database, auto&) {
    database.write([](Connection& connection) {
      connection.execute_script(
          "-- a comment; with a semicolon\n"
          "INSERT INTO item (id) VALUES ('a;b'); INSERT INTO item (id) VALUES ('c');\n");
      CHECK(connection.has_table("item"));
      CHECK(!connection.has_table("other"));
    });
    CHECK(count(database) == 2);
    CHECK_THROWS(
        database.write([](Connection& connection) { connection.execute_script("COMMIT"); }));
    database.write([](Connection& connection) { insert(connection, "d"); });
    CHECK(count(database) == 3);
  });
}

TEST_CASE("an exception rolls back and the database works on") {
  on_every_database([](Database& database, auto&) {
    CHECK_THROWS_AS(database.write([](Connection& connection) {
      insert(connection, "a");
      throw std::runtime_error("no");
    }),
                    std::runtime_error);
    CHECK(count(database) == 0);
    CHECK(database.write([](Connection& connection) {
      insert(connection, "a");
      return std::string("returned");
    }) == "returned");
    CHECK(count(database) == 1);
    CHECK_THROWS_AS(database.read([](Connection&) { throw std::runtime_error("no"); }),
                    std::runtime_error);
    CHECK(count(database) == 1);
  });
}

TEST_CASE("a transaction inside a write of the same thread is refused") {
  on_every_database([](Database& database, auto&) {
    CHECK_THROWS_AS(database.write([&](Connection&) { database.write([](Connection&) {}); }),
                    std::logic_error);
    CHECK_THROWS_AS(database.write([&](Connection&) { static_cast<void>(count(database)); }),
                    std::logic_error);
    database.write([](Connection& connection) { insert(connection, "a"); });
    CHECK(count(database) == 1);
  });
}

TEST_CASE("a read cannot write") {
  on_every_database([](Database& database, auto&) {
    CHECK_THROWS_AS(database.read([](Connection& connection) { insert(connection, "a"); }),
                    std::logic_error);
    CHECK(count(database) == 0);
  });
}

TEST_CASE("a reader sees one state while a writer commits") {
  on_every_database([](Database& database, tests::FreshDatabase& fresh) {
    const auto other = fresh.open();
    database.read([&](Connection& connection) {
      CHECK(connection.query("SELECT count(*) FROM item").at(0).integer(0) == 0);
      other->write([](Connection& writer) { insert(writer, "a"); });
      CHECK(connection.query("SELECT count(*) FROM item").at(0).integer(0) == 0);
    });
    CHECK(count(database) == 1);
  });
}

TEST_CASE("a reader does not wait for a writer and does not see what is not committed") {
  on_every_database([](Database& database, auto&) {
    database.write([&](Connection& connection) {
      insert(connection, "a");
      std::int64_t seen = -1;
      std::jthread([&] { seen = count(database); }).join();
      CHECK(seen == 0);
    });
    CHECK(count(database) == 1);
  });
}

TEST_CASE("sums stay right while many threads and another process write and read") {
  on_every_database([](Database& database, tests::FreshDatabase& fresh) {
    const auto other = fresh.open();
    database.write([](Connection& connection) {
      insert(connection, "a", 0);
      insert(connection, "b", 0);
    });
    constexpr int moves = 25;
    std::atomic<int> wrong = 0;
    {
      std::vector<std::jthread> threads;
      for (Database* through : {&database, &database, other.get()}) {
        threads.emplace_back([&wrong, through] {
          for (int i = 0; i < moves; ++i) {
            through->write([](Connection& connection) {
              const std::int64_t number =
                  connection.query("SELECT number FROM item WHERE id = 'a'").at(0).integer(0);
              connection.execute("UPDATE item SET number = $1 WHERE id = 'a'", {number + 1});
              connection.execute("UPDATE item SET number = $1 WHERE id = 'b'", {-number - 1});
            });
            const auto sum = through->read([](Connection& connection) {
              const auto a = connection.query("SELECT number FROM item WHERE id = 'a'");
              const auto b = connection.query("SELECT number FROM item WHERE id = 'b'");
              return a.at(0).integer(0) + b.at(0).integer(0);
            });
            wrong += sum == 0 ? 0 : 1;
          }
        });
      }
    }
    CHECK(wrong == 0);
    CHECK(database.read([](Connection& connection) {
      return connection.query("SELECT number FROM item WHERE id = 'a'").at(0).integer(0);
    }) == 3 * moves);
  });
}

TEST_CASE("text is sorted and compared by its octets whatever the locale of the database") {
  on_every_database([](Database& database, auto&) {
    database.write([](Connection& connection) {
      connection.execute_script("CREATE TABLE word (text TEXT PRIMARY KEY)");
      for (const char* text : {"b", "B", "a", "a:1", "a;", "ab", "\xc3\xa4"}) {
        connection.execute("INSERT INTO word (text) VALUES ($1)", {text});
      }
      std::string sorted;
      for (const Row& row : connection.query("SELECT text FROM word ORDER BY text")) {
        sorted += row.text(0) + " ";
      }
      CHECK(sorted == "B a a:1 a; ab b \xc3\xa4 ");
      CHECK(connection.query("SELECT 1 FROM word WHERE text >= $1 AND text < $2", {"a:", "a;"})
                .size() == 1);
    });
  });
}

TEST_CASE("the columns of a table and its key are told") {
  on_every_database([](Database& database, auto&) {
    database.write([](Connection& connection) {
      connection.execute_script(
          "CREATE TABLE pair (value BIGINT, two TEXT NOT NULL, one TEXT NOT NULL, PRIMARY KEY "
          "(one, two))");
      const TableLayout layout = connection.layout("pair");
      CHECK((layout.columns == std::vector<std::string>{"value", "two", "one"}));
      CHECK((layout.key == std::vector<std::string>{"one", "two"}));
      CHECK(connection.layout("nowhere").columns.empty());
    });
  });
}

TEST_CASE("a read-modify-write of two threads at once loses nothing whatever rows it reads") {
  on_every_database([](Database& database, auto&) {
    constexpr int rounds = 20;
    const auto append = [&](const std::string& who) {
      for (int i = 0; i < rounds; ++i) {
        database.write([&](Connection& connection) {
          const auto next = connection.query("SELECT coalesce(max(number), 0) + 1 FROM item");
          insert(connection, who + std::to_string(i), next.at(0).integer(0));
        });
      }
    };
    {
      const std::jthread one(append, "a");
      const std::jthread two(append, "b");
    }
    CHECK(database.read([](Connection& connection) {
      return connection.query("SELECT count(DISTINCT number) FROM item").at(0).integer(0);
    }) == 2 * rounds);
  });
}

TEST_CASE("of two that want the same lock the second sees what the first committed") {
  on_every_database([](Database& database, auto&) {
    const auto add_if_empty = [&] {
      database.write(
          [](Connection& connection) {
            connection.lock("the only row");
            if (connection.query("SELECT 1 FROM item").empty()) {
              insert(connection,
                     std::to_string(std::hash<std::thread::id>{}(std::this_thread::get_id())));
            }
          },
          Isolation::read_committed);
    };
    {
      std::vector<std::jthread> threads;
      for (int i = 0; i < 4; ++i) {
        threads.emplace_back(add_if_empty);
      }
    }
    CHECK(count(database) == 1);
  });
}

TEST_CASE("several processes may migrate at once") {
  for (const tests::DatabaseKind& kind : tests::database_kinds()) {
    CAPTURE(std::string(kind.name));
    const auto fresh = kind.make();
    const VirtualClock clock{TimePoint(std::chrono::milliseconds(1'000))};
    std::atomic<std::size_t> applied = 0;
    {
      std::vector<std::jthread> threads;
      for (int i = 0; i < 4; ++i) {
        threads.emplace_back(
            [&] { applied += migrate(*fresh->open(), migrations(), clock)->size(); });
      }
    }
    CHECK(applied == migrations().size());
  }
}

}  // namespace bb::storage

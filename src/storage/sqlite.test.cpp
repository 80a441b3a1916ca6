#include "storage/sqlite.hpp"

#include <doctest/doctest.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <iterator>
#include <thread>
#include <vector>

#include "tests/temporary_folder.hpp"

namespace bb::storage {
namespace {

using tests::TemporaryFolder;

constexpr SqliteOptions impatient{.busy_timeout = std::chrono::milliseconds(20)};

std::filesystem::path file_in(const TemporaryFolder& folder) {
  return folder.path("test.db");
}

std::unique_ptr<Database> opened(const std::filesystem::path& path) {
  auto database = open_sqlite(path, impatient);
  REQUIRE_MESSAGE(database.has_value(), database.error().message);
  return std::move(*database);
}

// The message of the DatabaseError that `act` throws, empty if it throws none.
template <class Act>
std::string database_error_of(Act act) {
  try {
    act();
  } catch (const DatabaseError& error) {
    return error.what();
  }
  return "";
}

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

void fill(Database& database, int rows) {
  database.write([&](Connection& connection) {
    connection.execute("CREATE TABLE IF NOT EXISTS item (id INTEGER PRIMARY KEY, text TEXT)");
    for (int i = 0; i < rows; ++i) {
      connection.execute("INSERT INTO item (text) VALUES ($1)", {std::string(1000, 'x')});
    }
  });
}

std::int64_t count(Database& database) {
  return database.read([](Connection& connection) {
    return connection.query("SELECT count(*) FROM item").at(0).integer(0);
  });
}

// Root may write anywhere; these tests are about a user who may not.
class Unprivileged {
 public:
  Unprivileged() : root_(geteuid() == 0) {
    if (root_) {
      REQUIRE(seteuid(65534) == 0);
    }
  }
  ~Unprivileged() {
    if (root_) {
      static_cast<void>(seteuid(0));
    }
  }
  Unprivileged(const Unprivileged&) = delete;
  Unprivileged& operator=(const Unprivileged&) = delete;

 private:
  bool root_;
};

// No file of this process can grow beyond `bytes` meanwhile.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{.rlim_cur = bytes, .rlim_max = before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  rlimit before_{};
  void (*handler_)(int);
};

}  // namespace

TEST_CASE("a new database file is readable by its owner alone and lies in folders made for it") {
  const TemporaryFolder folder;
  const auto path = std::filesystem::path(folder.path("deep/er/test.db"));
  const auto database = opened(path);
  fill(*database, 1);
  struct stat status{};
  REQUIRE(stat(path.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777U) == 0600U);
  REQUIRE(stat((path.string() + "-wal").c_str(), &status) == 0);
  CHECK((status.st_mode & 0777U) == 0600U);
}

TEST_CASE("a database is opened again with what was committed") {
  const TemporaryFolder folder;
  fill(*opened(file_in(folder)), 3);
  CHECK(count(*opened(file_in(folder))) == 3);
}

TEST_CASE("durability and integrity settings are those that an acknowledged commit needs") {
  const TemporaryFolder folder;
  const auto database = opened(file_in(folder));
  database->write([](Connection& connection) {
    CHECK(connection.query("PRAGMA journal_mode").at(0).text(0) == "wal");
    CHECK(connection.query("PRAGMA synchronous").at(0).integer(0) == 2);
    CHECK(connection.query("PRAGMA foreign_keys").at(0).integer(0) == 1);
  });
}

TEST_CASE("what was committed is copied into the database file while commits go on") {
  const TemporaryFolder folder;
  const auto database = opened(file_in(folder));
  database->write([](Connection& connection) {
    connection.execute_script("CREATE TABLE item (text TEXT NOT NULL)");
  });
  const std::string text(100'000, 'x');
  const auto megabyte = 1'000'000U;
  int commits = 0;
  // So few that no commit has to do it.
  while (std::filesystem::file_size(file_in(folder)) < megabyte && ++commits < 500) {
    database->write([&](Connection& connection) {
      connection.execute("INSERT INTO item (text) VALUES ($1)", {text});
    });
  }
  CHECK(std::filesystem::file_size(file_in(folder)) >= megabyte);
  CHECK(database->read([](Connection& connection) {
    return connection.query("SELECT count(*) FROM item").at(0).integer(0);
  }) == commits);
}

TEST_CASE("a zero octet inside text is kept") {
  const TemporaryFolder folder;
  const auto database = opened(file_in(folder));
  const std::string text("a\0b", 3);
  database->write([&](Connection& connection) {
    CHECK(connection.query("SELECT $1", {text}).at(0).text(0) == text);
  });
}

TEST_CASE("a file that is not a database is refused with advice") {
  const TemporaryFolder folder;
  std::ofstream(file_in(folder)) << std::string(5000, 'n');
  const auto result = open_sqlite(file_in(folder), impatient);
  REQUIRE(!result.has_value());
  CHECK(has(result.error().message, "is not a SQLite database"));
  CHECK(has(result.error().message, file_in(folder).string()));
}

TEST_CASE("a folder in place of the file is refused") {
  const TemporaryFolder folder;
  const auto result = open_sqlite(file_in(folder).parent_path(), impatient);
  REQUIRE(!result.has_value());
  CHECK(has(result.error().message, "this is a folder"));
}

TEST_CASE("a folder that cannot be made or written is refused with advice") {
  const TemporaryFolder folder;
  REQUIRE(chmod(file_in(folder).parent_path().c_str(), 0555) == 0);
  {
    const Unprivileged user;
    const auto no_file = open_sqlite(file_in(folder), impatient);
    REQUIRE(!no_file.has_value());
    CHECK(has(no_file.error().message, "has to be writable"));
    const auto no_folder = open_sqlite(folder.path("sub/test.db"), impatient);
    REQUIRE(!no_folder.has_value());
    CHECK(has(no_folder.error().message, "cannot make its folder"));
  }
  chmod(file_in(folder).parent_path().c_str(), 0755);
}

TEST_CASE("a file that this user may only read is refused with advice") {
  const TemporaryFolder folder;
  fill(*opened(file_in(folder)), 1);
  REQUIRE(chmod(file_in(folder).c_str(), 0444) == 0);
  REQUIRE(chmod(file_in(folder).parent_path().c_str(), 0777) == 0);
  const Unprivileged user;
  const auto result = open_sqlite(file_in(folder), impatient);
  REQUIRE(!result.has_value());
  CHECK(has(result.error().message, "read-only"));
}

TEST_CASE("a damaged file is reported when it is read and not answered wrongly") {
  const TemporaryFolder folder;
  fill(*opened(file_in(folder)), 200);
  {
    std::fstream file(file_in(folder), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(4096 * 2);
    file << std::string(4096 * 20, '\x7f');
  }
  const std::string message = database_error_of([&] {
    const auto database = opened(file_in(folder));
    database->read(
        [](Connection& connection) { connection.query("SELECT sum(length(text)) FROM item"); });
  });
  CHECK(has(message, "damaged"));
}

TEST_CASE("a damaged schema is reported when the file is opened") {
  const TemporaryFolder folder;
  fill(*opened(file_in(folder)), 1);
  {
    std::fstream file(file_in(folder), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(100);
    file << std::string(3000, '\x7f');
  }
  const auto result = open_sqlite(file_in(folder), impatient);
  REQUIRE(!result.has_value());
  CHECK(has(result.error().message, "damaged"));
}

TEST_CASE("a full database rolls back as a whole and works again when there is room") {
  const TemporaryFolder folder;
  const auto database = opened(file_in(folder));
  fill(*database, 10);
  const auto limit = [&](int pages) {
    database->write([&](Connection& connection) {
      connection.query("PRAGMA max_page_count = " + std::to_string(pages));
    });
  };
  limit(20);
  CHECK(has(database_error_of([&] { fill(*database, 500); }), "the disk is full"));
  CHECK(count(*database) == 10);
  limit(100000);
  fill(*database, 500);
  CHECK(count(*database) == 510);
}

TEST_CASE("a statement after the one that found the disk full is refused") {
  const TemporaryFolder folder;
  const auto database = opened(file_in(folder));
  fill(*database, 1);
  CHECK(database_error_of([&] {
          database->write([&](Connection& connection) {
            connection.query("PRAGMA max_page_count = 4");
            try {
              connection.execute("INSERT INTO item (text) VALUES ($1)",
                                 {std::string(100'000, 'x')});
            } catch (const DatabaseError&) {
            }
            connection.execute("ROLLBACK");
            connection.execute("INSERT INTO item (text) VALUES ('alone')");
          });
        }) != "");
  CHECK(count(*database) == 1);
}

TEST_CASE("a disk that refuses writes gives an error and the database works again afterwards") {
  const TemporaryFolder folder;
  const auto database = opened(file_in(folder));
  fill(*database, 10);
  {
    const FileSizeLimit limit(200'000);
    CHECK(has(database_error_of([&] { fill(*database, 500); }), file_in(folder).string()));
  }
  CHECK(count(*database) == 10);
  fill(*database, 500);
  CHECK(count(*database) == 510);
}

TEST_CASE("a file that another program keeps locked gives an error and works when it is free") {
  const TemporaryFolder folder;
  const auto database = opened(file_in(folder));
  fill(*database, 1);
  sqlite3* other = nullptr;
  REQUIRE(sqlite3_open(file_in(folder).c_str(), &other) == SQLITE_OK);
  REQUIRE(sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr) == SQLITE_OK);
  const std::string message = database_error_of([&] { fill(*database, 1); });
  CHECK(has(message, "locked by another program for more than 20 ms"));
  CHECK(count(*database) == 1);
  sqlite3_exec(other, "ROLLBACK", nullptr, nullptr, nullptr);
  fill(*database, 1);
  CHECK(count(*database) == 2);
  sqlite3_close(other);
}

TEST_CASE("what was deleted does not stay in the file") {
  const TemporaryFolder folder;
  const std::string secret = "remember-nothing-of-this";
  {
    const auto database = opened(file_in(folder));
    fill(*database, 3);
    database->write([&](Connection& connection) {
      connection.execute("INSERT INTO item (text) VALUES ($1)", {secret});
    });
    database->write([&](Connection& connection) {
      connection.execute("DELETE FROM item WHERE text = $1", {secret});
    });
  }
  std::ifstream stream(file_in(folder), std::ios::binary);
  const std::string content{std::istreambuf_iterator<char>(stream), {}};
  CHECK(has(content, "xxxx"));
  CHECK(!has(content, secret));
}

TEST_CASE("a new file can be opened by several at once") {
  const TemporaryFolder folder;
  std::vector<std::jthread> threads;
  std::atomic<int> succeeded = 0;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      const auto database = open_sqlite(file_in(folder));
      succeeded += database.has_value() ? 1 : 0;
    });
  }
  threads.clear();
  CHECK(succeeded == 4);
}

}  // namespace bb::storage

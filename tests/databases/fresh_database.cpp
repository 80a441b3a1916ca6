#include "tests/databases/fresh_database.hpp"

#include <cstdlib>
#include <stdexcept>

#include "tests/databases/postgres_server.hpp"
#include "tests/temporary_folder.hpp"

namespace bb::tests {
namespace {

class FreshSqlite final : public FreshDatabase {
 public:
  [[nodiscard]] std::string uri() const override { return "sqlite:" + folder_.path("test.db"); }

 private:
  TemporaryFolder folder_;
};

class FreshPostgres final : public FreshDatabase {
 public:
  explicit FreshPostgres(PostgresServer::Way way) : way_(way) {}
  [[nodiscard]] std::string uri() const override { return database_.uri(way_); }

 private:
  PostgresServer::Way way_;
  PostgresDatabase database_;
};

}  // namespace

const std::vector<DatabaseKind>& database_kinds() {
  static const std::vector<DatabaseKind> kinds = {
      {"sqlite", [] { return std::make_unique<FreshSqlite>(); }},
      {"postgresql", [] { return std::make_unique<FreshPostgres>(PostgresServer::Way::direct); }},
      {"pgbouncer", [] { return std::make_unique<FreshPostgres>(PostgresServer::Way::pooled); }},
  };
  return kinds;
}

std::unique_ptr<FreshDatabase> database_of_this_run() {
  if (std::getenv("BB_TEST_POSTGRES") == nullptr) {
    return std::make_unique<FreshSqlite>();
  }
  return std::make_unique<FreshPostgres>(PostgresServer::Way::direct);
}

std::unique_ptr<storage::Database> FreshDatabase::open() const {
  auto database = storage::open(uri());
  if (!database) {
    throw std::runtime_error(database.error().message);
  }
  return std::move(*database);
}

}  // namespace bb::tests

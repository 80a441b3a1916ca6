#include "tests/contract/databases.hpp"

#include <stdexcept>

#include "tests/temporary_folder.hpp"

namespace bb::tests {
namespace {

class FreshSqlite final : public FreshDatabase {
 public:
  std::unique_ptr<storage::Database> open() override {
    auto database = storage::open("sqlite:" + folder_.path("test.db"));
    if (!database) {
      throw std::runtime_error(database.error().message);
    }
    return std::move(*database);
  }

 private:
  TemporaryFolder folder_;
};

}  // namespace

const std::vector<DatabaseKind>& database_kinds() {
  static const std::vector<DatabaseKind> kinds = {
      {"sqlite", [] { return std::make_unique<FreshSqlite>(); }},
  };
  return kinds;
}

}  // namespace bb::tests

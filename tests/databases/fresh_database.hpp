// The databases that every contract has to hold for: a new one is one more row.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "storage/database.hpp"

namespace bb::tests {

// An empty database, removed when this ends.
class FreshDatabase {
 public:
  virtual ~FreshDatabase() = default;
  [[nodiscard]] virtual std::string uri() const = 0;
  // Another connection to the same data, as of another process.
  [[nodiscard]] std::unique_ptr<storage::Database> open() const;
};

struct DatabaseKind {
  const char* name;
  std::function<std::unique_ptr<FreshDatabase>()> make;
};

const std::vector<DatabaseKind>& database_kinds();

// Of the kind that tests of the whole service run on: PostgreSQL where BB_TEST_POSTGRES is set.
std::unique_ptr<FreshDatabase> database_of_this_run();

}  // namespace bb::tests

// The databases that every contract has to hold for: a new one is one more row.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "storage/database.hpp"

namespace bb::tests {

// An empty database, removed when this ends.
class FreshDatabase {
 public:
  virtual ~FreshDatabase() = default;
  // Another connection to the same data, as of another process.
  virtual std::unique_ptr<storage::Database> open() = 0;
};

struct DatabaseKind {
  const char* name;
  std::function<std::unique_ptr<FreshDatabase>()> make;
};

const std::vector<DatabaseKind>& database_kinds();

}  // namespace bb::tests

// Moves a whole installation from one database to another, of whatever kinds they are.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "storage/database.hpp"
#include "storage/migrations.hpp"

namespace bb::storage {

struct CopiedTable {
  std::string name;
  std::int64_t rows = 0;
  std::string checksum;  // SHA-256 over all rows in the order of their key
  bool operator==(const CopiedTable&) const = default;
};

// Brings `to` to the schema, which `from` has to have already, and copies all tables in one
// transaction, out of one consistent state. Rows are counted and summed up on both sides before the
// commit. `progress` is called now and then with the table and its rows so far. A conflict if `to`
// has rows already, or if the two sides differ; nothing is stored then.
Result<std::vector<CopiedTable>> copy(Database& from, Database& to,
                                      std::span<const Migration> migrations, const Clock& clock,
                                      const std::function<void(const CopiedTable&)>& progress);

}  // namespace bb::storage

// Brings a database to the schema of this binary.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "storage/database.hpp"

namespace bb::storage {

// Append-only: a landed migration is never edited, a test compares checksums.
struct Migration {
  int version = 0;
  std::string_view name;
  std::string_view sql;
};

// All migrations of this binary in order of version; generated from src/**/migrations/*.sql.
std::span<const Migration> migrations();

// The tables that they make, in the order in which they do.
std::vector<std::string> tables(std::span<const Migration> migrations);

// Applies what is missing, each migration in a transaction of its own; returns the names of those
// it applied. A conflict if the database has a migration that this binary does not know (it was
// written by a newer version), or one whose text differs, or tables of another program. Safe to
// call from several processes at once.
Result<std::vector<std::string>> migrate(Database& database, std::span<const Migration> migrations,
                                         const Clock& clock);

// True when nothing is missing and nothing unknown: what /readyz asks.
bool is_current(Database& database, std::span<const Migration> migrations);

}  // namespace bb::storage

#include "storage/migrations.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

#include "crypto/crypto.hpp"

namespace bb::storage {
namespace {

using Applied = std::map<std::int64_t, std::string>;  // version -> checksum

std::string checksum_of(const Migration& migration) {
  return crypto::to_hex(crypto::sha256(migration.sql));
}

Applied read_applied(Connection& connection) {
  Applied applied;
  if (connection.has_table("schema_migration")) {
    for (const Row& row : connection.query("SELECT version, checksum FROM schema_migration")) {
      applied.emplace(row.integer(0), row.text(1));
    }
  }
  return applied;
}

// Why this binary must not touch the database, if so.
std::optional<std::string> conflict(const Applied& applied, std::span<const Migration> migrations) {
  for (const auto& [version, checksum] : applied) {
    const auto known = std::ranges::find(migrations, version, &Migration::version);
    if (known == migrations.end()) {
      return fmt::format(
          "the database was written by a newer version of this program (it has migration {}, which "
          "is not known here): install that version again, or restore a backup made before the "
          "upgrade",
          version);
    }
    if (checksum != checksum_of(*known)) {
      return fmt::format(
          "migration {} of the database differs from the one of this program: install the version "
          "that made the database, or restore a backup",
          known->name);
    }
  }
  return std::nullopt;
}

// Why a database without any migration of ours must be left alone, if so.
std::optional<std::string> foreign(Connection& connection, std::span<const Migration> migrations) {
  for (const std::string& table : tables(migrations)) {
    if (connection.has_table(table)) {
      return fmt::format(
          "the database has tables of another program ('{}' exists already): use another "
          "DATABASE_URI",
          table);
    }
  }
  return std::nullopt;
}

bool missing(const Applied& applied, const Migration& migration) {
  return !applied.contains(migration.version);
}

// PostgreSQL has no tables that are kept in the order of their key.
std::string text_for(const Dialect& dialect, const Migration& migration) {
  constexpr std::string_view words = " WITHOUT ROWID";
  std::string sql(migration.sql);
  while (!dialect.has_without_rowid) {
    const std::size_t at = sql.find(words);
    if (at == std::string::npos) {
      break;
    }
    sql.erase(at, words.size());
  }
  return sql;
}

void apply(Connection& connection, const Migration& migration, TimePoint now) {
  connection.execute_script(text_for(connection.dialect(), migration));
  connection.execute(
      "INSERT INTO schema_migration (version, name, checksum, applied_at) VALUES ($1, $2, $3, $4)",
      {migration.version, migration.name, checksum_of(migration), now});
}

enum class Step { applied, present, refused };

}  // namespace

std::vector<std::string> tables(std::span<const Migration> migrations) {
  constexpr std::string_view statement = "CREATE TABLE ";
  std::vector<std::string> names;
  for (const Migration& migration : migrations) {
    std::size_t position = migration.sql.find(statement);
    while (position != std::string_view::npos) {
      const std::string_view rest = migration.sql.substr(position + statement.size());
      const std::string_view name = rest.substr(0, rest.find_first_of(" (\n"));
      if (std::ranges::find(names, name) == names.end()) {  // not one that is made anew
        names.emplace_back(name);
      }
      position = migration.sql.find(statement, position + statement.size());
    }
  }
  return names;
}

Result<std::vector<std::string>> migrate(Database& database, std::span<const Migration> migrations,
                                         const Clock& clock) {
  const Applied before = database.read(read_applied);
  if (const auto reason = conflict(before, migrations)) {
    return fail(ErrorCode::conflict, *reason);
  }
  std::vector<std::string> names;
  for (const Migration& migration : migrations) {
    if (!missing(before, migration)) {
      continue;
    }
    // Looked at again under the lock: another process may be doing the same.
    std::optional<std::string> reason;
    const auto apply_if_missing = [&](Connection& connection) {
      connection.lock("migrations");
      const Applied applied = read_applied(connection);
      reason = applied.empty() ? foreign(connection, migrations) : conflict(applied, migrations);
      if (reason) {
        return Step::refused;
      }
      if (!missing(applied, migration)) {
        return Step::present;
      }
      connection.execute(
          "CREATE TABLE IF NOT EXISTS schema_migration (version BIGINT PRIMARY KEY, "
          "name TEXT NOT NULL, checksum TEXT NOT NULL, applied_at BIGINT NOT NULL)");
      apply(connection, migration, clock.now());
      return Step::applied;
    };
    const Step step = database.write(apply_if_missing, Isolation::read_committed);
    if (step == Step::refused) {
      return fail(ErrorCode::conflict, *reason);
    }
    if (step == Step::applied) {
      names.emplace_back(migration.name);
    }
  }
  return names;
}

bool is_current(Database& database, std::span<const Migration> migrations) {
  const Applied applied = database.read(read_applied);
  return !conflict(applied, migrations) &&
         std::ranges::none_of(
             migrations, [&](const Migration& migration) { return missing(applied, migration); });
}

}  // namespace bb::storage

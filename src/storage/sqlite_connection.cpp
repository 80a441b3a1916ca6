#include "storage/sqlite_connection.hpp"

#include <fmt/format.h>

#include <cstring>
#include <new>

namespace bb::storage {
namespace {

// Far more than the SQL texts of the program; a bound, should some text be made at run time.
constexpr std::size_t max_statements = 256;

// What failed and what to do about it, for the operator.
std::string explain(int code, std::string_view detail, int system_error,
                    std::chrono::milliseconds busy_timeout) {
  switch (code & 0xff) {
    case SQLITE_FULL:
      return "the disk is full: free some space; the change was rolled back, nothing else is lost";
    case SQLITE_READONLY:
      return "read-only: make the file and its folder writable for the user that runs this program";
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return fmt::format(
          "locked by another program for more than {} ms: end what holds it (a second server, "
          "a sqlite3 shell, a backup)",
          busy_timeout.count());
    case SQLITE_CORRUPT:
      return "the file is damaged: stop the program, keep a copy of the file, and restore a backup "
             "or try the .recover command of the sqlite3 shell";
    case SQLITE_NOTADB:
      return "the file is not a SQLite database: name another one in DATABASE_URI or move it away";
    case SQLITE_CANTOPEN:
      return "cannot be opened: the file and its folder have to be readable and writable for the "
             "user that runs this program";
    case SQLITE_IOERR:
      return fmt::format("cannot be read or written ({}): check the disk and its free space",
                         system_error != 0 ? std::strerror(system_error) : std::string(detail));
    default:
      return std::string(detail);
  }
}

// A wrong statement, a violated constraint: mended in the code, not by the operator.
bool is_defect(int code) {
  switch (code & 0xff) {
    case SQLITE_ERROR:
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
    case SQLITE_MISUSE:
    case SQLITE_RANGE:
    case SQLITE_TOOBIG:
      return true;
    default:
      return false;
  }
}

// Leaves a cached statement ready for its next use, without pointers to the values of this one.
class Reset {
 public:
  explicit Reset(sqlite3_stmt* statement) : statement_(statement) {}
  ~Reset() {
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
  }
  Reset(const Reset&) = delete;
  Reset& operator=(const Reset&) = delete;

 private:
  sqlite3_stmt* statement_;
};

}  // namespace

SqliteConnection::SqliteConnection(const std::string& path, Access access,
                                   std::chrono::milliseconds busy_timeout)
    : path_(path), access_(access), busy_timeout_(busy_timeout) {
  sqlite3* handle = nullptr;
  const int code =
      sqlite3_open_v2(path.c_str(), &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  database_.reset(handle);
  if (code != SQLITE_OK) {
    throw_error(code, "");
  }
  sqlite3_extended_result_codes(handle, 1);
  sqlite3_busy_timeout(handle, static_cast<int>(busy_timeout.count()));
  if (sqlite3_db_readonly(handle, "main") == 1) {
    throw_error(SQLITE_READONLY, "");
  }
  control("PRAGMA foreign_keys = ON");
  control("PRAGMA cell_size_check = ON");
  // What an INSERT of many rows or a sort sets aside would otherwise go through files.
  control("PRAGMA temp_store = MEMORY");
  if (access == Access::read_only) {
    control("PRAGMA query_only = ON");
    return;
  }
  turn_on_write_ahead_log();
  control("PRAGMA synchronous = FULL");
  control("PRAGMA cache_size = -8000");  // KiB: what a commit of thousands of rows changes
  control("PRAGMA secure_delete = ON");  // what people had erased does not stay in the file
}

// SQLite does not wait for a lock here, so where two processes open a new file at once, one of them
// waits in BEGIN IMMEDIATE instead and looks again.
void SqliteConnection::turn_on_write_ahead_log() {
  constexpr int attempts = 10;
  for (int attempt = 1;; ++attempt) {
    const Handle pragma = prepare("PRAGMA journal_mode = WAL", 0, nullptr);
    const int code = sqlite3_step(pragma.get());
    if (code == SQLITE_ROW) {
      const auto* mode = reinterpret_cast<const char*>(sqlite3_column_text(pragma.get(), 0));
      if (mode != nullptr && std::string_view(mode) == "wal") {
        return;
      }
      throw DatabaseError(fmt::format(
          "database {}: this file system cannot hold a write-ahead log: use a local disk", path_));
    }
    if ((code & 0xff) != SQLITE_BUSY || attempt == attempts) {
      throw_error(code, "");
    }
    sqlite3_reset(pragma.get());
    control("BEGIN IMMEDIATE");
    control("ROLLBACK");
  }
}

void SqliteConnection::throw_error(int code, std::string_view sql) const {
  if ((code & 0xff) == SQLITE_NOMEM) {
    throw std::bad_alloc();
  }
  const std::string detail =
      database_ ? sqlite3_errmsg(database_.get()) : std::string(sqlite3_errstr(code));
  const bool writes_while_reading =
      access_ == Access::read_only && code == SQLITE_READONLY && !sql.empty();
  if (is_defect(code) || writes_while_reading) {
    throw std::logic_error(fmt::format("{} in: {}", detail, sql));
  }
  const int system_error = database_ ? sqlite3_system_errno(database_.get()) : 0;
  throw DatabaseError(
      fmt::format("database {}: {}", path_, explain(code, detail, system_error, busy_timeout_)));
}

SqliteConnection::Handle SqliteConnection::prepare(std::string_view sql, unsigned flags,
                                                   std::string_view* rest) {
  sqlite3_stmt* raw = nullptr;
  const char* tail = nullptr;
  const int code = sqlite3_prepare_v3(database_.get(), sql.data(), static_cast<int>(sql.size()),
                                      flags, &raw, &tail);
  Handle handle(raw);
  if (code != SQLITE_OK) {
    throw_error(code, sql);
  }
  if (rest != nullptr) {
    *rest = sql.substr(static_cast<std::size_t>(tail - sql.data()));
  }
  return handle;
}

SqliteConnection::Statement& SqliteConnection::statement(std::string_view sql) {
  if (const auto found = statements_.find(sql); found != statements_.end()) {
    return found->second;
  }
  std::string_view rest;
  Statement made{.handle = prepare(sql, SQLITE_PREPARE_PERSISTENT, &rest), .positions = {}};
  if (!made.handle || (!rest.empty() && prepare(rest, 0, nullptr))) {
    throw std::logic_error(fmt::format("not exactly one statement: {}", sql));
  }
  const int count = sqlite3_bind_parameter_count(made.handle.get());
  for (int number = 1; number <= count; ++number) {
    const std::string name = fmt::format("${}", number);
    const int position = sqlite3_bind_parameter_index(made.handle.get(), name.c_str());
    if (position == 0) {
      throw std::logic_error(
          fmt::format("placeholders are $1 to ${}, but {} is missing in: {}", count, name, sql));
    }
    made.positions.push_back(position);
  }
  if (statements_.size() >= max_statements) {
    statements_.clear();
  }
  return statements_.emplace(std::string(sql), std::move(made)).first->second;
}

void SqliteConnection::bind(const Statement& statement, std::string_view sql,
                            std::span<const Value> parameters) {
  if (parameters.size() != statement.positions.size()) {
    throw std::logic_error(fmt::format("{} parameters given, {} wanted by: {}", parameters.size(),
                                       statement.positions.size(), sql));
  }
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const int position = statement.positions[i];
    sqlite3_stmt* const handle = statement.handle.get();
    int code = SQLITE_OK;
    if (const auto* number = std::get_if<std::int64_t>(&parameters[i].data())) {
      code = sqlite3_bind_int64(handle, position, *number);
    } else if (const auto* text = std::get_if<std::string>(&parameters[i].data())) {
      code =
          sqlite3_bind_text64(handle, position, text->data(), text->size(), nullptr, SQLITE_UTF8);
    } else {
      code = sqlite3_bind_null(handle, position);
    }
    if (code != SQLITE_OK) {
      throw_error(code, sql);
    }
  }
}

bool SqliteConnection::step(sqlite3_stmt* statement, std::string_view sql) {
  const int code = sqlite3_step(statement);
  if (code != SQLITE_ROW && code != SQLITE_DONE) {
    throw_error(code, sql);
  }
  return code == SQLITE_ROW;
}

Row SqliteConnection::read_row(sqlite3_stmt* statement, std::string_view sql) {
  std::vector<Value> values;
  const int count = sqlite3_column_count(statement);
  values.reserve(static_cast<std::size_t>(count));
  for (int column = 0; column < count; ++column) {
    switch (sqlite3_column_type(statement, column)) {
      case SQLITE_NULL:
        values.emplace_back();
        break;
      case SQLITE_INTEGER:
        values.emplace_back(sqlite3_column_int64(statement, column));
        break;
      case SQLITE_TEXT: {
        const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
        if (text == nullptr) {
          throw std::bad_alloc();
        }
        const int bytes = sqlite3_column_bytes(statement, column);
        values.emplace_back(std::string(text, static_cast<std::size_t>(bytes)));
        break;
      }
      default:
        throw std::logic_error(fmt::format(
            "column {} is neither whole number nor text (cast it) in: {}", column, sql));
    }
  }
  return Row(std::move(values));
}

// After disk full and the like SQLite itself rolls back; a statement that followed, because someone
// caught the error, would be committed alone.
void SqliteConnection::require_open_transaction(std::string_view sql) const {
  if (sqlite3_get_autocommit(database_.get()) != 0) {
    throw DatabaseError(
        fmt::format("database {}: the transaction was rolled back by an earlier error; refused: {}",
                    path_, sql));
  }
}

Rows SqliteConnection::query(std::string_view sql, std::span<const Value> parameters) {
  require_open_transaction(sql);
  Statement& prepared = statement(sql);
  const Reset reset(prepared.handle.get());
  bind(prepared, sql, parameters);
  Rows rows;
  while (step(prepared.handle.get(), sql)) {
    rows.push_back(read_row(prepared.handle.get(), sql));
  }
  return rows;
}

std::int64_t SqliteConnection::execute(std::string_view sql, std::span<const Value> parameters) {
  require_open_transaction(sql);
  Statement& prepared = statement(sql);
  const Reset reset(prepared.handle.get());
  bind(prepared, sql, parameters);
  const std::int64_t before = sqlite3_total_changes64(database_.get());
  while (step(prepared.handle.get(), sql)) {
  }
  // A statement that cannot change rows leaves the count of the one before it.
  return sqlite3_total_changes64(database_.get()) == before ? 0
                                                            : sqlite3_changes64(database_.get());
}

void SqliteConnection::execute_script(std::string_view sql) {
  require_open_transaction("a script");
  std::string_view rest = sql;
  while (!rest.empty()) {
    const std::string_view text = rest;
    const Handle handle = prepare(text, 0, &rest);
    while (handle && step(handle.get(), text.substr(0, text.size() - rest.size()))) {
    }
    if (sqlite3_get_autocommit(database_.get()) != 0) {
      throw std::logic_error("a script ended the transaction that it runs in");
    }
  }
}

bool SqliteConnection::has_table(std::string_view name) {
  return !query(
              "SELECT 1 FROM sqlite_schema WHERE type = 'table' "
              "AND name = $1 COLLATE NOCASE",
              {name})
              .empty();
}

TableLayout SqliteConnection::layout(std::string_view table) {
  TableLayout layout;
  for (const Row& row : query("SELECT name FROM pragma_table_info($1) ORDER BY cid", {table})) {
    layout.columns.push_back(row.text(0));
  }
  for (const Row& row :
       query("SELECT name FROM pragma_table_info($1) WHERE pk > 0 ORDER BY pk", {table})) {
    layout.key.push_back(row.text(0));
  }
  return layout;
}

const Dialect& SqliteConnection::dialect() const {
  static constexpr Dialect dialect{.skip_locked = "", .has_without_rowid = true};
  return dialect;
}

void SqliteConnection::control(const char* sql) {
  const Handle handle = prepare(sql, 0, nullptr);
  while (step(handle.get(), sql)) {
  }
}

void SqliteConnection::transaction(const std::function<void(Connection&)>& work) {
  control(access_ == Access::read_write ? "BEGIN IMMEDIATE" : "BEGIN");
  try {
    work(*this);
    require_open_transaction("COMMIT");
    control("COMMIT");
  } catch (...) {
    if (sqlite3_get_autocommit(database_.get()) == 0) {
      sqlite3_exec(database_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
    }
    throw;
  }
}

}  // namespace bb::storage

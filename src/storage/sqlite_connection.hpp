// One connection to a SQLite file, used by one thread at a time.
#pragma once

#include <sqlite3.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "storage/database.hpp"

namespace bb::storage {

enum class Access { read_write, read_only };

class SqliteConnection final : public Connection {
 public:
  // Throws DatabaseError. The file exists.
  SqliteConnection(const std::string& path, Access access, std::chrono::milliseconds busy_timeout);

  using Connection::execute;
  using Connection::query;
  Rows query(std::string_view sql, std::span<const Value> parameters) override;
  std::int64_t execute(std::string_view sql, std::span<const Value> parameters) override;
  void execute_script(std::string_view sql) override;
  bool has_table(std::string_view name) override;
  TableLayout layout(std::string_view table) override;
  void lock(std::string_view /*name*/) override {}  // the one writer has all there are
  [[nodiscard]] const Dialect& dialect() const override;

  [[nodiscard]] sqlite3* handle() const { return database_.get(); }

  // Runs `work` between BEGIN and COMMIT; rolls back if either throws.
  void transaction(const std::function<void(Connection&)>& work);

 private:
  struct Close {
    void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
  };
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  using Handle = std::unique_ptr<sqlite3_stmt, Finalize>;

  struct Statement {
    Handle handle;
    std::vector<int> positions;  // of $1, $2, ... among SQLite's parameters, in order of appearance
  };
  struct SqlHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view sql) const {
      return std::hash<std::string_view>{}(sql);
    }
  };

  Handle prepare(std::string_view sql, unsigned flags, std::string_view* rest);
  Statement& statement(std::string_view sql);
  void bind(const Statement& statement, std::string_view sql, std::span<const Value> parameters);
  bool step(sqlite3_stmt* statement, std::string_view sql);
  Row read_row(sqlite3_stmt* statement, std::string_view sql);
  void control(const char* sql);
  void turn_on_write_ahead_log();
  void require_open_transaction(std::string_view sql) const;
  [[noreturn]] void throw_error(int code, std::string_view sql) const;

  std::string path_;
  Access access_;
  std::chrono::milliseconds busy_timeout_;
  std::unique_ptr<sqlite3, Close> database_;
  std::unordered_map<std::string, Statement, SqlHash, std::equal_to<>> statements_;
};

}  // namespace bb::storage

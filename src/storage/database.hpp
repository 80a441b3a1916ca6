// The port to the SQL database. SQL is text next to the function that uses it, with $1..$n
// placeholders, and runs unchanged on every database.
#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"

namespace bb::storage {

// The database is broken or out of reach: disk full, file read-only, corrupt, locked for too long.
// An exception, because no caller can mend it; the unit of work was rolled back as a whole. Defects
// (wrong SQL, a wrong number of parameters, a violated constraint) are std::logic_error.
class DatabaseError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// SQL NULL, a whole number, or text. Times are stored as UTC milliseconds, bools as 0 and 1.
class Value {
 public:
  Value() = default;
  Value(std::nullopt_t /*null*/) {}                                   // NOLINT: implicit on purpose
  template <std::integral Number>                                     // bool too
  Value(Number number) : data_(static_cast<std::int64_t>(number)) {}  // NOLINT
  Value(TimePoint time) : data_(time.time_since_epoch().count()) {}   // NOLINT
  Value(std::string text) : data_(std::move(text)) {}                 // NOLINT
  Value(std::string_view text) : data_(std::string(text)) {}          // NOLINT
  Value(const char* text) : data_(std::string(text)) {}               // NOLINT
  template <class Tag>
  Value(const Id<Tag>& id) : data_(id.value) {}  // NOLINT
  template <class T>
  Value(const std::optional<T>& optional) {  // NOLINT
    if (optional) {
      *this = Value(*optional);
    }
  }

  [[nodiscard]] bool is_null() const { return std::holds_alternative<std::monostate>(data_); }
  [[nodiscard]] const std::variant<std::monostate, std::int64_t, std::string>& data() const {
    return data_;
  }
  bool operator==(const Value&) const = default;

 private:
  std::variant<std::monostate, std::int64_t, std::string> data_;
};

// One row of a result. Reading a column as another type than it has, or NULL as a plain type, is a
// defect and throws std::logic_error.
class Row {
 public:
  explicit Row(std::vector<Value> values) : values_(std::move(values)) {}

  [[nodiscard]] const Value& value(std::size_t column) const { return values_.at(column); }
  [[nodiscard]] std::int64_t integer(std::size_t column) const;
  [[nodiscard]] const std::string& text(std::size_t column) const;
  [[nodiscard]] TimePoint time(std::size_t column) const;
  [[nodiscard]] bool boolean(std::size_t column) const { return integer(column) != 0; }
  [[nodiscard]] bool is_null(std::size_t column) const { return values_.at(column).is_null(); }
  [[nodiscard]] std::optional<std::int64_t> optional_integer(std::size_t column) const;
  [[nodiscard]] std::optional<std::string> optional_text(std::size_t column) const;
  [[nodiscard]] std::optional<TimePoint> optional_time(std::size_t column) const;

 private:
  std::vector<Value> values_;
};

using Rows = std::vector<Row>;

// What the databases write differently.
struct Dialect {
  std::string_view skip_locked;  // after SELECT ...: locks its rows, without those locked by others
  bool has_without_rowid;        // CREATE TABLE (...) WITHOUT ROWID: kept in the order of its key
};

// As the database itself tells.
struct TableLayout {
  std::vector<std::string> columns;
  std::vector<std::string> key;  // the columns of the primary key
};

// Inside one transaction.
class Connection {
 public:
  virtual ~Connection() = default;

  // Runs one statement and returns its rows (SELECT, or INSERT/UPDATE/DELETE ... RETURNING).
  virtual Rows query(std::string_view sql, std::span<const Value> parameters) = 0;
  Rows query(std::string_view sql, std::initializer_list<Value> parameters = {}) {
    return query(sql, std::span(parameters.begin(), parameters.size()));
  }

  // Runs one statement and returns the number of rows that it changed.
  virtual std::int64_t execute(std::string_view sql, std::span<const Value> parameters) = 0;
  std::int64_t execute(std::string_view sql, std::initializer_list<Value> parameters = {}) {
    return execute(sql, std::span(parameters.begin(), parameters.size()));
  }

  // Runs several statements separated by semicolons, without parameters.
  virtual void execute_script(std::string_view sql) = 0;

  virtual bool has_table(std::string_view name) = 0;
  virtual TableLayout layout(std::string_view table) = 0;

  // Waits until no other transaction holds the lock of this name, and holds it until this one ends.
  // A transaction that is Isolation::serializable sees what was committed before it began, not
  // before it had the lock.
  virtual void lock(std::string_view name) = 0;

  [[nodiscard]] virtual const Dialect& dialect() const = 0;
};

// What a transaction that writes sees of others, where there can be others at the same time.
// SQLite has one writer, so there it is all the same.
enum class Isolation {
  serializable,    // nothing: as if they ran one after the other
  read_committed,  // each statement sees what was committed before it; cheaper, and enough for a
                   // single statement that checks and changes the same rows
};

class Database {
 public:
  virtual ~Database() = default;

  // Runs `work` in a transaction that may write and commits it durably; returns what `work`
  // returns. An exception from `work` rolls back and goes on to the caller. No network call in
  // here, and no other transaction on the same thread (std::logic_error). Where several write at
  // once, `work` may be run several times, of which only the last one counts: it must not change
  // what it captured.
  template <class Work>
  auto write(Work&& work, Isolation isolation = Isolation::serializable) {
    return run(work, [&](const auto& unit) { write_transaction(unit, isolation); });
  }

  // The same for reading only: sees one consistent state, and never waits for a writer.
  template <class Work>
  auto read(Work&& work) {
    return run(work, [&](const auto& unit) { read_transaction(unit); });
  }

 protected:
  virtual void write_transaction(const std::function<void(Connection&)>& work,
                                 Isolation isolation) = 0;
  virtual void read_transaction(const std::function<void(Connection&)>& work) = 0;

 private:
  template <class Work, class Transaction>
  auto run(Work& work, Transaction transaction) {
    using Returned = std::invoke_result_t<Work&, Connection&>;
    if constexpr (std::is_void_v<Returned>) {
      transaction([&](Connection& connection) { work(connection); });
    } else {
      std::optional<Returned> value;
      transaction([&](Connection& connection) { value.emplace(work(connection)); });
      return std::move(*value);
    }
  }
};

// Opens the database that `uri` names: "sqlite:PATH" ("sqlite:data/busy-beaver.db", also
// SQLAlchemy's sqlite:///relative and sqlite:////absolute), whose missing folders are made, or
// "postgresql://..." as libpq understands it. An error says what to do: not writable, not a
// database, of a scheme that is not supported.
Result<std::unique_ptr<Database>> open(const std::string& uri);

// The file that a "sqlite:PATH" URI names; invalid_input for another scheme.
Result<std::string> sqlite_file(const std::string& uri);

}  // namespace bb::storage

// One connection to a PostgreSQL server, used by one thread at a time.
#pragma once

#include <libpq-fe.h>

#include <memory>
#include <string>
#include <string_view>

#include "storage/database.hpp"
#include "storage/postgres_uri.hpp"

namespace bb::storage {

// The transaction collided with another one and was rolled back as a whole: it can be run again.
class Conflict : public DatabaseError {
 public:
  using DatabaseError::DatabaseError;
};

// The server cannot be reached, or ended the connection. Unless COMMIT was sent, the transaction
// was rolled back.
class ConnectionLost : public DatabaseError {
 public:
  using DatabaseError::DatabaseError;
};

class PostgresConnection final : public Connection {
 public:
  // Throws ConnectionLost, or DatabaseError where trying again would not help.
  explicit PostgresConnection(const PostgresAddress& address);

  using Connection::execute;
  using Connection::query;
  Rows query(std::string_view sql, std::span<const Value> parameters) override;
  std::int64_t execute(std::string_view sql, std::span<const Value> parameters) override;
  void execute_script(std::string_view sql) override;
  bool has_table(std::string_view name) override;
  TableLayout layout(std::string_view table) override;
  void lock(std::string_view name) override;
  [[nodiscard]] const Dialect& dialect() const override;

  // Begins a transaction by `statements`; returns the value that the last one gives. Throws
  // ConnectionLost if it cannot.
  std::string begin(const char* statements);

  // Throws ConnectionLost if nobody can tell whether it was done.
  void commit();

  void rollback() noexcept;

  // Not inside a transaction, and the server is there as far as is known.
  [[nodiscard]] bool is_idle() const;

 private:
  struct Finish {
    void operator()(PGconn* connection) const { PQfinish(connection); }
  };
  struct Clear {
    void operator()(PGresult* result) const { PQclear(result); }
  };
  using Answer = std::unique_ptr<PGresult, Clear>;

  Answer run(std::string_view sql, std::span<const Value> parameters);
  Answer control(const char* sql);
  void check(const Answer& answer, std::string_view sql) const;
  void require_open_transaction(std::string_view sql) const;
  [[noreturn]] void throw_error(const PGresult* result, std::string_view sql) const;
  [[nodiscard]] std::string message(std::string_view detail) const;

  std::string name_;
  std::unique_ptr<PGconn, Finish> connection_;
};

}  // namespace bb::storage

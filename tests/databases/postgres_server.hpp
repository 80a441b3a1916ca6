// A PostgreSQL server for tests, with pgbouncer in front of it.
#pragma once

#include <memory>
#include <string>

#include "tests/temporary_folder.hpp"

namespace bb::tests {

class PostgresServer {
 public:
  // The server that all tests of a run share (the file that BB_TEST_POSTGRES names tells where it
  // is), or where there is none, one that ends with this process.
  static PostgresServer& shared();

  PostgresServer();  // starts one
  ~PostgresServer();
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  enum class Way { direct, pooled };
  [[nodiscard]] std::string uri(const std::string& database, Way way = Way::direct) const;

  // Where its sockets are: .s.PGSQL.5432 of the server, .s.PGSQL.6432 of pgbouncer.
  [[nodiscard]] const std::string& folder() const { return folder_; }

  // As after a crash: all connections are broken, what was committed is there.
  void restart();

  // Runs one statement outside of a transaction.
  void execute(const std::string& sql, const std::string& database = "postgres") const;

 private:
  explicit PostgresServer(std::string file);
  void run(const std::string& command) const;

  std::unique_ptr<TemporaryFolder> own_;  // none: shared
  std::string file_;
  std::string folder_;
};

// An empty database of its own.
class PostgresDatabase {
 public:
  explicit PostgresDatabase(PostgresServer& server = PostgresServer::shared());
  ~PostgresDatabase();
  PostgresDatabase(const PostgresDatabase&) = delete;
  PostgresDatabase& operator=(const PostgresDatabase&) = delete;

  [[nodiscard]] std::string uri(PostgresServer::Way way = PostgresServer::Way::direct) const {
    return server_.uri(name_, way);
  }
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  PostgresServer& server_;
  std::string name_;
};

}  // namespace bb::tests

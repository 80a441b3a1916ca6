#include "tests/databases/postgres_server.hpp"

#include <libpq-fe.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <fstream>
#include <stdexcept>

namespace bb::tests {
namespace {

std::string first_line(const std::string& file) {
  std::string line;
  std::getline(std::ifstream(file), line);
  if (line.empty()) {
    throw std::runtime_error("no server is named in " + file);
  }
  return line;
}

}  // namespace

PostgresServer& PostgresServer::shared() {
  const char* file = std::getenv("BB_TEST_POSTGRES");
  static const std::unique_ptr<PostgresServer> server(file != nullptr && std::ifstream(file).good()
                                                          ? new PostgresServer(file)
                                                          : new PostgresServer);
  return *server;
}

PostgresServer::PostgresServer(std::string file)
    : file_(std::move(file)), folder_(first_line(file_)) {}

PostgresServer::PostgresServer()
    : own_(std::make_unique<TemporaryFolder>()), file_(own_->path("server")) {
  run("start");
  folder_ = first_line(file_);
}

PostgresServer::~PostgresServer() {
  if (own_) {
    run("stop");
  }
}

void PostgresServer::run(const std::string& command) const {
  const std::string line =
      BB_SOURCE_DIR "/tests/databases/postgres_cluster.sh " + command + " " + file_;
  if (std::system(line.c_str()) != 0) {
    throw std::runtime_error("failed: " + line);
  }
}

void PostgresServer::restart() {
  run("restart");
}

std::string PostgresServer::uri(const std::string& database, Way way) const {
  return "postgresql:///" + database + "?host=" + folder_ + "&user=postgres" +
         (way == Way::pooled ? "&port=6432" : "");
}

void PostgresServer::execute(const std::string& sql, const std::string& database) const {
  const std::unique_ptr<PGconn, decltype(&PQfinish)> connection(PQconnectdb(uri(database).c_str()),
                                                                &PQfinish);
  const std::unique_ptr<PGresult, decltype(&PQclear)> result(PQexec(connection.get(), sql.c_str()),
                                                             &PQclear);
  const ExecStatusType status = PQresultStatus(result.get());
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
    throw std::runtime_error(sql + ": " + PQerrorMessage(connection.get()));
  }
}

PostgresDatabase::PostgresDatabase(PostgresServer& server) : server_(server) {
  static std::atomic<int> count = 0;
  name_ = "test_" + std::to_string(getpid()) + "_" + std::to_string(++count);
  server_.execute("CREATE DATABASE " + name_);
}

PostgresDatabase::~PostgresDatabase() {
  try {
    server_.execute("DROP DATABASE " + name_ + " WITH (FORCE)");
  } catch (const std::runtime_error&) {
    // It goes with its server.
  }
}

}  // namespace bb::tests

// The database on a PostgreSQL server, which several instances may share.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "base/result.hpp"
#include "storage/database.hpp"

namespace bb::storage {

struct PostgresOptions {
  // How long a unit of work is run again, until what stops it is reported: a server that is gone,
  // and transactions of others that it collides with.
  std::chrono::milliseconds reconnect_for = std::chrono::seconds(2);
  std::chrono::milliseconds retry_for = std::chrono::seconds(10);
};

// `uri` is what libpq understands (https://www.postgresql.org/docs/15/libpq-connect.html): TLS,
// several hosts, services and password files included. Its password is never part of a message.
//
// A unit of work may be run several times, because it is run again where it certainly did not
// commit: after a conflict with another transaction, and after the connection was lost. Where the
// answer to COMMIT was lost, the server is asked what became of the transaction. What stays unclear
// is a DatabaseError. No session state is used, so that a pooler in transaction mode may be
// between.
Result<std::unique_ptr<Database>> open_postgres(const std::string& uri,
                                                PostgresOptions options = {});

}  // namespace bb::storage

// What DATABASE_URI says about a PostgreSQL server.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace bb::storage {

struct PostgresAddress {
  std::string uri;   // for libpq; may hold a password
  std::string name;  // for messages: host and database
  bool has_many_hosts = false;
};

// postgresql:// or postgres://, also with SQLAlchemy's driver behind it (postgresql+psycopg2://).
bool is_postgres_scheme(std::string_view scheme);

// An error says what to write instead, and nothing of what might be a password.
Result<PostgresAddress> parse_postgres_uri(std::string_view uri);

}  // namespace bb::storage

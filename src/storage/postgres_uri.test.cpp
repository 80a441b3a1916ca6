#include "storage/postgres_uri.hpp"

#include <doctest/doctest.h>

namespace bb::storage {

TEST_CASE("addresses of PostgreSQL are understood as libpq and SQLAlchemy write them") {
  struct Case {
    const char* uri;
    const char* name;
  };
  for (const Case& one : {
           Case{"postgresql://u:p%40ss@db.example.org/beaver?sslmode=verify-full",
                "postgresql://db.example.org/beaver"},
           Case{"postgres://u@db/beaver", "postgresql://db/beaver"},
           Case{"postgresql+psycopg2://u:p@db:5433/beaver", "postgresql://db/beaver"},
           Case{"postgresql:///beaver?host=/run/postgresql", "postgresql:///run/postgresql/beaver"},
           Case{"postgresql://?service=beaver", "postgresql:///"},
           Case{"postgresql://one:5432,two:5432/beaver", "postgresql://one,two/beaver"},
       }) {
    CAPTURE(one.uri);
    const auto address = parse_postgres_uri(one.uri);
    REQUIRE(address);
    CHECK(address->name == one.name);
    CHECK(address->uri.starts_with("postgresql://"));
  }
  CHECK(parse_postgres_uri("postgresql://one,two/beaver")->has_many_hosts);
  CHECK_FALSE(parse_postgres_uri("postgresql://one/beaver")->has_many_hosts);
}

TEST_CASE("a part of a password that was not encoded is in no message") {
  for (const std::string uri :
       {"postgresql://u:hun@ter2@db/beaver", "postgresql://u:hun/ter2@db/beaver",
        "postgresql://u:hun?t@er2@db/beaver", "postgresql://u:hunter2",
        "postgresql://u:hun%ter2@db/beaver", "postgresql://u:p@db:hunter2/beaver",
        "postgresql:u:hunter2@db", "postgresql://[hunter2/beaver"}) {
    CAPTURE(uri);
    const auto address = parse_postgres_uri(uri);
    REQUIRE(!address);
    CHECK((address.error().code == ErrorCode::invalid_input));
    CHECK(address.error().message.find("er2") == std::string::npos);
    CHECK(address.error().message.find("postgresql://user:password@host") != std::string::npos);
  }
}

TEST_CASE("only the schemes of PostgreSQL are taken for it") {
  CHECK(is_postgres_scheme("postgresql"));
  CHECK(is_postgres_scheme("postgres"));
  CHECK(is_postgres_scheme("postgresql+psycopg2"));
  CHECK_FALSE(is_postgres_scheme("postgresqlx"));
  CHECK_FALSE(is_postgres_scheme("sqlite"));
}

}  // namespace bb::storage

#include "app/api_tokens.hpp"

#include <doctest/doctest.h>

#include <filesystem>

#include "app/secret_key.hpp"
#include "storage/migrations.hpp"
#include "tests/temporary_folder.hpp"

namespace bb::app {
namespace {

struct Tokens {
  tests::TemporaryFolder folder;
  VirtualClock clock{TimePoint(std::chrono::hours(480'000))};
  SeededRandom random{1};
  std::unique_ptr<storage::Database> database =
      storage::open("sqlite:" + folder.path("beaver.db")).value();

  Tokens() { REQUIRE(storage::migrate(*database, storage::migrations(), clock)); }

  std::string create(const char* name) {
    return create_token(*database, name, "admin", clock, random).value().reveal();
  }
  [[nodiscard]] Result<ApiUser> authenticate_with(const char* header, const std::string& value) {
    return authenticate(*database, {{header, value}});
  }
};

}  // namespace

TEST_CASE("a token opens the API under every spelling of the header") {
  Tokens tokens;
  const std::string token = tokens.create("admin");
  CHECK(tokens.authenticate_with("Authorization", "token " + token).value().name == "admin");
  CHECK(tokens.authenticate_with("authorization", "Bearer " + token));
  CHECK(tokens.authenticate_with("Authentication", "Token " + token));
}

TEST_CASE("a missing or wrong or revoked token is refused") {
  Tokens tokens;
  const std::string token = tokens.create("admin");
  CHECK_FALSE(authenticate(*tokens.database, {}));
  CHECK_FALSE(tokens.authenticate_with("Authorization", token));
  CHECK_FALSE(tokens.authenticate_with("Authorization", "token "));
  CHECK_FALSE(tokens.authenticate_with("Authorization", "Basic " + token));
  CHECK_FALSE(tokens.authenticate_with("Authorization", "token " + token + "x"));
  REQUIRE(revoke_token(*tokens.database, "admin", tokens.clock));
  CHECK_FALSE(tokens.authenticate_with("Authorization", "token " + token));
}

TEST_CASE("a token is nowhere in the database") {
  Tokens tokens;
  const std::string token = tokens.create("admin");
  tokens.database->read([&](storage::Connection& connection) {
    const storage::Rows rows = connection.query("SELECT id, name, role, token_hash FROM api_user");
    REQUIRE(rows.size() == 1);
    for (std::size_t column = 0; column < 4; ++column) {
      CHECK(rows[0].text(column).find(token) == std::string::npos);
    }
  });
}

TEST_CASE("a name has one token until it is revoked") {
  Tokens tokens;
  tokens.create("admin");
  CHECK(
      create_token(*tokens.database, "admin", "admin", tokens.clock, tokens.random).error().code ==
      ErrorCode::conflict);
  REQUIRE(revoke_token(*tokens.database, "admin", tokens.clock));
  CHECK(list_tokens(*tokens.database).at(0).revoked);
  tokens.create("admin");
  CHECK_FALSE(list_tokens(*tokens.database).at(0).revoked);
  CHECK(revoke_token(*tokens.database, "nobody", tokens.clock).error().code ==
        ErrorCode::not_found);
}

TEST_CASE("unusable names and roles are refused") {
  Tokens tokens;
  CHECK_FALSE(create_token(*tokens.database, "", "admin", tokens.clock, tokens.random));
  CHECK_FALSE(create_token(*tokens.database, "a b", "admin", tokens.clock, tokens.random));
  CHECK_FALSE(create_token(*tokens.database, "admin", "root", tokens.clock, tokens.random));
}

TEST_CASE("the key beside the database is made once and only its owner can read it") {
  const tests::TemporaryFolder folder;
  SystemRandom random;
  const std::string first = secret_key_beside(folder.path("beaver.db"), random).value().reveal();
  CHECK(first.size() == 64);
  CHECK(secret_key_beside(folder.path("beaver.db"), random).value().reveal() == first);
  const std::filesystem::path file = folder.path("beaver.db.key");
  using std::filesystem::perms;
  CHECK((std::filesystem::status(file).permissions() == (perms::owner_read | perms::owner_write)));
  CHECK(std::distance(std::filesystem::directory_iterator(file.parent_path()), {}) == 1);
}

TEST_CASE("a key that others can read or that is cut short is refused") {
  const tests::TemporaryFolder folder;
  SystemRandom random;
  REQUIRE(secret_key_beside(folder.path("beaver.db"), random));
  using std::filesystem::perms;
  const std::filesystem::path file = folder.path("beaver.db.key");
  std::filesystem::permissions(file, perms::owner_all | perms::others_read);
  CHECK(secret_key_beside(folder.path("beaver.db"), random).error().code == ErrorCode::forbidden);
  std::filesystem::permissions(file, perms::owner_read | perms::owner_write);
  std::filesystem::resize_file(file, 5);
  CHECK_FALSE(secret_key_beside(folder.path("beaver.db"), random));
}

}  // namespace bb::app

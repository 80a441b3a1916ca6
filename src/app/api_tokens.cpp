#include "app/api_tokens.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "crypto/crypto.hpp"

namespace bb::app {
namespace {

constexpr std::size_t token_octets = 32;
constexpr std::size_t longest_name = 64;

std::string token_hash(std::string_view token) {
  return crypto::to_hex(crypto::sha256(token));
}

bool is_usable_name(std::string_view name) {
  return !name.empty() && name.size() <= longest_name && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.' || c == '@';
  });
}

// The token of "token T" or "Bearer T".
std::optional<std::string_view> token_of(std::string_view header) {
  const std::size_t space = header.find(' ');
  if (space == std::string_view::npos) {
    return std::nullopt;
  }
  const std::string_view scheme = header.substr(0, space);
  if (!equals_ignoring_case(scheme, "token") && !equals_ignoring_case(scheme, "bearer")) {
    return std::nullopt;
  }
  return trim(header.substr(space + 1));
}

}  // namespace

Result<Secret> create_token(storage::Database& database, std::string_view name,
                            std::string_view role, const Clock& clock, Random& random) {
  if (!is_usable_name(name)) {
    return fail(ErrorCode::invalid_input,
                "a user name has 1 to 64 letters, digits and the characters - _ . @");
  }
  if (role != "admin") {
    return fail(ErrorCode::invalid_input, "the role has to be admin");
  }
  const std::string token = crypto::to_base64url(random.bytes(token_octets));
  const bool created = database.write([&](storage::Connection& connection) {
    connection.execute("DELETE FROM api_user WHERE name = $1 AND revoked_at IS NOT NULL", {name});
    return connection.execute(
               "INSERT INTO api_user (id, name, role, token_hash, created_at) VALUES ($1, $2, $3, "
               "$4, "
               "$5) ON CONFLICT DO NOTHING",
               {new_id(clock, random), name, role, token_hash(token), clock.now()}) == 1;
  });
  if (!created) {
    return fail(ErrorCode::conflict,
                "'" + std::string(name) +
                    "' has a token already; revoke it first: busy-beaver token "
                    "revoke --username " +
                    std::string(name));
  }
  return Secret(token);
}

std::vector<ApiUser> list_tokens(storage::Database& database) {
  return database.read([](storage::Connection& connection) {
    std::vector<ApiUser> users;
    for (const storage::Row& row : connection.query(
             "SELECT name, role, created_at, revoked_at FROM api_user ORDER BY name")) {
      users.push_back({.name = row.text(0),
                       .role = row.text(1),
                       .created_at = row.time(2),
                       .revoked = !row.is_null(3)});
    }
    return users;
  });
}

Result<void> revoke_token(storage::Database& database, std::string_view name, const Clock& clock) {
  const bool revoked = database.write([&](storage::Connection& connection) {
    return connection.execute(
               "UPDATE api_user SET revoked_at = $1 WHERE name = $2 AND revoked_at IS NULL",
               {clock.now(), name}) == 1;
  });
  if (!revoked) {
    return fail(ErrorCode::not_found,
                "there is no token of '" + std::string(name) + "'; see: busy-beaver token list");
  }
  return {};
}

Result<ApiUser> authenticate(storage::Database& database, const http::Headers& headers) {
  auto header = headers.find("Authorization");
  if (!header) {
    header = headers.find("Authentication");
  }
  const auto token = header ? token_of(*header) : std::nullopt;
  if (!token || token->empty()) {
    return fail(ErrorCode::unauthorized,
                "this needs the header Authorization: token T; make one with busy-beaver token "
                "create --username NAME");
  }
  // Looked up by hash: the time that takes tells nothing about a token that exists.
  const std::string hash = token_hash(*token);
  const storage::Rows rows = database.read([&](storage::Connection& connection) {
    return connection.query(
        "SELECT name, role, created_at FROM api_user WHERE token_hash = $1 AND revoked_at IS NULL",
        {hash});
  });
  if (rows.empty()) {
    return fail(ErrorCode::unauthorized, "the token is not known or was revoked");
  }
  return ApiUser{.name = rows[0].text(0), .role = rows[0].text(1), .created_at = rows[0].time(2)};
}

}  // namespace bb::app

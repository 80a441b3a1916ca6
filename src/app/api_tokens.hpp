// Tokens of the REST API.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "http/message.hpp"
#include "storage/database.hpp"

namespace bb::app {

struct ApiUser {
  std::string name;
  std::string role;
  TimePoint created_at;
  bool revoked = false;
};

// Makes a user and the token, which is shown this once. conflict if the name is taken,
// invalid_input for an unusable name or role.
Result<Secret> create_token(storage::Database& database, std::string_view name,
                            std::string_view role, const Clock& clock, Random& random);

std::vector<ApiUser> list_tokens(storage::Database& database);

// not_found if there is no such user. A revoked name can be created again.
Result<void> revoke_token(storage::Database& database, std::string_view name, const Clock& clock);

// Who sent the request: `Authorization: token T` or `Bearer T`; the header name `Authentication` is
// accepted too. unauthorized without a token or with an unknown or revoked one.
Result<ApiUser> authenticate(storage::Database& database, const http::Headers& headers);

}  // namespace bb::app

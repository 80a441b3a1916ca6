// The key that seals what is stored, for installations that do not set SECRET_KEY.
#pragma once

#include <string>

#include "base/random.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "crypto/crypto.hpp"
#include "storage/database.hpp"

namespace bb::app {

// Reads the key beside the SQLite file (FILE.key), or makes it with mode 0600. An error if the file
// cannot be read or made, is too short, or can be read by other users.
Result<Secret> secret_key_beside(const std::string& database_file, Random& random);

// An error if the database was begun with another key, and what to do: messages that wait could not
// be opened, and instances with two keys would each fail what the other has stored. The first key
// of a database is noted.
Result<void> check_secret_key(storage::Database& database, const crypto::Sealer& sealer);

// After this the next key is the first one.
void forget_secret_key(storage::Database& database);

}  // namespace bb::app

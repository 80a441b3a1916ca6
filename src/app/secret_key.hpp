// The key that seals what is stored, for installations that do not set SECRET_KEY.
#pragma once

#include <string>

#include "base/random.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"

namespace bb::app {

// Reads the key beside the SQLite file (FILE.key), or makes it with mode 0600. An error if the file
// cannot be read or made, is too short, or can be read by other users.
Result<Secret> secret_key_beside(const std::string& database_file, Random& random);

}  // namespace bb::app

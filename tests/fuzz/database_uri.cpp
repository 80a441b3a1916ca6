// DATABASE_URI of any content: what is said of it does not depend on the password.
#include <cstddef>
#include <cstdint>
#include <string>

#include "storage/database.hpp"
#include "storage/postgres_uri.hpp"

namespace {

// The name of the database, or the error.
std::string said_with(const std::string& password, const std::string& rest) {
  const auto address =
      bb::storage::parse_postgres_uri("postgresql://user:" + password + "@" + rest);
  return address ? address->name : address.error().message;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string uri(data, data + size);
  (void)bb::storage::sqlite_file(uri);
  if (said_with("S3cretOfTheTest", uri) != said_with("An0ther", uri)) {
    __builtin_trap();
  }
  return 0;
}

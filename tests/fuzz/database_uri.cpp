// DATABASE_URI of any content: an error never quotes it, as it may hold a password.
#include <cstddef>
#include <cstdint>
#include <string>

#include "storage/database.hpp"
#include "storage/postgres_uri.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string uri(data, data + size);
  (void)bb::storage::sqlite_file(uri);
  constexpr std::string_view secret = "S3cretOfTheTest";
  const std::string with_secret = "postgresql://user:" + std::string(secret) + "@" + uri;
  const auto address = bb::storage::parse_postgres_uri(with_secret);
  const std::string& said = address ? address->name : address.error().message;
  if (said.find(secret) != std::string::npos) {
    __builtin_trap();
  }
  return 0;
}

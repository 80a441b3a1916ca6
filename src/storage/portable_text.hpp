// The text that every database can store.
#pragma once

#include <string>
#include <string_view>

namespace bb::storage {

// Valid UTF-8 without zero octets, which PostgreSQL knows nothing of: these, as each ill-formed
// sequence, become U+FFFD.
std::string portable_text(std::string_view text);

}  // namespace bb::storage

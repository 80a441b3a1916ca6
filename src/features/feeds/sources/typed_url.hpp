// An address that a person typed, taken apart.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bb::feeds {

struct TypedUrl {
  std::string origin;                 // "https://example.social:8443", in lower case
  std::string host;                   // without "www.", "m." and "mobile."
  std::vector<std::string> segments;  // of the path, decoded, without a last empty one

  bool operator==(const TypedUrl&) const = default;
};

// http and https, without a user; query and fragment are dropped.
std::optional<TypedUrl> parse_typed_url(std::string_view typed);

}  // namespace bb::feeds

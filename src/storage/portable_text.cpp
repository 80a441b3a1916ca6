#include "storage/portable_text.hpp"

#include "base/text.hpp"

namespace bb::storage {

std::string portable_text(std::string_view text) {
  constexpr std::string_view replacement = "\xEF\xBF\xBD";
  std::string valid = to_valid_utf8(text);
  for (std::size_t at = 0; (at = valid.find('\0', at)) != std::string::npos;) {
    valid.replace(at, 1, replacement);
  }
  return valid;
}

}  // namespace bb::storage

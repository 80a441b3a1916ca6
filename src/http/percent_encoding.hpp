// Text as part of an address or a form.
#pragma once

#include <string>
#include <string_view>

namespace bb::http {

// Everything but letters, digits, "-", ".", "_" and "~" as %XX (RFC 3986 section 2.3; what
// OAuth 1.0 wants too: RFC 5849 section 3.6).
std::string percent_encode(std::string_view text);

}  // namespace bb::http

// From the octets of a feed to Unicode.
#pragma once

#include <string>
#include <string_view>

namespace bb::feeds {

// As valid UTF-8 without a byte order mark. What counts is the byte order mark, then the way in
// which the first octets spell markup, then the XML declaration (XML 1.0, appendix F). Undeclared
// or declared as something unknown it is UTF-8 if it can be, else windows-1252. Octets that mean
// nothing become U+FFFD.
std::string to_utf8(std::string_view octets);

}  // namespace bb::feeds

// Addresses of feeds and of what they link to.
#pragma once

#include <string>
#include <string_view>

namespace bb::feeds {

// `reference` as written in a document whose address is `base` (RFC 3986 section 5), with what
// people write into addresses escaped and without user name and password. Empty where it is not
// http or https, longer than 2,000 octets, or cannot be read.
std::string resolve_address(std::string_view base, std::string_view reference);

// One spelling for each address: scheme and host in lower case, no default port, no fragment, no
// user name. Empty as above.
std::string normal_address(std::string_view address);

// "example.org" of https://example.org:8080/feed; empty where there is none.
std::string host_of(std::string_view address);

}  // namespace bb::feeds

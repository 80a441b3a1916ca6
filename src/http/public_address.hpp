// Which IP addresses belong to the public Internet.
#pragma once

#include <sys/socket.h>

#include <string>

namespace bb::http {

// False for what is private, shared, loopback, link-local, multicast, unspecified, reserved or for
// documentation (the special-purpose registries of RFC 6890), for IPv6 forms that carry such an
// IPv4 address, and for what is not IP at all.
bool is_public(const sockaddr& address);

// "10.0.0.1", "fe80::1"; "no IP address" for another family.
std::string to_string(const sockaddr& address);

}  // namespace bb::http

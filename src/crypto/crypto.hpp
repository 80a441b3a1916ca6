// All cryptography, over OpenSSL 3. Nothing here decides what is signed or sealed.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/random.hpp"
#include "base/secret.hpp"

namespace bb::crypto {

// 32 octets (FIPS 180-4).
std::string sha256(std::string_view data);

// 32 octets (RFC 2104 with SHA-256).
std::string hmac_sha256(const Secret& key, std::string_view data);

// 20 octets (RFC 2104 with SHA-1), for protocols that know nothing better.
std::string hmac_sha1(const Secret& key, std::string_view data);

// True if equal; the time taken depends on the lengths only.
bool constant_time_equal(std::string_view left, std::string_view right);

// Lower-case hexadecimal digits.
std::string to_hex(std::string_view octets);

// RFC 4648 section 5, without padding.
std::string to_base64url(std::string_view octets);

// RFC 4648 section 4, with padding (HTTP Basic).
std::string to_base64(std::string_view octets);

// Nothing if the text is not what to_base64() makes.
std::optional<std::string> from_base64(std::string_view text);

// Seals text at rest with AES-256-GCM. `context` binds a sealed text to its place (table and id),
// so that it cannot be moved to another row.
class Sealer {
 public:
  // The key is derived from `secret` with HMAC-SHA256; the secret needs 16 octets or more.
  Sealer(const Secret& secret, Random& random);

  // base64url of nonce (12), ciphertext and tag (16).
  [[nodiscard]] std::string seal(std::string_view text, std::string_view context) const;

  // Nothing if the text was altered, moved, or sealed with another key.
  [[nodiscard]] std::optional<std::string> open(std::string_view sealed,
                                                std::string_view context) const;

 private:
  std::string key_;
  Random* random_;
};

}  // namespace bb::crypto

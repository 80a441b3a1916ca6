#include "crypto/crypto.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <array>
#include <cstdint>
#include <limits>
#include <memory>
#include <stdexcept>

namespace bb::crypto {
namespace {

constexpr std::size_t digest_bytes = 32;
constexpr std::size_t nonce_bytes = 12;
constexpr std::size_t tag_bytes = 16;
constexpr std::size_t least_secret_bytes = 16;

template <auto free_function>
struct FreeWith {
  template <class T>
  void operator()(T* object) const {
    free_function(object);
  }
};

using Mac = std::unique_ptr<EVP_MAC, FreeWith<EVP_MAC_free>>;
using MacContext = std::unique_ptr<EVP_MAC_CTX, FreeWith<EVP_MAC_CTX_free>>;
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, FreeWith<EVP_CIPHER_CTX_free>>;

// OpenSSL fails on valid arguments only when memory or its own installation is broken.
void require(bool succeeded) {
  if (!succeeded) {
    throw std::runtime_error("OpenSSL failed: out of memory, or its default provider is missing");
  }
}

const unsigned char* octets_of(std::string_view text) {
  // Never null: OpenSSL takes a null key or buffer for "not given".
  static constexpr unsigned char nothing = 0;
  return text.empty() ? &nothing : reinterpret_cast<const unsigned char*>(text.data());
}

unsigned char* octets_of(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}

int int_size(std::string_view text) {
  if (text.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) {
    throw std::length_error("more than 2 GiB to seal");
  }
  return static_cast<int>(text.size());
}

constexpr std::string_view alphabet_of_base64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view alphabet_of_base64url =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

std::string encode_base64(std::string_view octets, std::string_view alphabet, bool pad) {
  std::string text;
  text.reserve((octets.size() + 2) / 3 * 4);
  std::uint32_t bits = 0;
  int count = 0;
  for (const char octet : octets) {
    bits = (bits << 8) | static_cast<unsigned char>(octet);
    count += 8;
    while (count >= 6) {
      count -= 6;
      text.push_back(alphabet[(bits >> count) & 0x3f]);
    }
  }
  if (count > 0) {
    text.push_back(alphabet[(bits << (6 - count)) & 0x3f]);
  }
  while (pad && text.size() % 4 != 0) {
    text.push_back('=');
  }
  return text;
}

// Strict: every octet string has exactly one encoding, so that an altered text is never the same
// text.
std::optional<std::string> decode_base64(std::string_view text, std::string_view alphabet) {
  std::string octets;
  octets.reserve(text.size() / 4 * 3 + 2);
  std::uint32_t bits = 0;
  int count = 0;
  for (const char digit : text) {
    const std::size_t value = alphabet.find(digit);
    if (value == std::string_view::npos) {
      return std::nullopt;
    }
    bits = (bits << 6) | static_cast<std::uint32_t>(value);
    count += 6;
    if (count >= 8) {
      count -= 8;
      octets.push_back(static_cast<char>((bits >> count) & 0xff));
    }
  }
  const bool left_over = count == 6 || (bits & ((1U << count) - 1)) != 0;
  return left_over ? std::nullopt : std::optional(std::move(octets));
}

// RFC 2104.
std::string hmac(std::string hash, const Secret& key, std::string_view data) {
  // Looked up once: finding the algorithm costs more than a short HMAC.
  static const Mac mac(EVP_MAC_fetch(nullptr, "HMAC", nullptr));
  require(mac != nullptr);
  const MacContext context(EVP_MAC_CTX_new(mac.get()));
  require(context != nullptr);

  const std::array parameters{OSSL_PARAM_construct_utf8_string("digest", hash.data(), 0),
                              OSSL_PARAM_construct_end()};
  require(EVP_MAC_init(context.get(), octets_of(key.reveal()), key.reveal().size(),
                       parameters.data()) == 1);
  require(EVP_MAC_update(context.get(), octets_of(data), data.size()) == 1);

  std::string digest(digest_bytes, '\0');
  std::size_t size = 0;
  require(EVP_MAC_final(context.get(), octets_of(digest), &size, digest.size()) == 1);
  digest.resize(size);
  return digest;
}

}  // namespace

std::string sha256(std::string_view data) {
  std::string digest(digest_bytes, '\0');
  require(EVP_Digest(octets_of(data), data.size(), octets_of(digest), nullptr, EVP_sha256(),
                     nullptr) == 1);
  return digest;
}

std::string hmac_sha256(const Secret& key, std::string_view data) {
  return hmac("SHA256", key, data);
}

std::string hmac_sha1(const Secret& key, std::string_view data) {
  return hmac("SHA1", key, data);
}

bool constant_time_equal(std::string_view left, std::string_view right) {
  return left.size() == right.size() && CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

std::string to_hex(std::string_view octets) {
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  text.reserve(octets.size() * 2);
  for (const char character : octets) {
    const auto octet = static_cast<unsigned char>(character);
    text.push_back(digits[octet >> 4]);
    text.push_back(digits[octet & 0xf]);
  }
  return text;
}

std::string to_base64url(std::string_view octets) {
  return encode_base64(octets, alphabet_of_base64url, false);
}

std::string to_base64(std::string_view octets) {
  return encode_base64(octets, alphabet_of_base64, true);
}

std::optional<std::string> from_base64(std::string_view text) {
  const std::size_t digits = text.find_last_not_of('=') + 1;
  if (text.size() % 4 != 0 || text.size() - digits > 2) {
    return std::nullopt;
  }
  return decode_base64(text.substr(0, digits), alphabet_of_base64);
}

Sealer::Sealer(const Secret& secret, Random& random) : random_(&random) {
  if (secret.reveal().size() < least_secret_bytes) {
    throw std::invalid_argument("the secret key needs 16 octets or more");
  }
  // A label of its own keeps this key apart from any other that is derived from the same secret.
  key_ = hmac_sha256(secret, "busy-beaver seal v1");
}

std::string Sealer::seal(std::string_view text, std::string_view context) const {
  std::string sealed = random_->bytes(nonce_bytes);
  sealed.resize(nonce_bytes + text.size() + tag_bytes);
  unsigned char* const nonce = octets_of(sealed);
  unsigned char* const ciphertext = nonce + nonce_bytes;

  const CipherContext cipher(EVP_CIPHER_CTX_new());
  require(cipher != nullptr);
  int size = 0;
  require(EVP_EncryptInit_ex2(cipher.get(), EVP_aes_256_gcm(), octets_of(key_), nonce, nullptr) ==
          1);
  require(EVP_EncryptUpdate(cipher.get(), nullptr, &size, octets_of(context), int_size(context)) ==
          1);
  require(EVP_EncryptUpdate(cipher.get(), ciphertext, &size, octets_of(text), int_size(text)) == 1);
  require(EVP_EncryptFinal_ex(cipher.get(), ciphertext + text.size(), &size) == 1);
  require(EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_AEAD_GET_TAG, tag_bytes,
                              ciphertext + text.size()) == 1);
  return to_base64url(sealed);
}

std::optional<std::string> Sealer::open(std::string_view sealed, std::string_view context) const {
  std::optional<std::string> octets = decode_base64(sealed, alphabet_of_base64url);
  if (!octets || octets->size() < nonce_bytes + tag_bytes) {
    return std::nullopt;
  }
  const std::string_view ciphertext =
      std::string_view(*octets).substr(nonce_bytes, octets->size() - nonce_bytes - tag_bytes);
  unsigned char* const nonce = octets_of(*octets);
  unsigned char* const tag = nonce + nonce_bytes + ciphertext.size();

  const CipherContext cipher(EVP_CIPHER_CTX_new());
  require(cipher != nullptr);
  // One octet of room more, so that the buffer of an empty text is an address too.
  std::string text(ciphertext.size() + 1, '\0');
  int size = 0;
  require(EVP_DecryptInit_ex2(cipher.get(), EVP_aes_256_gcm(), octets_of(key_), nonce, nullptr) ==
          1);
  require(EVP_DecryptUpdate(cipher.get(), nullptr, &size, octets_of(context), int_size(context)) ==
          1);
  require(EVP_DecryptUpdate(cipher.get(), octets_of(text), &size, octets_of(ciphertext),
                            int_size(ciphertext)) == 1);
  require(EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_AEAD_SET_TAG, tag_bytes, tag) == 1);
  if (EVP_DecryptFinal_ex(cipher.get(), octets_of(text) + ciphertext.size(), &size) != 1) {
    return std::nullopt;
  }
  text.resize(ciphertext.size());
  return text;
}

}  // namespace bb::crypto

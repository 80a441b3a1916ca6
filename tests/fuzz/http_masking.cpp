// Masking of any text: a known secret in the middle of it is gone, and masking again changes
// nothing.
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "crypto/crypto.hpp"
#include "http/masking.hpp"

namespace {

const std::string secret = "S3cret/with+odd&characters";

void check(const bb::http::Masking& masking, const std::string& text,
           const bb::http::Headers& headers) {
  const std::string once = masking.body(text, headers);
  if (once.find(secret) != std::string::npos || masking.body(once, headers) != once) {
    __builtin_trap();
  }
  const std::string url = masking.url(text);
  if (url.find(secret) != std::string::npos || masking.url(url) != url) {
    __builtin_trap();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::vector<bb::Secret> secrets = {bb::Secret(secret)};
  static const bb::http::Masking masking(secrets);
  const std::string text(data, data + size);
  const std::string half = text.substr(0, size / 2);
  const bb::http::Headers form = {{"Content-Type", "application/x-www-form-urlencoded"}};
  for (const bb::http::Headers& headers : {bb::http::Headers(), form}) {
    check(masking, text, headers);
    check(masking, half + secret + text.substr(half.size()), headers);
    check(masking, half + bb::crypto::to_base64(half + secret) + text.substr(half.size()), headers);
  }
  return 0;
}

// Requests signed with OAuth 1.0a, HMAC-SHA1 (RFC 5849).
#pragma once

#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/secret.hpp"
#include "http/client.hpp"

namespace bb::feeds::x {

struct OAuth1Keys {
  std::string consumer_key;
  Secret consumer_secret;
  Secret token;
  Secret token_secret;
};

// The value of the Authorization header for a request without a form in its body. `nonce` is new
// for every request.
std::string oauth1_authorization(const OAuth1Keys& keys, const http::ClientRequest& request,
                                 std::string_view nonce, TimePoint now);

}  // namespace bb::feeds::x

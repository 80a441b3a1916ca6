#include "features/feeds/sources/x/oauth1.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "crypto/crypto.hpp"
#include "http/percent_encoding.hpp"

namespace bb::feeds::x {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;  // encoded

// RFC 5849 section 3.4.1.3, for a query whose escapes are in any form.
void add_query(Pairs& pairs, std::string_view query) {
  for (const std::string_view pair : split(query, '&')) {
    const std::size_t equals = pair.find('=');
    const auto decoded = [](std::string text) {
      std::ranges::replace(text, '+', ' ');
      return http::percent_decode(text).value_or(text);
    };
    pairs.emplace_back(http::percent_encode(decoded(std::string(pair.substr(0, equals)))),
                       equals == std::string_view::npos
                           ? std::string()
                           : http::percent_encode(decoded(std::string(pair.substr(equals + 1)))));
  }
}

// RFC 5849 section 3.4.1.1.
std::string signed_text(const http::ClientRequest& request, Pairs pairs) {
  const std::string_view url = request.url;
  const std::size_t question = url.find('?');
  if (question != std::string_view::npos) {
    add_query(pairs, url.substr(question + 1));
  }
  std::ranges::sort(pairs);
  std::string parameters;
  for (const auto& [name, value] : pairs) {
    parameters += fmt::format("{}{}={}", parameters.empty() ? "" : "&", name, value);
  }
  return fmt::format("{}&{}&{}", request.method, http::percent_encode(url.substr(0, question)),
                     http::percent_encode(parameters));
}

}  // namespace

std::string oauth1_authorization(const OAuth1Keys& keys, const http::ClientRequest& request,
                                 std::string_view nonce, TimePoint now) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
  Pairs pairs = {{"oauth_consumer_key", http::percent_encode(keys.consumer_key)},
                 {"oauth_nonce", http::percent_encode(nonce)},
                 {"oauth_signature_method", "HMAC-SHA1"},
                 {"oauth_timestamp", std::to_string(seconds)},
                 {"oauth_token", http::percent_encode(keys.token.reveal())},
                 {"oauth_version", "1.0"}};
  const Secret key(http::percent_encode(keys.consumer_secret.reveal()) + "&" +
                   http::percent_encode(keys.token_secret.reveal()));
  const std::string signature =
      crypto::to_base64(crypto::hmac_sha1(key, signed_text(request, pairs)));
  pairs.emplace_back("oauth_signature", http::percent_encode(signature));
  std::string header = "OAuth ";
  for (const auto& [name, value] : pairs) {
    header += fmt::format("{}{}=\"{}\"", name == pairs.front().first ? "" : ", ", name, value);
  }
  return header;
}

}  // namespace bb::feeds::x

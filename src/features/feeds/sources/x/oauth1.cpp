#include "features/feeds/sources/x/oauth1.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/url/encode.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "crypto/crypto.hpp"

namespace bb::feeds::x {
namespace {

// RFC 5849 section 3.6.
std::string encode(std::string_view text) {
  return boost::urls::encode({text.data(), text.size()}, boost::urls::unreserved_chars);
}

using Pairs = std::vector<std::pair<std::string, std::string>>;  // encoded

// RFC 5849 section 3.4.1.3, for a query whose escapes are in any form.
void add_query(Pairs& pairs, std::string_view query) {
  for (const std::string_view pair : split(query, '&')) {
    const std::size_t equals = pair.find('=');
    const auto decoded = [](std::string text) {
      std::ranges::replace(text, '+', ' ');
      return http::percent_decode(text).value_or(text);
    };
    pairs.emplace_back(encode(decoded(std::string(pair.substr(0, equals)))),
                       equals == std::string_view::npos
                           ? std::string()
                           : encode(decoded(std::string(pair.substr(equals + 1)))));
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
  return fmt::format("{}&{}&{}", request.method, encode(url.substr(0, question)),
                     encode(parameters));
}

}  // namespace

std::string oauth1_authorization(const OAuth1Keys& keys, const http::ClientRequest& request,
                                 std::string_view nonce, TimePoint now) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
  Pairs pairs = {{"oauth_consumer_key", encode(keys.consumer_key)},
                 {"oauth_nonce", encode(nonce)},
                 {"oauth_signature_method", "HMAC-SHA1"},
                 {"oauth_timestamp", std::to_string(seconds)},
                 {"oauth_token", encode(keys.token.reveal())},
                 {"oauth_version", "1.0"}};
  const Secret key(encode(keys.consumer_secret.reveal()) + "&" +
                   encode(keys.token_secret.reveal()));
  const std::string signature =
      crypto::to_base64(crypto::hmac_sha1(key, signed_text(request, pairs)));
  pairs.emplace_back("oauth_signature", encode(signature));
  std::string header = "OAuth ";
  for (const auto& [name, value] : pairs) {
    header += fmt::format("{}{}=\"{}\"", name == pairs.front().first ? "" : ", ", name, value);
  }
  return header;
}

}  // namespace bb::feeds::x

#include "github/api_request.hpp"

#include <boost/url/encode.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>
#include <utility>

#include "crypto/crypto.hpp"

namespace bb::github {

std::string path_segment(std::string_view text) {
  return boost::urls::encode({text.data(), text.size()}, boost::urls::unreserved_chars);
}

bool names_a_user(std::string_view login) {
  return !login.empty() && login != "." && login != "..";
}

std::string bearer(const Secret& token) {
  return "Bearer " + token.reveal();
}

std::string basic(const Settings& settings) {
  return "Basic " + crypto::to_base64(settings.client_id + ":" + settings.client_secret.reveal());
}

std::string authorization(const Settings& settings) {
  if (!settings.token.empty()) {
    return bearer(settings.token);
  }
  const bool has_app = !settings.client_id.empty() && !settings.client_secret.empty();
  return has_app ? basic(settings) : std::string();
}

http::ClientRequest api_request(std::string method, std::string url,
                                const std::string& authorization) {
  http::ClientRequest request{.method = std::move(method), .url = std::move(url)};
  request.headers = {{"Accept", "application/vnd.github+json"},
                     {"X-GitHub-Api-Version", "2022-11-28"}};
  if (!authorization.empty()) {
    request.headers.set("Authorization", authorization);
  }
  return request;
}

}  // namespace bb::github

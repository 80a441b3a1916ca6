#include "github/api_request.hpp"

#include <algorithm>
#include <utility>

#include "crypto/crypto.hpp"
#include "github/payload_text.hpp"
#include "http/percent_encoding.hpp"

namespace bb::github {

std::string path_segment(std::string_view text) {
  return http::percent_encode(text);
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

bool names_a_repository(std::string_view repo) {
  const std::size_t slash = repo.find('/');
  return is_full_name(repo) && names_a_user(repo.substr(0, slash)) &&
         names_a_user(repo.substr(slash + 1));
}

bool is_commit_id(std::string_view text) {
  return (text.size() == 40 || text.size() == 64) && std::ranges::all_of(text, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
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

#include "sim/github_oauth.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>

#include "crypto/crypto.hpp"

namespace bb::sim {
namespace {

constexpr std::chrono::minutes code_life{10};

std::string description_of(std::string_view error) {
  if (error == "bad_verification_code") {
    return "The code passed is incorrect or expired.";
  }
  if (error == "incorrect_client_credentials") {
    return "The client_id and/or client_secret passed are incorrect.";
  }
  if (error == "redirect_uri_mismatch") {
    return "The redirect_uri MUST match the registered callback URL for this application.";
  }
  if (error == "access_denied") {
    return "The user has denied your application access.";
  }
  return "The request is not valid.";
}

std::string documentation_of(std::string_view error) {
  return "https://docs.github.com/apps/oauth-apps/maintaining-oauth-apps/"
         "troubleshooting-authorization-request-errors/#" +
         std::string(error);
}

http::Response redirect(const std::string& uri, const http::Parameters& parameters) {
  const std::string_view separator = uri.find('?') == std::string::npos ? "?" : "&";
  return {.status = 302,
          .headers = {{"Location", uri + std::string(separator) + parameters.encode()}},
          .body = {}};
}

http::Response redirect_error(const std::string& uri, std::string_view error,
                              const std::optional<std::string>& state) {
  http::Parameters parameters;
  parameters.add("error", error);
  parameters.add("error_description", description_of(error));
  parameters.add("error_uri", documentation_of(error));
  if (state) {
    parameters.add("state", *state);
  }
  return redirect(uri, parameters);
}

}  // namespace

OAuth::OAuth(const Clock& clock, Random& random, std::string client_id, Secret client_secret,
             std::vector<std::string> redirect_uris)
    : clock_(clock),
      random_(random),
      client_id_(std::move(client_id)),
      client_secret_(std::move(client_secret)),
      redirect_uris_(std::move(redirect_uris)) {}

// Scheme, host and port must be the same; the path may be below the registered one.
bool OAuth::is_allowed_redirect(std::string_view uri) const {
  if (uri.find("/../") != std::string_view::npos) {
    return false;
  }
  return std::any_of(redirect_uris_.begin(), redirect_uris_.end(), [&](const std::string& allowed) {
    if (!uri.starts_with(allowed)) {
      return false;
    }
    const std::string_view rest = uri.substr(allowed.size());
    return rest.empty() || rest.starts_with('/') || rest.starts_with('?') ||
           (allowed.ends_with('/') && !rest.empty());
  });
}

http::Response OAuth::authorization(const http::Parameters& query, PersonDecides decision,
                                    std::int64_t user) {
  if (query.find("client_id") != client_id_ || redirect_uris_.empty()) {
    return http::html_response(404, "<!DOCTYPE html><title>GitHub</title><h1>404</h1>");
  }
  const std::string uri = query.find("redirect_uri").value_or(redirect_uris_.front());
  const auto state = query.find("state");
  if (!is_allowed_redirect(uri)) {
    return redirect_error(redirect_uris_.front(), "redirect_uri_mismatch", state);
  }
  const std::string challenge = query.find("code_challenge").value_or("");
  const bool has_method = query.find("code_challenge_method") == "S256";
  if (challenge.empty() == has_method || (!challenge.empty() && challenge.size() != 43)) {
    return redirect_error(uri, "invalid_request", state);
  }
  switch (decision) {
    case PersonDecides::not_yet:
      return http::html_response(200, "");
    case PersonDecides::cancel:
      return redirect_error(uri, "access_denied", state);
    case PersonDecides::authorize:
      break;
  }
  const std::string code = crypto::to_hex(random_.bytes(10));
  codes_[code] = {.user = user,
                  .redirect_uri = uri,
                  .challenge = challenge,
                  .expires = clock_.now() + code_life};
  http::Parameters parameters;
  parameters.add("code", code);
  if (state) {
    parameters.add("state", *state);
  }
  return redirect(uri, parameters);
}

std::expected<std::string, std::string> OAuth::redeem(const http::Parameters& form) {
  const std::string secret = form.find("client_secret").value_or("");
  if (form.find("client_id") != client_id_ ||
      !crypto::constant_time_equal(secret, client_secret_.reveal())) {
    return std::unexpected("incorrect_client_credentials");
  }
  const auto found = codes_.find(form.find("code").value_or(""));
  if (found == codes_.end() || found->second.expires <= clock_.now()) {
    return std::unexpected("bad_verification_code");
  }
  const auto uri = form.find("redirect_uri");
  if (uri && *uri != found->second.redirect_uri) {
    return std::unexpected("redirect_uri_mismatch");
  }
  const std::string verifier = form.find("code_verifier").value_or("");
  if (!found->second.challenge.empty() &&
      crypto::to_base64url(crypto::sha256(verifier)) != found->second.challenge) {
    return std::unexpected("bad_verification_code");
  }
  const std::string token = make_token("gho_");
  tokens_[token] = {.user = found->second.user, .kind = TokenKind::oauth};
  codes_.erase(found);
  return token;
}

http::Response OAuth::exchange(const http::Parameters& form, bool wants_json) {
  const auto token = redeem(form);
  std::vector<std::pair<std::string, std::string>> answer;
  if (token) {
    answer = {{"access_token", *token}, {"token_type", "bearer"}, {"scope", ""}};
  } else {
    answer = {{"error", token.error()},
              {"error_description", description_of(token.error())},
              {"error_uri", documentation_of(token.error())}};
  }
  if (wants_json) {
    boost::json::object json;
    for (const auto& [name, text] : answer) {
      json[name] = text;
    }
    return http::json_response(200, boost::json::serialize(json));
  }
  http::Parameters parameters;
  for (const auto& [name, text] : answer) {
    parameters.add(name, text);
  }
  return {.status = 200,
          .headers = {{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}},
          .body = parameters.encode()};
}

std::string OAuth::make_token(std::string_view prefix) {
  return std::string(prefix) + crypto::to_hex(random_.bytes(18));
}

bool OAuth::revoke(std::string_view token) {
  const auto found = tokens_.find(token);
  if (found == tokens_.end() || found->second.kind != TokenKind::oauth) {
    return false;
  }
  tokens_.erase(found);
  return true;
}

std::string OAuth::add_personal_token(std::int64_t user) {
  const std::string token = make_token("ghp_");
  tokens_[token] = {.user = user, .kind = TokenKind::personal};
  return token;
}

void OAuth::forget(std::string_view token) {
  if (const auto found = tokens_.find(token); found != tokens_.end()) {
    tokens_.erase(found);
  }
}

std::optional<std::int64_t> OAuth::user_of(std::string_view token) const {
  const auto found = tokens_.find(token);
  return found == tokens_.end() ? std::nullopt : std::optional(found->second.user);
}

std::size_t OAuth::live_tokens() const {
  return static_cast<std::size_t>(
      std::count_if(tokens_.begin(), tokens_.end(),
                    [](const auto& entry) { return entry.second.kind == TokenKind::oauth; }));
}

bool OAuth::is_app(std::string_view credentials) const {
  return credentials == crypto::to_base64(client_id_ + ":" + client_secret_.reveal());
}

}  // namespace bb::sim

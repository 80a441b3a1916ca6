// The OAuth web application flow with PKCE
// (https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps). Internal
// to the simulator.
#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "base/secret.hpp"
#include "http/message.hpp"

namespace bb::sim {

enum class PersonDecides { not_yet, authorize, cancel };

class OAuth {
 public:
  OAuth(const Clock& clock, Random& random, std::string client_id, Secret client_secret,
        std::vector<std::string> redirect_uris);

  void add_redirect_uri(std::string uri) { redirect_uris_.push_back(std::move(uri)); }

  // The authorization page: 404 for an unknown client; 302 with a Location for a wrong request or
  // once the person (`user`) decided; 200 while the person has yet to decide.
  http::Response authorization(const http::Parameters& query, PersonDecides decision,
                               std::int64_t user);

  // POST /login/oauth/access_token: always 200, also for errors.
  http::Response exchange(const http::Parameters& form, bool wants_json);

  // DELETE /applications/{client_id}/token, once the caller is known to be the app.
  bool revoke(std::string_view token);

  std::string add_personal_token(std::int64_t user);
  void forget(std::string_view token);
  [[nodiscard]] std::optional<std::int64_t> user_of(std::string_view token) const;
  [[nodiscard]] std::size_t live_tokens() const;

  // Whether `credentials` (what follows "Basic ") are the app's.
  [[nodiscard]] bool is_app(std::string_view credentials) const;
  [[nodiscard]] const std::string& client_id() const { return client_id_; }

 private:
  struct Code {
    std::int64_t user = 0;
    std::string redirect_uri;
    std::string challenge;
    TimePoint expires;
  };
  enum class TokenKind { oauth, personal };
  struct Token {
    std::int64_t user = 0;
    TokenKind kind = TokenKind::oauth;
  };

  [[nodiscard]] bool is_allowed_redirect(std::string_view uri) const;
  std::string make_token(std::string_view prefix);
  // An access token, or the error word.
  std::expected<std::string, std::string> redeem(const http::Parameters& form);

  const Clock& clock_;
  Random& random_;
  std::string client_id_;
  Secret client_secret_;
  std::vector<std::string> redirect_uris_;
  std::map<std::string, Code, std::less<>> codes_;
  std::map<std::string, Token, std::less<>> tokens_;
};

}  // namespace bb::sim

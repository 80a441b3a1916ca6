// GitHub as the bot sees it: OAuth web flow with PKCE, users, public events with paging,
// conditional requests and rate limits, on real HTTP. Time is the Clock's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "sim/fault.hpp"
#include "sim/github_events.hpp"

namespace bb::sim {

struct GitHubOptions {
  std::string client_id = "Ov23simulated0beaver";
  Secret client_secret{"c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00"};
  std::string app_name = "Busy Beaver";
  std::vector<std::string> redirect_uris = {};  // the first one is used if a request names none
  std::int64_t anonymous_limit = 60;            // requests an hour
  std::int64_t authenticated_limit = 5'000;
};

class GitHub {
 public:
  static Result<std::unique_ptr<GitHub>> start(const Clock& clock, Random& random,
                                               GitHubOptions options = {});
  ~GitHub();
  GitHub(const GitHub&) = delete;
  GitHub& operator=(const GitHub&) = delete;

  [[nodiscard]] std::string api_url() const;  // for GITHUB_API_URL
  [[nodiscard]] std::string web_url() const;  // for GITHUB_WEB_URL
  [[nodiscard]] const GitHubOptions& options() const;

  void add_redirect_uri(std::string uri);
  void set_limits(std::int64_t anonymous, std::int64_t authenticated);

  void add_user(std::int64_t id, std::string login);
  void rename(std::string_view login, std::string new_login);
  void delete_user(std::string_view login);

  // A personal access token of that person, for GITHUB_OAUTH_TOKEN.
  Secret add_token(std::string_view login);

  // Returns the event's id; empty if nobody has this login. `at` is now unless given.
  std::string add_event(std::string_view login, const EventData& data,
                        std::optional<TimePoint> at = std::nullopt);

  // What a browser does with the address of the authorization page: the Location to which GitHub
  // sends it when the person presses Authorize, or Cancel. not_found where GitHub shows an error
  // page instead.
  Result<std::string> authorize(std::string_view url, std::string_view login);
  Result<std::string> deny(std::string_view url);

  // The next requests of `path` (without the prefix of api_url, e.g. "/user", or "*") meet this.
  void add_fault(const std::string& path, Fault fault);
  void clear_faults();

  [[nodiscard]] std::size_t requests(std::string_view path) const;
  [[nodiscard]] std::size_t total_requests() const;
  // Tokens from the OAuth flow that were not revoked.
  [[nodiscard]] std::size_t live_tokens() const;

  // Lets go of held requests and ends the server. Idempotent.
  void stop();

 private:
  struct Inner;
  explicit GitHub(std::unique_ptr<Inner> inner);
  std::unique_ptr<Inner> inner_;
};

}  // namespace bb::sim

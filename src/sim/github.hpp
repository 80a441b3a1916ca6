// GitHub as the bot sees it: OAuth web flow with PKCE, users, public events with paging,
// conditional requests, comparisons, GraphQL and rate limits, on real HTTP. Time is the Clock's.
#pragma once

#include <chrono>
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
  std::int64_t graphql_limit = 5'000;  // points an hour
  // Each answer of the API comes this much later in real time, as over a network; up to 100 wait
  // side by side.
  std::chrono::milliseconds latency{0};
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
  // Requests and GraphQL points an hour of the person with this token.
  void set_limits_of(const Secret& token, std::int64_t requests, std::int64_t points);

  void add_user(std::int64_t id, std::string login);
  void rename(std::string_view login, std::string new_login);
  void delete_user(std::string_view login);
  void suspend(std::string_view login);  // answers are as for a deleted one

  // A personal access token of that person, for GITHUB_OAUTH_TOKEN. As at GitHub, limits are those
  // of the person: tokens of different people have limits of their own.
  Secret add_token(std::string_view login);
  void revoke(const Secret& token);

  void add_pull_request(std::string_view repo, std::int64_t number, std::string title);
  // What a comparison of two commits finds; without it, one commit for each push in between.
  void set_commit_count(std::string_view repo, const std::string& before, const std::string& head,
                        std::int64_t count);

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
  // How many requests of the API were under way at the same time at most.
  [[nodiscard]] std::size_t most_concurrent() const;
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

// GitHub's REST API and OAuth web flow, the few calls that we make.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "github/event.hpp"
#include "http/client.hpp"

namespace bb::github {

struct Settings {
  std::string api_url;         // GITHUB_API_URL, e.g. https://api.github.com
  std::string web_url;         // GITHUB_WEB_URL, e.g. https://github.com
  std::string client_id = {};  // of the OAuth app
  Secret client_secret = {};
  Secret token = {};  // GITHUB_OAUTH_TOKEN; else the OAuth app's id and secret; else none
};

struct Account {
  std::int64_t id = 0;
  std::string login;
  bool operator==(const Account&) const = default;
};

struct RateLimit {
  std::int64_t limit = 0;
  std::int64_t remaining = 0;
  TimePoint reset;
};

struct EventsRequest {
  std::string login;
  std::string etag = {};         // of the last answer's first page, for a conditional request
  std::string known_event = {};  // paging stops at this event id; empty: all pages
};

struct EventsAnswer {
  bool not_modified = false;   // 304: nothing new, `events` is empty
  std::vector<Event> events;   // newest first, as GitHub sends them; up to 3 pages of 100
  std::uint64_t rejected = 0;  // elements that could not be parsed, left out
  std::string etag;
  std::chrono::seconds poll_interval{60};  // X-Poll-Interval: do not ask again sooner
  std::optional<RateLimit> rate_limit;
};

class Api {
 public:
  Api(http::Client& client, const Clock& clock, Settings settings);

  // GET /users/{login}/events/public for many, at most `concurrency` at a time. Per user: not_found
  // (no such user), rate_limited (with retry_after, from Retry-After or x-ratelimit-reset),
  // unavailable, bad_response. Messages do not name the user. After rate_limited no more is sent
  // than what was under way: whoever is not asked yet ends with the same error.
  void public_events(std::span<const EventsRequest> requests, std::size_t concurrency,
                     const std::function<void(std::size_t index, Result<EventsAnswer>)>& done);

  // GET /user/{id}: who has this stable id today; follows a renamed login.
  Result<Account> account_by_id(std::int64_t id);

  // The address to which a member is sent. Scope is empty, challenge method S256, `state` is ours.
  [[nodiscard]] std::string authorize_url(std::string_view redirect_uri, std::string_view state,
                                          std::string_view code_challenge) const;

  // Swaps the code for a token, reads who it is, and revokes the token (a failed revocation is only
  // logged: the token is dropped anyway). Under `deadline` for all of it. unauthorized: the code
  // was refused.
  Result<Account> identify(std::string_view code, std::string_view code_verifier,
                           std::string_view redirect_uri, std::chrono::milliseconds deadline);

 private:
  http::Client& client_;
  const Clock& clock_;
  Settings settings_;
};

}  // namespace bb::github

// GitHub's REST API and OAuth web flow, the few calls that we make.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "github/event.hpp"
#include "github/turns.hpp"
#include "http/client.hpp"

namespace bb::github {

struct Settings {
  std::string api_url;         // GITHUB_API_URL, e.g. https://api.github.com
  std::string web_url;         // GITHUB_WEB_URL, e.g. https://github.com
  std::string client_id = {};  // of the OAuth app
  Secret client_secret = {};
  // GITHUB_OAUTH_TOKEN. Requests are spread over these and the OAuth app's id and secret.
  std::vector<Secret> tokens = {};
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

enum class Resource : std::uint8_t { core, graphql };  // each has rate limits of its own

// What the credentials may still ask for, all together, as far as GitHub has told; those that it
// has not told about yet count with its usual limit. Refused ones count for nothing.
struct Budget {
  std::int64_t limit = 0;                  // requests, or points of GraphQL, an hour
  std::int64_t remaining = 0;              // until the limits are reset
  std::size_t credentials = 0;             // that can be used now; 0 without any credentials
  std::size_t refused = 0;                 // credentials that GitHub refuses (HTTP 401)
  std::optional<TimePoint> blocked_until;  // no credential may ask before
};

struct PullRequestRef {
  std::string repo;  // owner/name
  std::int64_t number = 0;
  auto operator<=>(const PullRequestRef&) const = default;
};

struct PushRange {
  std::string repo;    // owner/name
  std::string before;  // commit ids
  std::string head;
};

// GraphQL answers within 10 s for this many subjects, each with an alias of its own.
inline constexpr std::size_t graphql_subjects = 50;

class Credentials;

// Safe to use from several threads. What GitHub refuses to one credential is asked again with
// another; the caller reads of rate_limited (retry_after: when the first may ask again) only if
// none can be used, and of unauthorized if GitHub refuses all.
template <class T>
struct GraphqlValues {
  std::vector<std::optional<T>> values;  // by place; nothing where GitHub has none
  bool is_complete = true;  // false: GitHub broke off, so that what is missing may exist
};

class Api {
 public:
  Api(http::Client& client, const Clock& clock, Settings settings);
  ~Api();
  Api(const Api&) = delete;
  Api& operator=(const Api&) = delete;

  // GET /users/{login}/events/public for many, at most `concurrency` at a time. Per user: not_found
  // (no such user), rate_limited, unauthorized, unavailable, bad_response. Messages do not name the
  // user. After rate_limited no more is sent than what was under way: whoever is not asked yet ends
  // with the same error. Bulk calls wait for each other, so `done` must not make another one.
  // Users who cannot be asked before `until` (nothing: no end) are left out without a word.
  void public_events(std::span<const EventsRequest> requests, std::size_t concurrency,
                     const std::function<void(std::size_t index, Result<EventsAnswer>)>& done,
                     std::optional<TimePoint> until = std::nullopt);

  [[nodiscard]] Budget budget(Resource resource = Resource::core) const;

  // The titles of up to graphql_subjects pull requests, by one GraphQL request; nothing for those
  // that GitHub does not show. Partial answers count: one is `unavailable` as a whole only if it
  // holds no subject at all. GitHub answers GraphQL to credentials only: `unavailable` without.
  Result<GraphqlValues<std::string>> pull_request_titles(
      std::span<const PullRequestRef> wanted, std::optional<TimePoint> until = std::nullopt);

  // How many releases each of up to graphql_subjects repositories (owner/name) has; likewise.
  Result<GraphqlValues<std::int64_t>> release_counts(std::span<const std::string> repositories,
                                                     std::optional<TimePoint> until = std::nullopt);

  // GET /repos/{repo}/compare/{before}...{head} for many: the number of commits that a push added.
  // not_found after a force-push whose old end is gone, and (without a request) for a new branch.
  void commit_counts(std::span<const PushRange> wanted, std::size_t concurrency,
                     const std::function<void(std::size_t index, Result<std::int64_t>)>& done,
                     std::optional<TimePoint> until = std::nullopt);

  // GET /user/{id} for many: who has this stable id today; follows a renamed login.
  void accounts_by_id(std::span<const std::int64_t> ids, std::size_t concurrency,
                      const std::function<void(std::size_t index, Result<Account>)>& done,
                      std::optional<TimePoint> until = std::nullopt);
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
  std::unique_ptr<Credentials> credentials_;
  Turns turns_;
};

}  // namespace bb::github

// What the simulated GitHub knows, and its REST API over it. Internal to the simulator.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.hpp"
#include "http/message.hpp"
#include "sim/fault.hpp"
#include "sim/github_events.hpp"
#include "sim/github_limits.hpp"
#include "sim/github_oauth.hpp"

namespace bb::sim {

struct GitHubUser {
  std::int64_t id = 0;
  std::string login;
  bool is_suspended = false;
};

struct GitHubEvent {
  std::string id;
  EventData data;
  TimePoint created_at;
};

struct GitHubRepository {
  std::int64_t releases = 0;
  std::map<std::int64_t, std::string> pull_requests = {};  // titles by number
  std::map<std::string, std::string> pushes = {};          // where the push to this commit began
  std::map<std::string, std::int64_t> commit_counts = {};  // by "before...head"

  // Those set, else one for each push in between; nothing where either end is unknown.
  [[nodiscard]] std::optional<std::int64_t> commits_between(const std::string& before,
                                                            const std::string& head) const;
};

// People by id and by login, found in the same time however many there are.
class GitHubPeople {
 public:
  void add(std::int64_t id, std::string login);
  void rename(std::string_view login, std::string new_login);
  void suspend(std::string_view login);
  void remove(std::string_view login);

  // Null for whoever is suspended: GitHub answers as if there were nobody.
  [[nodiscard]] const GitHubUser* find(std::string_view login) const;
  [[nodiscard]] const GitHubUser* find(std::int64_t id) const;
  [[nodiscard]] const std::map<std::int64_t, GitHubUser>& all() const { return by_id_; }

 private:
  GitHubUser* any(std::string_view login);
  std::map<std::int64_t, GitHubUser> by_id_;
  std::unordered_map<std::string, std::int64_t> ids_;  // by login in lower case
};

struct GitHubState {
  OAuth oauth;
  RateLimits limits;
  GitHubPeople people = {};
  std::unordered_map<std::int64_t, std::vector<GitHubEvent>> events = {};  // by actor
  std::unordered_map<std::string, GitHubRepository> repositories = {};     // name in lower case
  std::unordered_map<std::string, std::size_t> requests = {};              // by path
  FaultQueue faults = {};
  std::int64_t last_event = 48'210'000'000;
  std::size_t under_way = 0;  // requests
  std::size_t most_under_way = 0;

  [[nodiscard]] const GitHubRepository* find_repository(std::string_view name) const;
  GitHubRepository& repository(std::string_view name);  // made if there is none
  // Events change repositories: releases are counted, pushes add commits.
  void add_event(std::int64_t actor, GitHubEvent event);
};

struct GitHubCaller {
  std::string identity = {};  // empty: no credentials
  std::optional<std::int64_t> user = std::nullopt;
};

struct GitHubCall {
  const http::Request& request;
  std::string_view path;  // without the API's prefix
  const std::string& api_url;
  TimePoint now;
};

// The answer to a request of the API.
http::Response answer_api(GitHubState& state, const GitHubCall& call);

// GET /users/{login}/events/public
http::Response answer_events(const GitHubState& state, const GitHubUser& user,
                             const GitHubCall& call);

// POST /graphql, with its own rate limit: only what the bot asks for is understood.
http::Response answer_graphql(GitHubState& state, const GitHubCall& call,
                              const GitHubCaller& caller);

// Status 200.
http::Response github_json(std::string body);

// {"message": ..., "documentation_url": ..., "status": "404"}
http::Response github_error(int status, std::string_view message);

}  // namespace bb::sim

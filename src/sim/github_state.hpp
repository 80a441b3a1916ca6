// What the simulated GitHub knows, and its REST API over it. Internal to the simulator.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
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
};

struct GitHubEvent {
  std::string id;
  std::int64_t actor = 0;
  EventData data;
  TimePoint created_at;
};

struct GitHubState {
  OAuth oauth;
  RateLimits limits;
  std::vector<GitHubUser> users = {};
  std::vector<GitHubEvent> events = {};
  std::map<std::string, std::size_t, std::less<>> requests = {};
  FaultQueue faults = {};
  std::int64_t last_event = 48'210'000'000;

  [[nodiscard]] const GitHubUser* find_user(std::string_view login) const;
  [[nodiscard]] const GitHubUser* find_user(std::int64_t id) const;
};

// The answer to a request below the API's prefix; `path` comes without it.
http::Response answer_api(GitHubState& state, const http::Request& request, std::string_view path,
                          const std::string& api_url, TimePoint now);

// {"message": ..., "documentation_url": ..., "status": "404"}
http::Response github_error(int status, std::string_view message);

}  // namespace bb::sim

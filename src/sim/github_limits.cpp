#include "sim/github_limits.hpp"

#include <algorithm>
#include <chrono>

namespace bb::sim {

RateLimits::Window& RateLimits::window(const std::string& identity, LimitedResource resource) {
  Window& found = windows_[{identity, resource}];
  if (found.ends <= clock_.now()) {
    found = {.ends = clock_.now() + std::chrono::hours(1), .used = 0};
  }
  return found;
}

std::int64_t RateLimits::limit(const std::string& identity, LimitedResource resource) const {
  const bool is_core = resource == LimitedResource::core;
  if (const auto own = own_.find(identity); own != own_.end()) {
    return is_core ? own->second.first : own->second.second;
  }
  if (identity.empty()) {
    return is_core ? anonymous_ : 0;
  }
  return is_core ? authenticated_ : points_;
}

RateLimits::Standing RateLimits::standing(const std::string& identity, LimitedResource resource) {
  const Window& now = window(identity, resource);
  const std::int64_t most = limit(identity, resource);
  return {.limit = most, .used = std::min(most, now.used), .ends = now.ends};
}

void RateLimits::count(const std::string& identity, LimitedResource resource, std::int64_t cost) {
  window(identity, resource).used += cost;
}

void RateLimits::describe(const std::string& identity, LimitedResource resource,
                          http::Response& response) {
  const Standing now = standing(identity, resource);
  response.headers.set("X-RateLimit-Limit", std::to_string(now.limit));
  response.headers.set("X-RateLimit-Remaining", std::to_string(now.remaining()));
  response.headers.set("X-RateLimit-Used", std::to_string(now.used));
  response.headers.set("X-RateLimit-Reset",
                       std::to_string(now.ends.time_since_epoch().count() / 1'000));
  response.headers.set("X-RateLimit-Resource",
                       resource == LimitedResource::core ? "core" : "graphql");
}

}  // namespace bb::sim

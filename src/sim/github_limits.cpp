#include "sim/github_limits.hpp"

#include <algorithm>
#include <chrono>

namespace bb::sim {

RateLimits::Window& RateLimits::window(const std::string& identity) {
  Window& found = windows_[identity];
  if (found.ends <= clock_.now()) {
    found = {.ends = clock_.now() + std::chrono::hours(1), .used = 0};
  }
  return found;
}

bool RateLimits::is_exhausted(const std::string& identity) {
  return window(identity).used >= limit(identity);
}

void RateLimits::count(const std::string& identity) {
  ++window(identity).used;
}

void RateLimits::describe(const std::string& identity, http::Response& response) {
  const Window& now = window(identity);
  const std::int64_t most = limit(identity);
  response.headers.set("X-RateLimit-Limit", std::to_string(most));
  response.headers.set("X-RateLimit-Remaining",
                       std::to_string(std::max<std::int64_t>(0, most - now.used)));
  response.headers.set("X-RateLimit-Used", std::to_string(std::min(most, now.used)));
  response.headers.set("X-RateLimit-Reset",
                       std::to_string(now.ends.time_since_epoch().count() / 1'000));
  response.headers.set("X-RateLimit-Resource", "core");
}

}  // namespace bb::sim

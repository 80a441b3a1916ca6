// GitHub's primary rate limits: so many requests, and so many points of GraphQL, an hour for each
// identity. Internal to the simulator.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "base/clock.hpp"
#include "http/message.hpp"

namespace bb::sim {

enum class LimitedResource { core, graphql };

class RateLimits {
 public:
  RateLimits(const Clock& clock, std::int64_t anonymous, std::int64_t authenticated,
             std::int64_t points)
      : clock_(clock), anonymous_(anonymous), authenticated_(authenticated), points_(points) {}

  void set(std::int64_t anonymous, std::int64_t authenticated) {
    anonymous_ = anonymous;
    authenticated_ = authenticated;
  }
  // Of one identity, whatever the others may.
  void set_of(const std::string& identity, std::int64_t requests, std::int64_t points) {
    own_.insert_or_assign(identity, std::pair(requests, points));
  }

  struct Standing {
    std::int64_t limit = 0;
    std::int64_t used = 0;
    TimePoint ends;
    [[nodiscard]] std::int64_t remaining() const { return limit > used ? limit - used : 0; }
  };

  // `identity` is empty for requests without credentials.
  [[nodiscard]] Standing standing(const std::string& identity, LimitedResource resource);
  void count(const std::string& identity, LimitedResource resource, std::int64_t cost = 1);
  // The x-ratelimit-* headers as they stand.
  void describe(const std::string& identity, LimitedResource resource, http::Response& response);

 private:
  struct Window {
    TimePoint ends;
    std::int64_t used = 0;
  };
  Window& window(const std::string& identity, LimitedResource resource);
  [[nodiscard]] std::int64_t limit(const std::string& identity, LimitedResource resource) const;

  const Clock& clock_;
  std::int64_t anonymous_;
  std::int64_t authenticated_;
  std::int64_t points_;
  std::map<std::string, std::pair<std::int64_t, std::int64_t>> own_;
  std::map<std::pair<std::string, LimitedResource>, Window> windows_;
};

}  // namespace bb::sim

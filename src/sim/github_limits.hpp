// GitHub's primary rate limit: so many requests an hour for each identity. Internal to the
// simulator.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "base/clock.hpp"
#include "http/message.hpp"

namespace bb::sim {

class RateLimits {
 public:
  RateLimits(const Clock& clock, std::int64_t anonymous, std::int64_t authenticated)
      : clock_(clock), anonymous_(anonymous), authenticated_(authenticated) {}

  void set(std::int64_t anonymous, std::int64_t authenticated) {
    anonymous_ = anonymous;
    authenticated_ = authenticated;
  }

  // `identity` is empty for requests without credentials.
  [[nodiscard]] bool is_exhausted(const std::string& identity);
  void count(const std::string& identity);
  // The x-ratelimit-* headers as they stand.
  void describe(const std::string& identity, http::Response& response);

 private:
  struct Window {
    TimePoint ends;
    std::int64_t used = 0;
  };
  Window& window(const std::string& identity);
  [[nodiscard]] std::int64_t limit(const std::string& identity) const {
    return identity.empty() ? anonymous_ : authenticated_;
  }

  const Clock& clock_;
  std::int64_t anonymous_;
  std::int64_t authenticated_;
  std::map<std::string, Window> windows_;
};

}  // namespace bb::sim

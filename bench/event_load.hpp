// Signed Slack events, each another message, sent to a server on this machine.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "base/secret.hpp"

namespace bb::bench {

struct EventTarget {
  std::uint16_t port = 0;
  std::string team_id;
  Secret signing_secret;
  std::size_t connections = 32;
};

struct LoadResult {
  std::size_t acknowledged = 0;
  double acknowledged_per_second = 0;
  std::size_t refused = 0;  // any answer but 200, or none within ten seconds
  double p50_ms = 0;
  double p99_ms = 0;
  double max_ms = 0;
};

// Closed loop without a rate: each connection sends the next event when the last is answered. Open
// loop with one: so many a second whatever the answers, and the time of each counts from when it
// was to be sent.
LoadResult send_events(const EventTarget& target, std::optional<double> rate,
                       std::chrono::milliseconds time);

}  // namespace bb::bench

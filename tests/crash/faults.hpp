// What goes wrong at Slack, on the way there, and where feeds come from: drawn for each call,
// counted by kind.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/guarded.hpp"
#include "base/random.hpp"
#include "sim/fault.hpp"
#include "tests/crash/proxy.hpp"

namespace bb::crash {

class Faults {
 public:
  explicit Faults(std::uint64_t seed) : random_(seed) {}

  // A share of the calls fails while `on`.
  void turn(bool on) { on_ = on; }

  std::optional<sim::Fault> draw(std::string_view method);
  Fate draw_fate(std::string_view request);
  std::optional<sim::Fault> draw_of_source();

  using Counts = std::map<std::string, std::size_t>;
  [[nodiscard]] Counts counts() const;
  [[nodiscard]] Counts counts_of_sources() const;

 private:
  SeededRandom random_;
  std::atomic<bool> on_ = false;
  Guarded<Counts> counts_;
  Guarded<Counts> counts_of_sources_;
};

}  // namespace bb::crash

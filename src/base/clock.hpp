// The only place that reads the wall clock. Everything else is handed a Clock, so that tests and
// the demo run in virtual time.
#pragma once

#include <atomic>
#include <chrono>

namespace bb {

// UTC with a resolution of one millisecond: what the database stores.
using TimePoint = std::chrono::sys_time<std::chrono::milliseconds>;

class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual TimePoint now() const = 0;
};

class SystemClock final : public Clock {
 public:
  [[nodiscard]] TimePoint now() const override;
};

// Stands still until told to advance. Safe to share between threads.
class VirtualClock final : public Clock {
 public:
  explicit VirtualClock(TimePoint start) : milliseconds_(start.time_since_epoch().count()) {}

  [[nodiscard]] TimePoint now() const override {
    return TimePoint(std::chrono::milliseconds(milliseconds_.load()));
  }
  void advance(std::chrono::milliseconds by) { milliseconds_.fetch_add(by.count()); }

 private:
  std::atomic<std::int64_t> milliseconds_;
};

}  // namespace bb

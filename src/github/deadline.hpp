// The end of a call to GitHub that somebody waits for.
#pragma once

#include <mutex>
#include <optional>

#include "base/clock.hpp"
#include "http/client.hpp"

namespace bb::github {

class Deadline {
 public:
  // Nothing: the call may take as long as its requests do.
  Deadline(const Clock& clock, std::optional<TimePoint> until) : clock_(clock), until_(until) {}

  [[nodiscard]] bool is_over() const { return until_ && clock_.now() >= *until_; }

  // Nothing without an end.
  [[nodiscard]] std::optional<std::chrono::milliseconds> left() const {
    return until_ ? std::optional(*until_ - clock_.now()) : std::nullopt;
  }

  // Gives `request` the time that is left; not all of it, as one that hangs is in the way of
  // others.
  void limit(http::ClientRequest& request) const;

  // The lock, or none if it is held until the end.
  [[nodiscard]] std::unique_lock<std::timed_mutex> lock(std::timed_mutex& mutex) const;

 private:
  const Clock& clock_;
  std::optional<TimePoint> until_;
};

}  // namespace bb::github

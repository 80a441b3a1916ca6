#include "jobs/kind_limits.hpp"

#include <utility>

namespace bb::jobs {

KindLimits::Places::Places(KindLimits& limits) : limits_(limits) {
  const std::lock_guard lock(limits_.mutex_);
  for (auto& [kind, count] : limits_.kinds_) {
    if (count.taken < count.most) {
      ++count.taken;
      taken_.push_back(kind);
    } else {
      count.refused = true;
      full_.push_back(kind);
    }
  }
}

KindLimits::Places::~Places() {
  const std::lock_guard lock(limits_.mutex_);
  for (const std::string& kind : taken_) {
    --limits_.kinds_.at(kind).taken;
  }
}

bool KindLimits::Places::keep(const std::string& kind) {
  const std::lock_guard lock(limits_.mutex_);
  bool refused = false;
  std::vector<std::string> kept;
  for (std::string& taken : taken_) {
    if (taken == kind) {
      kept.push_back(std::move(taken));
      continue;
    }
    Count& count = limits_.kinds_.at(taken);
    --count.taken;
    refused = std::exchange(count.refused, false) || refused;
  }
  taken_ = std::move(kept);
  return refused;
}

std::vector<std::string> KindLimits::full() {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> full;
  for (auto& [kind, count] : kinds_) {
    if (count.taken >= count.most) {
      count.refused = true;
      full.push_back(kind);
    }
  }
  return full;
}

std::vector<std::string> KindLimits::all() const {
  std::vector<std::string> kinds;
  for (const auto& [kind, count] : kinds_) {
    kinds.push_back(kind);
  }
  return kinds;
}

}  // namespace bb::jobs

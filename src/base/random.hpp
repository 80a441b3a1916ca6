// The only source of randomness. Tests hand in a SeededRandom to get the same run every time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <random>
#include <string>

namespace bb {

class Random {
 public:
  virtual ~Random() = default;

  // `count` random octets (not text).
  virtual std::string bytes(std::size_t count) = 0;

  // A number in [0, bound); bound must not be 0.
  std::uint64_t below(std::uint64_t bound);
};

// From the kernel (getrandom(2)): fit for tokens and keys.
class SystemRandom final : public Random {
 public:
  std::string bytes(std::size_t count) override;
};

// Reproducible, not for secrets of a real installation.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : engine_(seed) {}
  std::string bytes(std::size_t count) override;

 private:
  std::mutex mutex_;
  std::mt19937_64 engine_;
};

}  // namespace bb

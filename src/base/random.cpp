#include "base/random.hpp"

#include <sys/random.h>

#include <cerrno>
#include <cstring>
#include <system_error>

namespace bb {

std::uint64_t Random::below(std::uint64_t bound) {
  std::uint64_t value = 0;
  const std::string octets = bytes(sizeof value);
  std::memcpy(&value, octets.data(), sizeof value);
  // The bias of the remainder is below bound / 2^64: nothing here asks for more.
  return value % bound;
}

std::string SystemRandom::bytes(std::size_t count) {
  std::string octets(count, '\0');
  std::size_t filled = 0;
  while (filled < count) {
    const ssize_t got = getrandom(octets.data() + filled, count - filled, 0);
    if (got < 0) {
      if (errno == EINTR) {
        continue;
      }
      throw std::system_error(errno, std::generic_category(), "getrandom");
    }
    filled += static_cast<std::size_t>(got);
  }
  return octets;
}

std::string SeededRandom::bytes(std::size_t count) {
  const std::lock_guard lock(mutex_);
  std::string octets(count, '\0');
  for (char& octet : octets) {
    octet = static_cast<char>(engine_() & 0xff);
  }
  return octets;
}

}  // namespace bb

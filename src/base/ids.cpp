#include "base/ids.hpp"

#include <cstdint>

namespace bb {

std::string new_id(const Clock& clock, Random& random) {
  static constexpr char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  std::string id(26, '0');
  auto milliseconds = static_cast<std::uint64_t>(clock.now().time_since_epoch().count());
  for (std::size_t i = 10; i-- > 0; milliseconds >>= 5) {
    id[i] = alphabet[milliseconds & 31];
  }
  const std::string octets = random.bytes(16);
  for (std::size_t i = 0; i < 16; ++i) {
    id[10 + i] = alphabet[static_cast<unsigned char>(octets[i]) & 31];
  }
  return id;
}

}  // namespace bb

#include "http/public_address.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace bb::http {
namespace {

struct Range4 {
  std::array<std::uint8_t, 4> start;
  std::size_t bits;
};

constexpr std::array not_public_4 = {
    Range4{{0, 0, 0, 0}, 8},        // this network
    Range4{{10, 0, 0, 0}, 8},       // private
    Range4{{100, 64, 0, 0}, 10},    // shared by carriers (RFC 6598)
    Range4{{127, 0, 0, 0}, 8},      // loopback
    Range4{{169, 254, 0, 0}, 16},   // link-local, and the metadata of clouds
    Range4{{172, 16, 0, 0}, 12},    // private
    Range4{{192, 0, 0, 0}, 24},     // protocol assignments
    Range4{{192, 0, 2, 0}, 24},     // documentation
    Range4{{192, 88, 99, 0}, 24},   // 6to4 relays
    Range4{{192, 168, 0, 0}, 16},   // private
    Range4{{198, 18, 0, 0}, 15},    // benchmarks
    Range4{{198, 51, 100, 0}, 24},  // documentation
    Range4{{203, 0, 113, 0}, 24},   // documentation
    Range4{{224, 0, 0, 0}, 3},      // multicast, reserved, broadcast
};

struct Range6 {
  std::array<std::uint8_t, 16> start;
  std::size_t bits;
};

constexpr Range6 global_unicast{{0x20}, 3};
constexpr std::array not_public_6 = {
    Range6{{0x20, 0x01, 0x00}, 23},        // protocol assignments, Teredo among them
    Range6{{0x20, 0x01, 0x0d, 0xb8}, 32},  // documentation
    Range6{{0x3f, 0xff}, 20},              // documentation
};

// Forms whose octets from `at` on are an IPv4 address, which is what is reached in the end.
struct Carrier {
  Range6 range;
  std::size_t at;
};
constexpr std::array carriers = {
    Carrier{{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 96}, 12},  // IPv4-mapped
    Carrier{{{0x00, 0x64, 0xff, 0x9b}, 96}, 12},                    // NAT64 (RFC 6052)
    Carrier{{{0x20, 0x02}, 16}, 2},                                 // 6to4
};

bool contains(std::span<const std::uint8_t> start, std::size_t bits,
              std::span<const std::uint8_t> octets) {
  const std::size_t whole = bits / 8;
  if (!std::equal(octets.begin(), octets.begin() + static_cast<std::ptrdiff_t>(whole),
                  start.begin())) {
    return false;
  }
  const unsigned left = bits % 8;
  return left == 0 || ((octets[whole] ^ start[whole]) >> (8U - left)) == 0;
}

bool is_public_4(std::span<const std::uint8_t, 4> octets) {
  return std::ranges::none_of(
      not_public_4, [&](const Range4& range) { return contains(range.start, range.bits, octets); });
}

bool is_public_6(std::span<const std::uint8_t, 16> octets) {
  const auto within = [&](const Range6& range) {
    return contains(range.start, range.bits, octets);
  };
  const auto* const carrier = std::ranges::find_if(carriers, within, &Carrier::range);
  if (carrier != carriers.end()) {
    return is_public_4(octets.subspan(carrier->at).first<4>());
  }
  return within(global_unicast) && std::ranges::none_of(not_public_6, within);
}

// The address's octets are copied: what is handed to us may be of the smaller type `sockaddr`.
template <class Octets, class Whole, class Member>
Octets octets_of(const sockaddr& address, Member member) {
  Whole whole{};
  std::memcpy(&whole, &address, sizeof whole);
  Octets octets{};
  std::memcpy(octets.data(), &(whole.*member), octets.size());
  return octets;
}

std::array<std::uint8_t, 4> octets_4(const sockaddr& address) {
  return octets_of<std::array<std::uint8_t, 4>, sockaddr_in>(address, &sockaddr_in::sin_addr);
}

std::array<std::uint8_t, 16> octets_6(const sockaddr& address) {
  return octets_of<std::array<std::uint8_t, 16>, sockaddr_in6>(address, &sockaddr_in6::sin6_addr);
}

}  // namespace

bool is_public(const sockaddr& address) {
  switch (address.sa_family) {
    case AF_INET:
      return is_public_4(octets_4(address));
    case AF_INET6:
      return is_public_6(octets_6(address));
    default:
      return false;
  }
}

std::string to_string(const sockaddr& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const char* shown = nullptr;
  if (address.sa_family == AF_INET) {
    shown = inet_ntop(AF_INET, octets_4(address).data(), text.data(), text.size());
  } else if (address.sa_family == AF_INET6) {
    shown = inet_ntop(AF_INET6, octets_6(address).data(), text.data(), text.size());
  }
  return shown == nullptr ? "no IP address" : shown;
}

}  // namespace bb::http

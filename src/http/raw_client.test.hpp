// A client for tests that sends octets as they are: half requests, several at once, ill-formed
// ones.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bb::http {

class RawClient {
 public:
  explicit RawClient(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const void* const pointer = &address;
    if (::connect(socket_, static_cast<const sockaddr*>(pointer), sizeof address) != 0) {
      ::close(socket_);
      throw std::runtime_error("cannot connect to the server under test");
    }
  }
  RawClient(RawClient&& other) noexcept : socket_(std::exchange(other.socket_, -1)) {}
  RawClient& operator=(RawClient&&) = delete;
  ~RawClient() {
    if (socket_ >= 0) {
      ::close(socket_);
    }
  }

  // False where the peer has closed.
  bool send(std::string_view octets) const {
    while (!octets.empty()) {
      const auto count = ::send(socket_, octets.data(), octets.size(), MSG_NOSIGNAL);
      if (count <= 0) {
        return false;
      }
      octets.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
  }

  void end_sending() const { ::shutdown(socket_, SHUT_WR); }

  // Reads until `end` was received, or the peer closes or is silent for ten seconds.
  std::string read_until(std::string_view end) const {
    std::string received;
    while (received.find(end) == std::string::npos && read_some(received)) {
    }
    return received;
  }

  // Everything until the peer closes. Throws where it does not within ten seconds.
  std::string read_all() const {
    std::string received;
    while (read_some(received)) {
    }
    return received;
  }

  // Waits until `count` of the clients have something to read; true for each that has.
  static std::vector<bool> wait_for_answers(const std::vector<RawClient>& clients,
                                            std::size_t count) {
    std::vector<bool> answered(clients.size());
    for (std::size_t found = 0; found < count;) {
      std::vector<pollfd> silent;
      for (std::size_t i = 0; i < clients.size(); ++i) {
        // poll() skips negative descriptors
        silent.push_back(
            {.fd = answered[i] ? -1 : clients[i].socket_, .events = POLLIN, .revents = 0});
      }
      if (::poll(silent.data(), silent.size(), 10'000) <= 0) {
        throw std::runtime_error("the server under test is silent");
      }
      for (std::size_t i = 0; i < clients.size(); ++i) {
        if (silent[i].revents != 0) {
          answered[i] = true;
          ++found;
        }
      }
    }
    return answered;
  }

 private:
  bool read_some(std::string& received) const {
    pollfd ready{.fd = socket_, .events = POLLIN, .revents = 0};
    if (::poll(&ready, 1, 10'000) != 1) {
      throw std::runtime_error("the server under test is silent; before that: " + received);
    }
    std::array<char, 65536> octets;
    const auto count = ::recv(socket_, octets.data(), octets.size(), 0);
    if (count <= 0) {
      return false;
    }
    received.append(octets.data(), static_cast<std::size_t>(count));
    return true;
  }

  int socket_;
};

}  // namespace bb::http

// A server for tests that answers with given octets, well-formed or not, and counts what it was
// asked.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace bb::http {

class RawServer {
 public:
  using Answers = std::vector<std::string>;

  // Serves one connection after another; each is closed after its answers.
  explicit RawServer(std::vector<Answers> connections)
      : connections_(std::move(connections)), listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    void* const pointer = &address;
    auto* const generic = static_cast<sockaddr*>(pointer);
    if (::bind(listener_, generic, size) != 0 || ::listen(listener_, 8) != 0 ||
        ::getsockname(listener_, generic, &size) != 0) {
      throw std::runtime_error("cannot listen");
    }
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  RawServer(const RawServer&) = delete;
  RawServer& operator=(const RawServer&) = delete;
  ~RawServer() {
    ::shutdown(listener_, SHUT_RDWR);  // wakes accept()
    thread_.join();
    ::close(listener_);
  }

  [[nodiscard]] std::string url(const std::string& path) const {
    return "http://127.0.0.1:" + std::to_string(port_) + path;
  }
  [[nodiscard]] int requests() const { return requests_; }

 private:
  void serve() {
    for (const Answers& answers : connections_) {
      const int connection = ::accept(listener_, nullptr, nullptr);
      if (connection < 0) {
        return;
      }
      for (const std::string& answer : answers) {
        if (!read_request(connection)) {
          break;
        }
        ++requests_;
        ::send(connection, answer.data(), answer.size(), MSG_NOSIGNAL);
      }
      ::close(connection);
    }
  }

  // Head and body of one request; false where the peer has closed.
  static bool read_request(int connection) {
    std::string text;
    std::array<char, 65536> octets;
    while (!is_whole(text)) {
      const auto count = ::recv(connection, octets.data(), octets.size(), 0);
      if (count <= 0) {
        return false;
      }
      text.append(octets.data(), static_cast<std::size_t>(count));
    }
    return true;
  }

  static bool is_whole(const std::string& text) {
    const std::size_t end = text.find("\r\n\r\n");
    const std::size_t length = text.find("Content-Length: ");
    const std::size_t body = length < end ? std::stoul(text.substr(length + 16)) : 0;
    return end != std::string::npos && text.size() >= end + 4 + body;
  }

  const std::vector<Answers> connections_;
  int listener_;
  std::uint16_t port_ = 0;
  std::atomic<int> requests_ = 0;
  std::thread thread_;
};

}  // namespace bb::http

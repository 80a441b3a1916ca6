#include "tests/crash/proxy.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <stdexcept>

namespace bb::crash {
namespace {

constexpr int poll_milliseconds = 100;  // between looks whether it is to end

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

sockaddr* generic(sockaddr_in& address) {
  void* const pointer = &address;
  return static_cast<sockaddr*>(pointer);
}

int connect_to(std::uint16_t port) {
  const int server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = loopback(port);
  if (::connect(server, generic(address), sizeof address) != 0) {
    ::close(server);
    return -1;
  }
  return server;
}

// The peer reads "connection reset", not the end of a stream.
void reset(int socket) {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

bool send_all(int to, std::string_view octets) {
  while (!octets.empty()) {
    const ssize_t sent = ::send(to, octets.data(), octets.size(), MSG_NOSIGNAL);
    if (sent <= 0) {
      return false;
    }
    octets.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool starts_request(std::string_view octets) {
  return octets.starts_with("GET ") || octets.starts_with("POST ");
}

}  // namespace

Proxy::Proxy(std::uint16_t port, Draw draw)
    : target_(port),
      draw_(std::move(draw)),
      listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  if (::bind(listener_, generic(address), size) != 0 || ::listen(listener_, SOMAXCONN) != 0 ||
      ::getsockname(listener_, generic(address), &size) != 0) {
    throw std::runtime_error("the proxy cannot listen");
  }
  port_ = ntohs(address.sin_port);
  acceptor_ = std::jthread([this](const std::stop_token& stop) { accept_all(stop); });
}

Proxy::~Proxy() {
  acceptor_.request_stop();
  acceptor_.join();
  for (std::jthread& connection : connections_) {
    connection.request_stop();
  }
  connections_.clear();
  ::close(listener_);
}

void Proxy::accept_all(const std::stop_token& stop) {
  pollfd waiting{.fd = listener_, .events = POLLIN, .revents = 0};
  while (!stop.stop_requested()) {
    if (::poll(&waiting, 1, poll_milliseconds) <= 0) {
      continue;
    }
    const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    const int server = client < 0 ? -1 : connect_to(target_);
    if (server >= 0) {
      connections_.emplace_back([this, client, server](const std::stop_token& its_stop) {
        pass(its_stop, client, server);
        ::close(client);
        ::close(server);
      });
    } else if (client >= 0) {
      ::close(client);
    }
  }
}

void Proxy::pass(const std::stop_token& stop, int client, int server) {
  std::array<pollfd, 2> waiting = {{{.fd = client, .events = POLLIN, .revents = 0},
                                    {.fd = server, .events = POLLIN, .revents = 0}}};
  std::array<char, 65536> buffer;
  Fate fate = Fate::pass;
  while (!stop.stop_requested()) {
    if (::poll(waiting.data(), waiting.size(), poll_milliseconds) <= 0) {
      continue;
    }
    const bool is_request = waiting[0].revents != 0;
    const ssize_t got = ::recv(is_request ? client : server, buffer.data(), buffer.size(), 0);
    if (got <= 0) {
      return;
    }
    const std::string_view octets(buffer.data(), static_cast<std::size_t>(got));
    if (is_request && starts_request(octets)) {
      fate = draw_(octets.substr(0, octets.find('\r')));
    }
    if (fate == Fate::reset_before || (fate == Fate::reset_after && !is_request)) {
      reset(client);
      return;
    }
    if (!send_all(is_request ? server : client, octets)) {
      return;
    }
  }
}

}  // namespace bb::crash

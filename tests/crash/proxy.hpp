// Stands between the bot and Slack and passes octets on, except that it resets some connections.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <stop_token>
#include <string_view>
#include <thread>

namespace bb::crash {

enum class Fate {
  pass,
  reset_before,  // the request does not reach Slack
  reset_after,   // Slack has carried it out, its answer does not reach the bot
};

class Proxy {
 public:
  // `draw` decides about each request, which `start` begins with its first line.
  using Draw = std::function<Fate(std::string_view start)>;

  // Passes on to 127.0.0.1:`port`.
  Proxy(std::uint16_t port, Draw draw);
  ~Proxy();
  Proxy(const Proxy&) = delete;
  Proxy& operator=(const Proxy&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  void accept_all(const std::stop_token& stop);
  void pass(const std::stop_token& stop, int client, int server);

  std::uint16_t target_;
  Draw draw_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::list<std::jthread> connections_;
  std::jthread acceptor_;
};

}  // namespace bb::crash

// The HTTP server under a simulated service: on a free port of this machine.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "http/message.hpp"
#include "http/server.hpp"
#include "sim/fault.hpp"

namespace bb::sim {

class LocalServer {
 public:
  using Handler = std::function<http::Response(const http::Request&)>;

  LocalServer(const Clock& clock, Random& random) : clock_(clock), random_(random) {}

  // How many requests are answered at the same time; before start().
  void set_workers(std::size_t workers) { workers_ = workers; }

  // `name` is the service's, for the error.
  Result<void> start(std::string_view name, Handler handler);

  // http://127.0.0.1:PORT
  [[nodiscard]] std::string url() const;

  // Where faults keep requests; stop() lets go of them.
  [[nodiscard]] Hold& hold() { return hold_; }

  // Idempotent.
  void stop();

 private:
  const Clock& clock_;
  Random& random_;
  Hold hold_;
  std::size_t workers_ = 16;  // some may be held by a fault
  std::unique_ptr<http::Server> server_;
};

}  // namespace bb::sim

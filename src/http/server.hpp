// The edge: one event-loop thread reads whole requests under limits and writes answers; a fixed
// number of worker threads runs the handler, unless another thread is to answer later.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "http/message.hpp"
#include "http/responder.hpp"

namespace bb::http {

struct ServerLimits {
  std::size_t header_bytes = 16 * 1024;  // more answers 431
  std::size_t body_bytes = 1024 * 1024;  // more answers 413
  std::chrono::milliseconds read_time{
      10'000};  // for one whole request once its first octet came; then 408
  std::chrono::milliseconds idle_time{
      60'000};  // between requests of one connection; then it is closed
  std::chrono::milliseconds write_time{10'000};
  std::chrono::milliseconds answer_time{
      2'500};  // for an answer that comes later; then 503. Slack waits three seconds
  std::size_t connections = 1024;     // one more is answered 503 and closed
  std::size_t queued_requests = 256;  // waiting for a worker; one more answers 503 with Retry-After
  std::size_t workers = 4;
};

// How much is under way, and how much was turned away since the start.
struct ServerFigures {
  std::size_t queued_requests = 0;
  std::uint64_t refused_requests = 0;  // the queue was full
  std::uint64_t late_answers = 0;      // answered 503 after `answer_time`
  std::uint64_t refused_connections = 0;
};

class Server {
 public:
  // Called on a worker thread, by several at once. An exception answers 500 and is logged.
  using Handler = std::function<Response(const Request&)>;

  // Called before the handler on the event-loop thread, which it must not hold up: true if it took
  // request and responder, to have them answered later by any thread; false leaves them to the
  // handler.
  using Deferral = std::function<bool(Request&, Responder&)>;

  struct Handlers {
    Handler handle;
    Deferral defer = nullptr;
  };

  // Binds and starts; port 0 takes a free one. `address` is a literal such as 127.0.0.1 or ::1.
  static Result<std::unique_ptr<Server>> start(const std::string& address, std::uint16_t port,
                                               const ServerLimits& limits, Handlers handlers,
                                               const Clock& clock, Random& random);
  virtual ~Server() = default;

  [[nodiscard]] virtual std::uint16_t port() const = 0;
  [[nodiscard]] virtual ServerFigures figures() const = 0;

  // Stops accepting, answers what is in flight (each under its own time limits), joins. Idempotent.
  virtual void stop() = 0;
};

}  // namespace bb::http

// The duty to answer one request: on any thread, at any time, once.
#pragma once

#include <chrono>
#include <functional>
#include <string_view>
#include <utility>

#include "http/message.hpp"

namespace bb::http {

class Responder {
 public:
  explicit Responder(std::function<void(Response)> send) : send_(std::move(send)) {}
  Responder(Responder&& other) noexcept : send_(std::exchange(other.send_, nullptr)) {}
  Responder& operator=(Responder&&) = delete;

  // Without an answer the client would wait, and a stop of the server with it.
  ~Responder() {
    if (send_) {
      send_(error_response(500, "something went wrong here: the request was given up"));
    }
  }

  void operator()(Response response) { std::exchange(send_, nullptr)(std::move(response)); }

 private:
  std::function<void(Response)> send_;
};

// 503 with Retry-After: nothing was done, and another try may succeed.
Response unavailable_response(std::string_view message, std::chrono::seconds retry_after);

}  // namespace bb::http

// A conversation with a remote service, without I/O: what to ask, and what to make of the answer.
#pragma once

#include <functional>
#include <utility>
#include <variant>

#include "base/result.hpp"
#include "http/client.hpp"

namespace bb::feeds {

template <class T>
struct Exchange;

// One more request, or the outcome.
template <class T>
using Step = std::variant<Exchange<T>, Result<T>>;

template <class T>
struct Exchange {
  http::ClientRequest request;
  std::function<Step<T>(const Result<http::Response>&)> then;
};

// To its end, one request after the other.
template <class T>
Result<T> run(http::Client& client, Step<T> step) {
  while (auto* exchange = std::get_if<Exchange<T>>(&step)) {
    const Result<http::Response> response = client.send(exchange->request);
    step = Step<T>(exchange->then(response));
  }
  return std::get<Result<T>>(std::move(step));
}

}  // namespace bb::feeds

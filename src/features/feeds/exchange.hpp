// A conversation with a remote service, without I/O: what to ask, and what to make of the answer.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "base/clock.hpp"
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

// Goes on with what comes of `step`.
template <class B, class A>
Step<B> and_then(Step<A> step, std::function<Step<B>(Result<A>)> next) {
  if (auto* exchange = std::get_if<Exchange<A>>(&step)) {
    return Exchange<B>{.request = std::move(exchange->request),
                       .then = [then = std::move(exchange->then),
                                next = std::move(next)](const Result<http::Response>& response) {
                         return and_then<B>(then(response), next);
                       }};
  }
  return next(std::get<Result<A>>(std::move(step)));
}

// A server that answers each of many requests slowly does not hold up a worker for longer than this
// after its first answer.
inline constexpr std::chrono::seconds longest_conversation(60);

template <class T>
Step<T> within_time(Step<T> step, const Clock& clock,
                    std::optional<TimePoint> until = std::nullopt) {
  auto* exchange = std::get_if<Exchange<T>>(&step);
  if (exchange == nullptr) {
    return step;
  }
  return Exchange<T>{
      .request = std::move(exchange->request),
      .then = [then = std::move(exchange->then), &clock,
               until](const Result<http::Response>& response) -> Step<T> {
        const TimePoint end = until.value_or(clock.now() + longest_conversation);
        Step<T> next = then(response);
        if (std::holds_alternative<Exchange<T>>(next) && clock.now() >= end) {
          return Result<T>(fail(ErrorCode::unavailable, "its server takes too long to answer"));
        }
        return within_time(std::move(next), clock, end);
      }};
}

// To its end, one request after the other.
template <class T>
Result<T> run(http::Client& client, Step<T> step) {
  while (auto* exchange = std::get_if<Exchange<T>>(&step)) {
    const Result<http::Response> response = client.send(exchange->request);
    step = Step<T>(exchange->then(response));
  }
  return std::get<Result<T>>(std::move(step));
}

// All of `steps` to their ends, with at most `concurrency` requests under way. `done` is called as
// each ends, with its place among them, on the calling thread. Those that have begun go first.
template <class T>
void run_all(http::Client& client, std::vector<Step<T>> steps, std::size_t concurrency,
             const std::function<void(std::size_t place, Result<T> outcome)>& done) {
  struct Open {
    std::size_t place;
    Exchange<T> exchange;
  };
  std::deque<Open> ready;
  std::vector<Open> sent;
  const auto go_on = [&](std::size_t place, Step<T> step,
                         typename std::deque<Open>::const_iterator where) {
    if (auto* exchange = std::get_if<Exchange<T>>(&step)) {
      ready.insert(where, {.place = place, .exchange = std::move(*exchange)});
    } else {
      done(place, std::get<Result<T>>(std::move(step)));
    }
  };
  for (std::size_t place = 0; place < steps.size(); ++place) {
    go_on(place, std::move(steps[place]), ready.end());
  }
  const auto next = [&]() -> std::optional<http::ClientRequest> {
    if (ready.empty()) {
      return std::nullopt;
    }
    sent.push_back(std::move(ready.front()));
    ready.pop_front();
    return std::move(sent.back().exchange.request);
  };
  client.send_all(next, concurrency, [&](std::size_t index, Result<http::Response> response) {
    const Open answered = std::move(sent[index]);
    go_on(answered.place, answered.exchange.then(response), ready.begin());
  });
}

}  // namespace bb::feeds

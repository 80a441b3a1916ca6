#include "sim/fault.hpp"

#include <utility>

namespace bb::sim {

Fault rate_limited(std::chrono::seconds retry_after) {
  return {.kind = FaultKind::rate_limited,
          .status = 429,
          .word = "ratelimited",
          .retry_after = retry_after};
}

Fault secondary_limit(std::chrono::seconds retry_after) {
  return {.kind = FaultKind::rate_limited,
          .status = 403,
          .word = "You have exceeded a secondary rate limit.",
          .retry_after = retry_after};
}

Fault secondary_limit() {
  return secondary_limit(std::chrono::seconds(0));
}

Fault server_error(int status) {
  return {.kind = FaultKind::status, .status = status};
}

Fault refused() {
  return {.kind = FaultKind::status, .status = 503};
}

Fault error_word(std::string word) {
  return {.kind = FaultKind::error_word, .status = 200, .word = std::move(word)};
}

Fault false_error(std::string word) {
  return {.kind = FaultKind::false_error, .status = 200, .word = std::move(word)};
}

Fault no_answer(std::chrono::milliseconds hold) {
  return {.kind = FaultKind::no_answer, .status = 504, .hold = hold};
}

Fault late_answer(std::chrono::milliseconds hold) {
  return {.kind = FaultKind::late_answer, .status = 200, .hold = hold};
}

Fault late_call(std::chrono::milliseconds hold) {
  return {.kind = FaultKind::late_call, .status = 200, .hold = hold};
}

Fault html_instead(int status) {
  return {.kind = FaultKind::html, .status = status};
}

Fault cut_short() {
  return {.kind = FaultKind::cut_short, .status = 200};
}

void FaultQueue::add(const std::string& name, Fault fault) {
  by_name_[name].push_back(std::move(fault));
}

std::optional<Fault> FaultQueue::take(std::string_view name) {
  std::optional<Fault> fault = take_exactly(std::string(name));
  return fault ? fault : take_exactly("*");
}

std::optional<Fault> FaultQueue::take_exactly(const std::string& name) {
  const auto found = by_name_.find(name);
  if (found == by_name_.end() || found->second.empty()) {
    return std::nullopt;
  }
  Fault& front = found->second.front();
  Fault fault = front;
  if (--front.times <= 0) {
    found->second.pop_front();
  }
  return fault;
}

void Hold::wait(std::chrono::milliseconds at_most) {
  std::unique_lock lock(mutex_);
  released_.wait_for(lock, at_most, [this] { return open_; });
}

void Hold::release() {
  {
    const std::lock_guard lock(mutex_);
    open_ = true;
  }
  released_.notify_all();
}

http::Response answer_with(const Fault& fault, Hold& hold,
                           const std::function<http::Response()>& apply,
                           const std::function<std::string(std::string_view word)>& error_body) {
  switch (fault.kind) {
    case FaultKind::rate_limited: {
      http::Response response = http::json_response(fault.status, error_body(fault.word));
      if (fault.retry_after.count() > 0) {
        response.headers.set("Retry-After", std::to_string(fault.retry_after.count()));
      }
      return response;
    }
    case FaultKind::status:
      return {.status = fault.status, .headers = {}, .body = {}};
    case FaultKind::error_word:
      return http::json_response(fault.status, error_body(fault.word));
    case FaultKind::false_error:
      apply();
      return http::json_response(fault.status, error_body(fault.word));
    case FaultKind::no_answer:
      apply();
      hold.wait(fault.hold);
      return {.status = fault.status, .headers = {}, .body = {}};
    case FaultKind::late_answer: {
      http::Response response = apply();
      hold.wait(fault.hold);
      return response;
    }
    case FaultKind::late_call:
      hold.wait(fault.hold);
      return apply();
    case FaultKind::html:
      return http::html_response(
          fault.status, "<!DOCTYPE html><html><title>Oops</title><h1>Unicorn!</h1></html>");
    case FaultKind::cut_short: {
      http::Response response = apply();
      response.body.resize(response.body.size() / 2);
      return response;
    }
  }
  return {.status = 500, .headers = {}, .body = {}};
}

}  // namespace bb::sim

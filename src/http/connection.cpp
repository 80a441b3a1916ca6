#include "http/connection.hpp"

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <utility>

#include "base/log.hpp"

namespace bb::http {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::size_t read_bytes = 8 * 1024;

// How long octets of a refused request are still taken, so that closing does not reset the
// connection before the client has read the answer (RFC 9112 section 9.6).
constexpr std::chrono::milliseconds linger_time{2'000};

constexpr std::chrono::seconds retry_after{1};

RequestParser::Bounds bounds(const ServerLimits& limits) {
  return {.header_bytes = limits.header_bytes, .body_bytes = limits.body_bytes};
}

}  // namespace

Connection::Connection(Edge& edge, asio::ip::tcp::socket socket)
    : edge_(edge),
      socket_(std::move(socket)),
      timer_(socket_.get_executor()),
      parser_(bounds(edge.limits())) {}

void Connection::await_request() {
  phase_ = Phase::idle;
  parser_ = RequestParser(bounds(edge_.limits()));
  continue_sent_ = false;
  if (input_.empty()) {
    set_deadline(edge_.limits().idle_time);
    read();
    return;
  }
  phase_ = Phase::reading;
  set_deadline(edge_.limits().read_time);
  parse();
}

void Connection::read() {
  const std::size_t size = input_.size();
  input_.resize(size + read_bytes);
  socket_.async_read_some(
      asio::buffer(input_.data() + size, read_bytes),
      [self = shared_from_this(), size](const error_code& error, std::size_t count) {
        self->input_.resize(size + count);
        self->on_read(error);
      });
}

void Connection::on_read(const error_code& error) {
  if (phase_ == Phase::closed) {
    return;
  }
  if (timed_out_ && !rejected_) {
    return refuse({408, "the request did not arrive in time"});
  }
  if (error) {
    return close();
  }
  if (phase_ == Phase::lingering) {
    input_.clear();
    return read();
  }
  if (phase_ == Phase::idle) {
    phase_ = Phase::reading;
    set_deadline(edge_.limits().read_time);
  }
  parse();
}

void Connection::parse() {
  input_.erase(0, parser_.feed(input_));
  switch (parser_.state()) {
    case RequestParser::State::reading:
      return parser_.expects_continue() && !continue_sent_ && input_.empty() ? send_continue()
                                                                             : read();
    case RequestParser::State::rejected:
      return refuse(parser_.rejection());
    case RequestParser::State::complete:
      return submit();
  }
}

void Connection::send_continue() {
  continue_sent_ = true;
  static constexpr std::string_view line = "HTTP/1.1 100 Continue\r\n\r\n";
  asio::async_write(socket_, asio::buffer(line),
                    [self = shared_from_this()](const error_code& error, std::size_t /*count*/) {
                      if (error || self->timed_out_) {
                        self->on_read(error);
                      } else {
                        self->read();
                      }
                    });
}

void Connection::submit() {
  clear_deadline();
  phase_ = Phase::handling;
  exchange_.keep_alive = parser_.keep_alive();
  exchange_.http_1_0 = parser_.http_1_0();
  Request request = parser_.take();
  method_ = request.method;
  path_ = request.path;
  exchange_.head_request = method_ == "HEAD";
  request_id_ = edge_.make_request_id();
  request.request_id = request_id_;
  const auto send = [self = shared_from_this(), executor = socket_.get_executor(),
                     number = ++request_](Response response) {
    asio::post(executor, [self, number, response = std::move(response)]() mutable {
      if (self->phase_ == Phase::handling && self->request_ == number) {
        self->end_request(std::move(response));
      }
    });
  };
  if (const auto limit = edge_.submit(std::move(request), Responder(send))) {
    set_deadline(*limit);
  }
}

void Connection::refuse(Rejection rejection) {
  rejected_ = true;
  request_id_ = edge_.make_request_id();
  exchange_ = {};
  log::debug(
      "http_request_refused",
      {{"request_id", request_id_}, {"status", rejection.status}, {"reason", rejection.message}});
  answer(rejection.status == 503 ? unavailable_response(rejection.message, retry_after)
                                 : error_response(rejection.status, rejection.message));
}

void Connection::end_request(Response response) {
  log::debug("http_request", {{"request_id", request_id_},
                              {"method", method_},
                              {"path", path_},
                              {"status", response.status}});
  answer(std::move(response));
}

void Connection::answer(Response response) {
  phase_ = Phase::writing;
  exchange_.keep_alive = exchange_.keep_alive && !edge_.stopping();
  exchange_.date = edge_.date();
  exchange_.request_id = request_id_;
  head_ = response_head(response, exchange_);
  body_ = body_follows(response, exchange_) ? std::move(response.body) : std::string();
  set_deadline(edge_.limits().write_time);
  asio::async_write(socket_, std::array{asio::buffer(head_), asio::buffer(body_)},
                    [self = shared_from_this()](const error_code& error, std::size_t /*count*/) {
                      self->on_written(error);
                    });
}

void Connection::on_written(const error_code& error) {
  if (phase_ == Phase::closed) {
    return;
  }
  if (error) {
    return close();
  }
  head_.clear();
  body_ = {};
  if (exchange_.keep_alive) {
    // A stop that began while the answer was on its way: the next request would not be taken.
    return edge_.stopping() && input_.empty() ? close() : await_request();
  }
  error_code ignored;
  const bool unread = rejected_ || !input_.empty() || socket_.available(ignored) > 0;
  return unread ? linger() : close();
}

void Connection::linger() {
  phase_ = Phase::lingering;
  error_code ignored;
  socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  input_.clear();
  set_deadline(linger_time);
  read();
}

void Connection::close_if_idle() {
  error_code ignored;
  if (phase_ == Phase::idle && socket_.available(ignored) == 0) {
    close();
  }
}

void Connection::close() {
  if (phase_ == Phase::closed) {
    return;
  }
  phase_ = Phase::closed;
  clear_deadline();
  error_code ignored;
  socket_.shutdown(asio::ip::tcp::socket::shutdown_both, ignored);
  socket_.close(ignored);
  edge_.forget(*this);
}

void Connection::set_deadline(std::chrono::milliseconds time) {
  timer_.expires_after(time);
  timer_.async_wait([self = shared_from_this(), deadline = ++deadline_](const error_code& error) {
    if (!error && deadline == self->deadline_) {
      self->on_deadline();
    }
  });
}

void Connection::clear_deadline() {
  ++deadline_;
  timer_.cancel();
}

void Connection::on_deadline() {
  switch (phase_) {
    case Phase::idle:
    case Phase::writing:
    case Phase::lingering:
      return close();
    case Phase::reading: {
      // The outstanding read or write ends with an error, and its handler answers.
      timed_out_ = true;
      error_code ignored;
      socket_.cancel(ignored);
      return;
    }
    case Phase::handling:
      edge_.answer_is_late();
      return end_request(
          unavailable_response("this takes too long at the moment; try again", retry_after));
    case Phase::closed:
      return;
  }
}

}  // namespace bb::http

// One connection of the edge: reads a request, has it answered, writes the answer, and again. Lives
// on the event-loop thread only.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "http/message.hpp"
#include "http/request_parser.hpp"
#include "http/response_head.hpp"
#include "http/server.hpp"

namespace bb::http {

class Connection;

// What a connection needs from its server.
class Edge {
 public:
  virtual ~Edge() = default;

  [[nodiscard]] virtual const ServerLimits& limits() const = 0;
  [[nodiscard]] virtual bool stopping() const = 0;

  // Has the request answered, or answers at once where the queue is full. With a limit of time, the
  // connection does not wait longer than that.
  virtual std::optional<std::chrono::milliseconds> submit(Request&& request,
                                                          Responder&& responder) = 0;
  virtual void answer_is_late() = 0;
  virtual void forget(Connection& connection) = 0;

  virtual std::string make_request_id() = 0;
  virtual std::string_view date() = 0;
};

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(Edge& edge, boost::asio::ip::tcp::socket socket);

  void start() { await_request(); }

  // Answers without reading and closes.
  void refuse(Rejection rejection);

  // Closes at once if no request has begun.
  void close_if_idle();

 private:
  enum class Phase { idle, reading, handling, writing, lingering, closed };

  void await_request();
  void read();
  void on_read(const boost::system::error_code& error);
  void parse();
  void send_continue();
  void submit();
  void end_request(Response response);
  void answer(Response response);
  void on_written(const boost::system::error_code& error);
  void linger();
  void close();

  void set_deadline(std::chrono::milliseconds time);
  void clear_deadline();
  void on_deadline();

  Edge& edge_;
  boost::asio::ip::tcp::socket socket_;
  boost::asio::steady_timer timer_;
  std::uint64_t deadline_ = 0;  // tells a current deadline from one that fired while being replaced
  Phase phase_ = Phase::idle;
  RequestParser parser_;
  std::string input_;  // read and not yet parsed
  bool continue_sent_ = false;
  bool timed_out_ = false;
  bool rejected_ = false;
  std::uint64_t request_ = 0;  // tells an answer to the current request from one that came late
  std::string request_id_;
  std::string method_;
  std::string path_;
  Exchange exchange_;
  std::string head_;
  std::string body_;
};

}  // namespace bb::http

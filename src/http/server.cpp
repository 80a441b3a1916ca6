// The threads of the edge: one runs the event loop with all connections, the others run the
// handler.
#include "http/server.hpp"

#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/ids.hpp"
#include "base/log.hpp"
#include "base/time.hpp"
#include "http/bounded_queue.hpp"
#include "http/connection.hpp"

namespace bb::http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

// Connections over the limit that may be told so at the same time; more are closed without an
// answer.
constexpr std::size_t refusals = 64;

// Before accepting is tried again where the process has no descriptor left.
constexpr std::chrono::milliseconds accept_pause{100};

constexpr std::chrono::seconds retry_after{1};

void name_this_thread(const char* name) {
  ::pthread_setname_np(::pthread_self(), name);
}

Response call(const Server::Handler& handler, const Request& request) {
  try {
    Response response = handler(request);
    if (response.status >= 200 && response.status <= 599) {
      return response;
    }
    log::error("http_handler_failed",
               {{"path", request.path}, {"error", "a status that is no final answer"}});
  } catch (const std::exception& exception) {
    log::error("http_handler_failed", {{"path", request.path}, {"error", exception.what()}});
  } catch (...) {
    log::error("http_handler_failed", {{"path", request.path}, {"error", "unknown exception"}});
  }
  return error_response(
      500, "something went wrong here; the log tells more under request " + request.request_id);
}

// True if the request was taken; also where that failed, which the dropped responder answers.
bool defer(const Server::Deferral& deferral, Request& request, Responder& responder) {
  const log::RequestScope scope(request.request_id);
  try {
    return deferral(request, responder);
  } catch (const std::exception& exception) {
    log::error("http_handler_failed", {{"path", request.path}, {"error", exception.what()}});
    return true;
  }
}

class EdgeServer final : public Server, private Edge {
 public:
  EdgeServer(const ServerLimits& limits, Handlers handlers, const Clock& clock, Random& random)
      : limits_(limits),
        handlers_(std::move(handlers)),
        clock_(clock),
        random_(random),
        queue_(limits.queued_requests) {}
  ~EdgeServer() override { stop(); }
  EdgeServer(const EdgeServer&) = delete;
  EdgeServer& operator=(const EdgeServer&) = delete;

  // The error's text where it cannot listen there.
  std::optional<std::string> listen(const tcp::endpoint& endpoint);
  void run();

  [[nodiscard]] std::uint16_t port() const override { return port_; }
  [[nodiscard]] ServerFigures figures() const override;
  void stop() override;

 private:
  struct Work {
    Request request;
    Responder responder;
  };
  enum class Admission { admitted, refused };
  struct Entry {
    std::shared_ptr<Connection> connection;
    Admission admission;
  };

  [[nodiscard]] const ServerLimits& limits() const override { return limits_; }
  [[nodiscard]] bool stopping() const override { return stopping_; }
  std::optional<std::chrono::milliseconds> submit(Request&& request,
                                                  Responder&& responder) override;
  void answer_is_late() override { ++late_answers_; }
  void forget(Connection& connection) override;
  std::string make_request_id() override { return new_id(clock_, random_); }
  std::string_view date() override;

  void accept();
  void admit(tcp::socket socket);
  void serve_requests();
  void begin_stop();

  const ServerLimits limits_;
  const Handlers handlers_;
  const Clock& clock_;
  Random& random_;
  BoundedQueue<Work> queue_;

  asio::io_context loop_{1};
  asio::executor_work_guard<asio::io_context::executor_type> keep_running_{loop_.get_executor()};
  tcp::acceptor acceptor_{loop_};
  asio::steady_timer accept_timer_{loop_};
  std::uint16_t port_ = 0;

  // Used on the event-loop thread only.
  std::unordered_map<Connection*, Entry> connections_;
  std::size_t admitted_ = 0;
  bool stopping_ = false;
  std::chrono::sys_seconds date_second_{};
  std::string date_;

  // Written on the event-loop thread, read by any.
  std::atomic<std::uint64_t> refused_requests_ = 0;
  std::atomic<std::uint64_t> late_answers_ = 0;
  std::atomic<std::uint64_t> refused_connections_ = 0;

  std::once_flag stopped_;
  std::thread edge_;
  std::vector<std::thread> workers_;
};

std::optional<std::string> EdgeServer::listen(const tcp::endpoint& endpoint) {
  error_code error;
  const auto failed = [&] { return static_cast<bool>(error); };
  acceptor_.open(endpoint.protocol(), error);
  if (!failed()) {
    acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
  }
  if (!failed()) {
    acceptor_.bind(endpoint, error);
  }
  if (!failed()) {
    acceptor_.listen(tcp::acceptor::max_listen_connections, error);
  }
  if (!failed()) {
    port_ = acceptor_.local_endpoint(error).port();
  }
  return failed() ? std::optional(error.message()) : std::nullopt;
}

void EdgeServer::run() {
  accept();
  edge_ = std::thread([this] {
    name_this_thread("bb-edge");
    loop_.run();
  });
  for (std::size_t i = 0; i < std::max<std::size_t>(limits_.workers, 1); ++i) {
    workers_.emplace_back([this] {
      name_this_thread("bb-http");
      serve_requests();
    });
  }
}

void EdgeServer::stop() {
  std::call_once(stopped_, [this] {
    if (!edge_.joinable()) {
      return;
    }
    asio::post(loop_, [this] { begin_stop(); });
    edge_.join();  // ends when the last connection has
    queue_.close();
    for (std::thread& worker : workers_) {
      worker.join();
    }
  });
}

void EdgeServer::begin_stop() {
  stopping_ = true;
  error_code ignored;
  acceptor_.close(ignored);
  accept_timer_.cancel();
  std::vector<std::shared_ptr<Connection>> connections;
  for (const auto& [key, entry] : connections_) {
    connections.push_back(entry.connection);
  }
  for (const auto& connection : connections) {
    connection->close_if_idle();
  }
  if (connections_.empty()) {
    keep_running_.reset();
  }
}

void EdgeServer::accept() {
  acceptor_.async_accept([this](const error_code& error, tcp::socket socket) {
    if (stopping_) {
      return;
    }
    if (!error) {
      admit(std::move(socket));
    } else if (error != asio::error::connection_aborted) {
      log::warning("http_accept_failed", {{"error", error.message()}});
      accept_timer_.expires_after(accept_pause);
      accept_timer_.async_wait([this](const error_code& cancelled) {
        if (!cancelled && !stopping_) {
          accept();
        }
      });
      return;
    }
    accept();
  });
}

void EdgeServer::admit(tcp::socket socket) {
  const Admission admission =
      admitted_ < limits_.connections ? Admission::admitted : Admission::refused;
  if (admission == Admission::refused) {
    ++refused_connections_;
    if (connections_.size() - admitted_ >= refusals) {
      return;
    }
  }
  error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  Edge& edge = *this;
  auto connection = std::make_shared<Connection>(edge, std::move(socket));
  connections_.emplace(connection.get(), Entry{connection, admission});
  if (admission == Admission::admitted) {
    ++admitted_;
    connection->start();
  } else {
    connection->refuse({503, "too many connections are open here"});
  }
}

std::optional<std::chrono::milliseconds> EdgeServer::submit(Request&& request,
                                                            Responder&& responder) {
  if (handlers_.defer && defer(handlers_.defer, request, responder)) {
    return limits_.answer_time;
  }
  Work work{.request = std::move(request), .responder = std::move(responder)};
  if (!queue_.push(work)) {
    ++refused_requests_;
    work.responder(unavailable_response("too many requests are waiting here", retry_after));
  }
  return std::nullopt;
}

ServerFigures EdgeServer::figures() const {
  return {.queued_requests = queue_.size(),
          .refused_requests = refused_requests_,
          .late_answers = late_answers_,
          .refused_connections = refused_connections_};
}

void EdgeServer::forget(Connection& connection) {
  const auto entry = connections_.find(&connection);
  if (entry == connections_.end()) {
    return;
  }
  if (entry->second.admission == Admission::admitted) {
    --admitted_;
  }
  connections_.erase(entry);
  if (stopping_ && connections_.empty()) {
    keep_running_.reset();
  }
}

std::string_view EdgeServer::date() {
  const auto second = std::chrono::floor<std::chrono::seconds>(clock_.now());
  if (second != date_second_ || date_.empty()) {
    date_second_ = second;
    date_ = format_http_date(second);
  }
  return date_;
}

void EdgeServer::serve_requests() {
  while (auto work = queue_.pop()) {
    const log::RequestScope scope(work->request.request_id);
    work->responder(call(handlers_.handle, work->request));
  }
}

}  // namespace

Result<std::unique_ptr<Server>> Server::start(const std::string& address, std::uint16_t port,
                                              const ServerLimits& limits, Handlers handlers,
                                              const Clock& clock, Random& random) {
  error_code error;
  const auto ip = asio::ip::make_address(address, error);
  if (error) {
    return fail(ErrorCode::invalid_input, "'" + address + "' is not an IP address to listen on");
  }
  auto server = std::make_unique<EdgeServer>(limits, std::move(handlers), clock, random);
  if (const auto problem = server->listen(tcp::endpoint(ip, port))) {
    return fail(ErrorCode::unavailable,
                "cannot listen on " + address + " port " + std::to_string(port) + ": " + *problem);
  }
  server->run();
  return server;
}

}  // namespace bb::http

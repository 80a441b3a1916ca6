// Octets of a connection become Requests. Without sockets, so that it can be tested and fuzzed
// alone.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "http/message.hpp"

namespace bb::http {

// Why a request is refused: the answer's status and its text.
struct Rejection {
  int status = 400;
  std::string_view message;
};

// Reads one request. Strict where two readers could understand two different things (RFC 9112
// section 11.2): one Host, one Content-Length or "chunked" and nothing else.
class RequestParser {
 public:
  enum class State { reading, complete, rejected };

  struct Bounds {
    std::size_t header_bytes;
    std::size_t body_bytes;
  };

  explicit RequestParser(Bounds bounds);
  RequestParser(RequestParser&&) noexcept;
  RequestParser& operator=(RequestParser&&) noexcept;
  ~RequestParser();

  // How many octets at the start of `input` are done with; the others are to be fed again, with
  // more behind them. After `complete` they belong to the next request.
  std::size_t feed(std::string_view input);

  [[nodiscard]] State state() const { return state_; }

  // Valid in the state `rejected`.
  [[nodiscard]] Rejection rejection() const { return rejection_; }

  // The head is read, the body is not, and the client waits for "100 Continue".
  [[nodiscard]] bool expects_continue() const;

  // Valid in the state `complete`; take() last, since it empties the parser.
  [[nodiscard]] bool keep_alive() const;
  [[nodiscard]] bool http_1_0() const;
  Request take();

 private:
  struct Reader;  // keeps Beast out of this header

  void reject(int status, std::string_view message);
  void check_head();
  void read_target(std::string_view target);

  Bounds bounds_;
  std::unique_ptr<Reader> reader_;
  State state_ = State::reading;
  Rejection rejection_;
  bool head_checked_ = false;
  std::string path_;
  Parameters query_;
};

}  // namespace bb::http

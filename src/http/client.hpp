// Outbound HTTP over libcurl.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "http/message.hpp"

namespace bb::http {

struct ClientRequest {
  std::string method = "GET";
  std::string url;  // http or https, absolute
  Headers headers = {};
  std::string body = {};
  std::optional<std::chrono::milliseconds> connect_time = std::nullopt;  // nothing: the client's
  std::optional<std::chrono::milliseconds> total_time = std::nullopt;
  std::size_t body_bytes = 16 * 1024 * 1024;  // of the answer; more is a bad_response
};

// Any status is a value. Errors: unavailable if it certainly was not acted on (no connection, name
// not found), uncertain if it may have been (time-out, reset after sending), bad_response if it is
// not HTTP or too large, forbidden as PublicOnly says. Messages name host and path, never the
// query, headers or body, which may hold secrets.
class Client {
 public:
  virtual ~Client() = default;

  virtual Result<Response> send(const ClientRequest& request) = 0;

  // Sends what `next` gives, at most `concurrency` at a time over shared connections. `next` is
  // asked whenever there is room; nothing means that there is no request now, and it is asked again
  // after the next answer. Ends when it has none and all are answered. `done` is called as each
  // ends, with its place among the requests given. Both are called on the calling thread.
  using Source = std::function<std::optional<ClientRequest>()>;
  using Done = std::function<void(std::size_t index, Result<Response> response)>;
  // One after the other unless a client does better.
  virtual void send_all(const Source& next, std::size_t concurrency, const Done& done);

  // Breaks off what is under way within about a second, and refuses what comes after: unavailable,
  // or uncertain where it may have been acted on. For the end of the process.
  virtual void stop() {}
  [[nodiscard]] virtual bool is_stopped() const { return false; }
};

// Gives each of `requests`, which must outlive it.
Client::Source all_of(std::span<const ClientRequest> requests);

// For addresses that people gave: connects only to the public Internet, checked on the address that
// a name turned out to have, and never through a proxy. Anything else is forbidden.
struct PublicOnly {
  std::vector<std::string> allowed_hosts = {};  // names or addresses that may be anywhere
};

struct ClientSettings {
  std::string user_agent;  // sent with every request
  std::chrono::milliseconds connect_time{5'000};
  std::chrono::milliseconds total_time{20'000};
  std::optional<PublicOnly> public_only = std::nullopt;
};

// Safe to use from several threads; connections are kept and used again, HTTP/2 where the server
// has it. Redirects are not followed.
std::unique_ptr<Client> make_curl_client(ClientSettings settings);

// The wait in a Retry-After header: seconds or an HTTP date (RFC 9110 section 10.2.3), at least 1 s
// and at most 24 h; nothing where it is absent or unreadable.
std::optional<std::chrono::seconds> retry_after(const Headers& headers, TimePoint now);

}  // namespace bb::http

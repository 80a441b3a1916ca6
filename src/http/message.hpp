// HTTP requests and responses as plain values, the same for server and client.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bb::http {

// Names compare without regard to case (RFC 9110 section 5.1); order is kept. CR, LF and NUL in a
// value become spaces (section 5.5), so that no value can add a header or end the head.
class Headers {
 public:
  Headers() = default;
  Headers(std::initializer_list<std::pair<std::string, std::string>> entries);

  // The value of the first header with this name.
  [[nodiscard]] std::optional<std::string> find(std::string_view name) const;

  // Replaces all headers with this name.
  void set(std::string_view name, std::string_view value);
  void add(std::string_view name, std::string_view value);
  void remove(std::string_view name);

  [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& entries() const {
    return entries_;
  }
  bool operator==(const Headers&) const = default;

 private:
  std::vector<std::pair<std::string, std::string>> entries_;
};

// Decoded names and values of a query string or an application/x-www-form-urlencoded body.
class Parameters {
 public:
  // Nothing on an ill-formed percent escape.
  static std::optional<Parameters> parse(std::string_view encoded);

  [[nodiscard]] std::optional<std::string> find(std::string_view name) const;
  void add(std::string_view name, std::string_view value);
  [[nodiscard]] std::string encode() const;

 private:
  std::vector<std::pair<std::string, std::string>> entries_;
};

// "%2F" becomes "/"; "+" stays. Nothing on an ill-formed escape.
std::optional<std::string> percent_decode(std::string_view encoded);

// A request as the server received it.
struct Request {
  std::string method;  // "GET"
  std::string path;    // decoded, without the query: "/jobs/01J..."
  Parameters query;
  Headers headers;
  std::string body;
  std::string request_id;  // made by the server; in every log line and in X-Request-Id
};

struct Response {
  int status = 200;
  Headers headers;
  std::string body;

  bool operator==(const Response&) const = default;
};

// Content-Type: application/json.
Response json_response(int status, std::string body);

// {"data": {}, "error": {"message": message}}: the one shape of all errors.
Response error_response(int status, std::string_view message);

// Content-Type: text/html, with a Content-Security-Policy that allows inline style and nothing
// else.
Response html_response(int status, std::string body);

// "Not Found" for 404.
std::string_view reason_phrase(int status);

}  // namespace bb::http

// The head of an HTTP/1.1 response as octets.
#pragma once

#include <string>
#include <string_view>

#include "http/message.hpp"

namespace bb::http {

// What the head says beside the handler's headers.
struct Exchange {
  bool head_request = false;  // the answer has the length of the body but not the body
  bool http_1_0 = false;
  bool keep_alive = false;
  std::string_view date = {};
  std::string_view request_id = {};
};

// Status line, headers and the empty line. Framing is ours: a handler's Connection,
// Transfer-Encoding and (but for HEAD) Content-Length are left out.
std::string response_head(const Response& response, const Exchange& exchange);

// Whether the body follows the head (RFC 9112 section 6.3).
bool body_follows(const Response& response, const Exchange& exchange);

}  // namespace bb::http

#include "http/response_head.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace bb::http {
namespace {

constexpr std::array<std::string_view, 6> our_headers = {
    "Connection", "Content-Length", "Date", "Keep-Alive", "Transfer-Encoding", "X-Request-Id",
};

bool is_ours(std::string_view name) {
  return std::ranges::any_of(our_headers,
                             [&](auto ours) { return equals_ignoring_case(name, ours); });
}

bool status_has_body(int status) {
  return status != 204 && status != 304;
}

void append_header(std::string& head, std::string_view name, std::string_view value) {
  head.append(name).append(": ").append(value).append("\r\n");
}

}  // namespace

bool body_follows(const Response& response, const Exchange& exchange) {
  return !exchange.head_request && status_has_body(response.status);
}

std::string response_head(const Response& response, const Exchange& exchange) {
  std::string head = "HTTP/1.1 " + std::to_string(response.status) + " ";
  head.append(reason_phrase(response.status)).append("\r\n");
  append_header(head, "Date", exchange.date);
  for (const auto& [name, value] : response.headers.entries()) {
    if (!is_ours(name)) {
      append_header(head, name, value);
    }
  }
  if (status_has_body(response.status)) {
    const auto given = exchange.head_request ? response.headers.find("Content-Length")
                                             : std::optional<std::string>();
    append_header(head, "Content-Length", given.value_or(std::to_string(response.body.size())));
  }
  append_header(head, "X-Request-Id", exchange.request_id);
  if (!exchange.keep_alive) {
    append_header(head, "Connection", "close");
  } else if (exchange.http_1_0) {
    append_header(head, "Connection", "keep-alive");
  }
  return head.append("\r\n");
}

}  // namespace bb::http

#include "http/router.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/text.hpp"

namespace bb::http {
namespace {

// The parameter's value (empty where the pattern has none), nothing where the path does not match.
std::optional<std::string_view> match(std::string_view pattern, std::string_view path) {
  const std::size_t brace = pattern.find('{');
  if (brace == std::string_view::npos) {
    return path == pattern ? std::optional<std::string_view>("") : std::nullopt;
  }
  if (!path.starts_with(pattern.substr(0, brace))) {
    return std::nullopt;
  }
  const std::string_view parameter = path.substr(brace);
  if (parameter.empty() || parameter.find('/') != std::string_view::npos) {
    return std::nullopt;
  }
  return parameter;
}

bool accepts(const Route& route, const Request& request) {
  if (route.content_type.empty()) {
    return true;
  }
  const std::string given = request.headers.find("Content-Type").value_or("");
  const std::string_view media_type = trim(std::string_view(given).substr(0, given.find(';')));
  return equals_ignoring_case(media_type, route.content_type);
}

void add_method(std::vector<std::string>& allowed, std::string_view method) {
  if (std::ranges::find(allowed, method) == allowed.end()) {
    allowed.emplace_back(method);
  }
}

std::string allow_header(std::vector<std::string> methods) {
  add_method(methods, "OPTIONS");
  std::string result;
  for (const std::string& method : methods) {
    result += (result.empty() ? "" : ", ") + method;
  }
  return result;
}

// The length stays that of the GET, as RFC 9110 section 9.3.2 wants.
Response without_body(Response response) {
  response.headers.set("Content-Length", std::to_string(response.body.size()));
  response.body.clear();
  return response;
}

}  // namespace

Response Router::handle(const Request& request) const {
  const bool head = request.method == "HEAD";
  std::vector<std::string> allowed;
  std::string wanted_type;
  for (const Route& route : routes_) {
    const auto parameter = match(route.path, request.path);
    if (!parameter) {
      continue;
    }
    const bool takes_head = route.head && route.method == "GET";
    add_method(allowed, route.method);
    if (takes_head) {
      add_method(allowed, "HEAD");
    }
    if (route.method != request.method && !(head && takes_head)) {
      continue;
    }
    if (!accepts(route, request)) {
      wanted_type = route.content_type;
      continue;
    }
    Response response = route.handle(request, *parameter);
    return head ? without_body(std::move(response)) : response;
  }

  if (allowed.empty()) {
    return error_response(404, "there is nothing at this address");
  }
  if (!wanted_type.empty()) {
    return error_response(415, "the Content-Type must be " + wanted_type);
  }
  if (request.method == "OPTIONS") {
    return {.status = 204, .headers = {{"Allow", allow_header(allowed)}}, .body = ""};
  }
  Response response = error_response(
      405, "this address does not take " + escape_control(truncate(request.method, 20)));
  response.headers.set("Allow", allow_header(allowed));
  return response;
}

bool Router::defer(Request& request, Responder& responder) const {
  const auto route = std::ranges::find_if(routes_, [&](const Route& candidate) {
    return candidate.defer && candidate.method == request.method &&
           match(candidate.path, request.path) && accepts(candidate, request);
  });
  if (route == routes_.end()) {
    return false;
  }
  route->defer(std::move(request), std::move(responder));
  return true;
}

}  // namespace bb::http

// A table of routes, tried in order.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.hpp"
#include "http/responder.hpp"

namespace bb::http {

struct Route {
  std::string method;
  std::string path;               // exact, or with one last parameter: "/jobs/{id}"
  std::string content_type = {};  // of the request's body; another one answers 415. Empty: any
  // `parameter` is the decoded value of the last segment, empty where the path has none.
  std::function<Response(const Request& request, std::string_view parameter)> handle = nullptr;
  // Of a GET route: HEAD runs it too and drops the body. Only where running it changes nothing, as
  // link previews and scanners send HEAD; otherwise HEAD answers 405.
  bool head = false;
  // Instead of `handle`: called on the event-loop thread, which it must not hold up, and has the
  // request answered by another thread.
  std::function<void(Request&& request, Responder&& responder)> defer = nullptr;
};

class Router {
 public:
  explicit Router(std::vector<Route> routes) : routes_(std::move(routes)) {}

  // 404 for an unknown path, 405 with Allow for a wrong method, 415 for a wrong content type.
  // HEAD is answered as GET without a body by routes that allow it, OPTIONS with Allow.
  [[nodiscard]] Response handle(const Request& request) const;

  // Hands both over if the request's route answers later; false if it is one for handle().
  bool defer(Request& request, Responder& responder) const;

 private:
  std::vector<Route> routes_;
};

}  // namespace bb::http

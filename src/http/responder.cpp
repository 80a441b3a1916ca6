#include "http/responder.hpp"

#include <string>

namespace bb::http {

Response unavailable_response(std::string_view message, std::chrono::seconds retry_after) {
  Response response = error_response(503, message);
  response.headers.set("Retry-After", std::to_string(retry_after.count()));
  return response;
}

}  // namespace bb::http

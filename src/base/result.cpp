#include "base/result.hpp"

namespace bb {

std::string_view to_string(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid_input:
      return "invalid_input";
    case ErrorCode::not_found:
      return "not_found";
    case ErrorCode::conflict:
      return "conflict";
    case ErrorCode::unauthorized:
      return "unauthorized";
    case ErrorCode::forbidden:
      return "forbidden";
    case ErrorCode::rate_limited:
      return "rate_limited";
    case ErrorCode::unavailable:
      return "unavailable";
    case ErrorCode::uncertain:
      return "uncertain";
    case ErrorCode::bad_response:
      return "bad_response";
    case ErrorCode::internal:
      return "internal";
  }
  return "internal";
}

Error Error::within(std::string_view what) const {
  Error error = *this;
  error.message = std::string(what) + ": " + message;
  return error;
}

}  // namespace bb

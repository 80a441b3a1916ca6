// How functions report what input or a remote peer can cause: a value or an Error, never an
// exception.
#pragma once

#include <chrono>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace bb {

// Says what the caller can do about it, not where it came from.
enum class ErrorCode {
  invalid_input,  // the caller's value is wrong; ask for another
  not_found,      // there is no such thing
  conflict,       // it exists already, or its state forbids the operation
  unauthorized,   // who are you? the credential is missing, wrong or revoked
  forbidden,      // known, but not allowed
  rate_limited,   // try again after `retry_after`
  unavailable,    // did not answer, or said to come back: try again later
  uncertain,      // no clear answer: it may or may not have happened
  bad_response,   // answered something we do not understand
  internal,       // a defect or a broken environment
};

// The word for logs and JSON, e.g. "rate_limited".
std::string_view to_string(ErrorCode code);

struct Error {
  ErrorCode code = ErrorCode::internal;
  std::string message;  // for the person who can act on it; never holds a secret
  std::optional<std::chrono::seconds> retry_after = std::nullopt;

  // The same error with "what: " before its message.
  [[nodiscard]] Error within(std::string_view what) const;

  bool operator==(const Error&) const = default;
};

template <class T>
class [[nodiscard]] Result : public std::expected<T, Error> {
 public:
  using std::expected<T, Error>::expected;
};

// `return fail(ErrorCode::not_found, "...")` in a function that returns a Result.
inline std::unexpected<Error> fail(ErrorCode code, std::string message) {
  return std::unexpected(Error{.code = code, .message = std::move(message)});
}

// Hands an error on, e.g. `return fail(result.error().within("reading the file"))`.
inline std::unexpected<Error> fail(Error error) {
  return std::unexpected(std::move(error));
}

}  // namespace bb

#include "chat/slack/signature.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "base/text.hpp"
#include "crypto/crypto.hpp"

namespace bb::chat::slack {
namespace {

constexpr std::chrono::seconds max_age = std::chrono::minutes(5);
constexpr std::string_view signature_header = "X-Slack-Signature";
constexpr std::string_view timestamp_header = "X-Slack-Request-Timestamp";

// A header sent twice is refused: which of the two another party looked at is anyone's guess.
Result<std::string> only_value(const http::Headers& headers, std::string_view name) {
  const std::string* found = nullptr;
  for (const auto& [header, value] : headers.entries()) {
    if (!equals_ignoring_case(header, name)) {
      continue;
    }
    if (found != nullptr) {
      return fail(ErrorCode::unauthorized, std::string(name) + " was sent more than once");
    }
    found = &value;
  }
  if (found == nullptr) {
    return fail(ErrorCode::unauthorized, std::string(name) + " is missing");
  }
  return *found;
}

Result<void> check_age(std::string_view timestamp, TimePoint now) {
  const std::optional<std::int64_t> seconds = parse_integer(timestamp);
  if (!seconds || *seconds < 0) {
    return fail(ErrorCode::unauthorized,
                std::string(timestamp_header) + " is not a number of seconds");
  }
  // The limits are moved, not the foreign number, which could overflow.
  const std::int64_t here =
      std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
  if (*seconds < here - max_age.count()) {
    return fail(ErrorCode::unauthorized, "the request is more than five minutes old");
  }
  if (*seconds > here + max_age.count()) {
    return fail(ErrorCode::unauthorized,
                "the request is from more than five minutes in the future: check the clock");
  }
  return {};
}

}  // namespace

Result<void> verify_signature(const Secret& signing_secret, const http::Headers& headers,
                              std::string_view body, TimePoint now) {
  if (signing_secret.empty()) {
    return fail(ErrorCode::unauthorized, "no signing secret is set: set SLACK_SIGNING_SECRET");
  }
  const Result<std::string> signature = only_value(headers, signature_header);
  if (!signature) {
    return fail(signature.error());
  }
  const Result<std::string> timestamp = only_value(headers, timestamp_header);
  if (!timestamp) {
    return fail(timestamp.error());
  }
  if (const Result<void> age = check_age(*timestamp, now); !age) {
    return age;
  }
  if (!crypto::constant_time_equal(*signature, sign(signing_secret, *timestamp, body))) {
    return fail(ErrorCode::unauthorized, std::string(signature_header) + " is wrong");
  }
  return {};
}

std::string sign(const Secret& signing_secret, std::string_view timestamp, std::string_view body) {
  std::string signed_text = "v0:";
  signed_text.append(timestamp).append(":").append(body);
  return "v0=" + crypto::to_hex(crypto::hmac_sha256(signing_secret, signed_text));
}

}  // namespace bb::chat::slack

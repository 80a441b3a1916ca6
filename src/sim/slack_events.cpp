#include "sim/slack_events.hpp"

#include <fmt/format.h>
#include <boost/json.hpp>

#include "base/json.hpp"
#include "base/text.hpp"
#include "crypto/crypto.hpp"

namespace bb::sim {
namespace {

std::string upper_case_id(Random& random, std::size_t length) {
  constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
  std::string id;
  while (id.size() < length) {
    id += letters[random.below(letters.size())];
  }
  return id;
}

}  // namespace

EventSender::EventSender(const Clock& clock, const SlackOptions& options)
    : clock_(clock),
      options_(options),
      client_(
          http::make_curl_client({.user_agent = "Slackbot 1.0 (+https://api.slack.com/robots)"})) {}

http::Headers EventSender::signed_headers(std::string_view body, std::chrono::seconds age) const {
  const auto now = std::chrono::floor<std::chrono::seconds>(clock_.now()) - age;
  const std::string timestamp = std::to_string(now.time_since_epoch().count());
  const std::string signature = crypto::to_hex(
      crypto::hmac_sha256(options_.signing_secret, "v0:" + timestamp + ":" + std::string(body)));
  return {{"Content-Type", "application/json"},
          {"X-Slack-Request-Timestamp", timestamp},
          {"X-Slack-Signature", "v0=" + signature}};
}

Result<http::Response> EventSender::post(const std::string& target, const std::string& body,
                                         const http::Headers& headers) {
  return client_->send({.method = "POST",
                        .url = target,
                        .headers = headers,
                        .body = body,
                        .connect_time = options_.delivery_time,
                        .total_time = options_.delivery_time});
}

Attempted EventSender::attempt(const std::string& target, const std::string& body, int retry,
                               const std::string& reason) {
  http::Headers headers = signed_headers(body, std::chrono::seconds(0));
  if (retry > 0) {
    headers.set("X-Slack-Retry-Num", std::to_string(retry));
    headers.set("X-Slack-Retry-Reason", reason);
  }
  const Result<http::Response> response = post(target, body, headers);
  if (!response) {
    const bool was_sent = response.error().code == ErrorCode::uncertain;
    return {.status = 0, .reason = was_sent ? "http_timeout" : "connection_failed"};
  }
  return {.status = response->status,
          .accepted = response->status >= 200 && response->status < 300,
          .no_retry = response->headers.find("X-Slack-No-Retry") == "1",
          .reason = "http_error"};
}

Result<void> EventSender::verify(const std::string& target, Random& random) {
  const std::string challenge = crypto::to_hex(random.bytes(24));
  const std::string body =
      boost::json::serialize(boost::json::object{{"token", options_.verification_token},
                                                 {"challenge", challenge},
                                                 {"type", "url_verification"}});
  const Result<http::Response> response =
      post(target, body, signed_headers(body, std::chrono::seconds(0)));
  if (!response) {
    return fail(response.error().within("verifying the address for events"));
  }
  if (response->status != 200) {
    return fail(ErrorCode::bad_response,
                "the address for events answered " + std::to_string(response->status));
  }
  const Result<boost::json::value> answer = json::parse(response->body);
  const bool is_echoed = trim(response->body) == challenge ||
                         (answer && json::string(*answer, "challenge") == challenge);
  if (!is_echoed) {
    return fail(ErrorCode::bad_response,
                "the address for events did not answer with the challenge");
  }
  return {};
}

std::optional<std::chrono::minutes> EventSender::wait_before_retry(int retry) {
  switch (retry) {
    case 1:
      return std::chrono::minutes(0);
    case 2:
      return std::chrono::minutes(1);
    case 3:
      return std::chrono::minutes(5);
    default:
      return std::nullopt;
  }
}

std::string EventSender::make_event_id(Random& random) {
  return "Ev" + upper_case_id(random, 9);
}

std::string EventSender::make_client_message_id(Random& random) {
  const std::string hex = crypto::to_hex(random.bytes(16));
  return fmt::format("{}-{}-4{}-a{}-{}", hex.substr(0, 8), hex.substr(8, 4), hex.substr(13, 3),
                     hex.substr(17, 3), hex.substr(20));
}

std::string escape_mrkdwn(std::string_view text) {
  std::string escaped;
  for (const char letter : text) {
    switch (letter) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      default:
        escaped += letter;
    }
  }
  return escaped;
}

}  // namespace bb::sim

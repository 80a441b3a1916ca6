#include "chat/slack/signature.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>

namespace bb::chat::slack {
namespace {

// The example of Slack's documentation.
const Secret documented_secret("8f742231b10e8888abcd99yyyzzz85a5");
constexpr std::string_view documented_timestamp = "1531420618";
constexpr std::string_view documented_signature =
    "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503";
constexpr std::string_view documented_body =
    "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V"
    "&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text="
    "&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554"
    "%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121."
    "803a0bc887a14d10d2c447fce8b6703c";

TimePoint at(std::int64_t seconds) {
  return TimePoint(std::chrono::seconds(seconds));
}

const TimePoint documented_time = at(1531420618);

http::Headers documented_headers() {
  return {{"X-Slack-Request-Timestamp", std::string(documented_timestamp)},
          {"X-Slack-Signature", std::string(documented_signature)}};
}

std::string refusal(const http::Headers& headers, std::string_view body = documented_body,
                    TimePoint now = documented_time, const Secret& secret = documented_secret) {
  const Result<void> verified = verify_signature(secret, headers, body, now);
  if (verified) {
    return "accepted";
  }
  CHECK((verified.error().code == ErrorCode::unauthorized));
  return verified.error().message;
}

std::string refusal_of_timestamp(const std::string& timestamp) {
  return refusal({{"X-Slack-Request-Timestamp", timestamp},
                  {"X-Slack-Signature", sign(documented_secret, timestamp, documented_body)}});
}

TEST_CASE("the documented signature is made and accepted") {
  CHECK(sign(documented_secret, documented_timestamp, documented_body) == documented_signature);
  CHECK(refusal(documented_headers()) == "accepted");
}

TEST_CASE("the names of the signature headers are known in any case") {
  CHECK(refusal({{"x-slack-request-timestamp", std::string(documented_timestamp)},
                 {"X-SLACK-SIGNATURE", std::string(documented_signature)}}) == "accepted");
}

TEST_CASE("a request is accepted up to five minutes from its timestamp and not a second more") {
  CHECK(refusal(documented_headers(), documented_body, at(1531420618 + 300)) == "accepted");
  CHECK(refusal(documented_headers(), documented_body, at(1531420618 - 300)) == "accepted");
  CHECK(refusal(documented_headers(), documented_body, at(1531420618 + 301)) ==
        "the request is more than five minutes old");
  CHECK(refusal(documented_headers(), documented_body, at(1531420618 - 301)) ==
        "the request is from more than five minutes in the future: check the clock");
}

TEST_CASE("an altered body or timestamp is refused") {
  CHECK(refusal(documented_headers(), std::string(documented_body) + "&x=1") ==
        "X-Slack-Signature is wrong");
  CHECK(refusal(documented_headers(), "") == "X-Slack-Signature is wrong");
  CHECK(refusal({{"X-Slack-Request-Timestamp", "1531420619"},
                 {"X-Slack-Signature", std::string(documented_signature)}}) ==
        "X-Slack-Signature is wrong");
}

TEST_CASE("a signature that is not exactly the expected one is refused") {
  const std::string signature(documented_signature);
  for (const std::string& wrong :
       {std::string(), std::string("v0="), signature.substr(3), signature.substr(0, 66),
        signature + "0", "v1=" + signature.substr(3), " " + signature}) {
    CHECK(refusal({{"X-Slack-Request-Timestamp", std::string(documented_timestamp)},
                   {"X-Slack-Signature", wrong}}) == "X-Slack-Signature is wrong");
  }
}

TEST_CASE("a signature made with another secret is refused") {
  CHECK(refusal(documented_headers(), documented_body, documented_time, Secret("another")) ==
        "X-Slack-Signature is wrong");
}

TEST_CASE("an empty signing secret accepts nothing even if the signature was made with it") {
  const std::string timestamp(documented_timestamp);
  CHECK(refusal({{"X-Slack-Request-Timestamp", timestamp},
                 {"X-Slack-Signature", sign(Secret(), timestamp, documented_body)}},
                documented_body, documented_time,
                Secret()) == "no signing secret is set: set SLACK_SIGNING_SECRET");
}

TEST_CASE("a missing signature header is named") {
  CHECK(refusal({}) == "X-Slack-Signature is missing");
  CHECK(refusal({{"X-Slack-Signature", std::string(documented_signature)}}) ==
        "X-Slack-Request-Timestamp is missing");
  CHECK(refusal({{"X-Slack-Request-Timestamp", std::string(documented_timestamp)}}) ==
        "X-Slack-Signature is missing");
}

TEST_CASE("a signature header that was sent twice is refused even if the copies agree") {
  http::Headers two_signatures = documented_headers();
  two_signatures.add("x-slack-signature", documented_signature);
  CHECK(refusal(two_signatures) == "X-Slack-Signature was sent more than once");

  http::Headers two_timestamps = documented_headers();
  two_timestamps.add("X-Slack-Request-Timestamp", "1531420619");
  CHECK(refusal(two_timestamps) == "X-Slack-Request-Timestamp was sent more than once");
}

TEST_CASE("a timestamp that is no number of seconds is refused even if it is signed") {
  for (const char* timestamp : {"", "abc", "1531420618.0", "1531420618 ", "0x5b47a58a", "-1",
                                "99999999999999999999", "-9223372036854775808"}) {
    CAPTURE(timestamp);
    CHECK(refusal_of_timestamp(timestamp) ==
          "X-Slack-Request-Timestamp is not a number of seconds");
  }
}

TEST_CASE("a timestamp at the end of the number range is in the future") {
  CHECK(refusal_of_timestamp("9223372036854775807") ==
        "the request is from more than five minutes in the future: check the clock");
  CHECK(refusal_of_timestamp("0") == "the request is more than five minutes old");
}

TEST_CASE("a refusal never shows the expected signature or the secret") {
  const std::string message = refusal(documented_headers(), "altered");
  CHECK(message.find("v0=") == std::string::npos);
  CHECK(message.find(documented_secret.reveal()) == std::string::npos);
}

}  // namespace
}  // namespace bb::chat::slack

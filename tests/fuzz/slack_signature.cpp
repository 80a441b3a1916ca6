// The two signature headers, the timestamp before the first newline and the signature behind it. No
// input may be accepted: the fuzzer does not know the secret.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "chat/slack/signature.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t newline = text.find('\n');
  bb::http::Headers headers;
  headers.add("X-Slack-Request-Timestamp", text.substr(0, newline));
  headers.add("X-Slack-Signature", newline == text.npos ? "" : text.substr(newline + 1));
  const bb::TimePoint now(std::chrono::seconds(1531420618));
  if (bb::chat::slack::verify_signature(bb::Secret("unguessed"), headers, "{}", now)) {
    std::abort();
  }
  return 0;
}

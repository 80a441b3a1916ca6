// How Slack posts events: signed, within three seconds, with up to three retries
// (https://api.slack.com/apis/events-api). Internal to the simulator.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "http/client.hpp"
#include "sim/slack.hpp"

namespace bb::sim {

struct Attempted {
  int status = 0;  // 0: no answer
  bool accepted = false;
  bool no_retry = false;    // asked for with x-slack-no-retry
  std::string reason = {};  // for the next attempt
};

class EventSender {
 public:
  EventSender(const Clock& clock, const SlackOptions& options);

  Attempted attempt(const std::string& target, const std::string& body, int retry,
                    const std::string& reason);
  Result<http::Response> post(const std::string& target, const std::string& body,
                              const http::Headers& headers);
  Result<void> verify(const std::string& target, Random& random);

  [[nodiscard]] http::Headers signed_headers(std::string_view body, std::chrono::seconds age) const;

  // How long Slack waits before retry 1, 2 and 3; nothing after that.
  static std::optional<std::chrono::minutes> wait_before_retry(int retry);

  static std::string make_event_id(Random& random);
  static std::string make_client_message_id(Random& random);

 private:
  const Clock& clock_;
  const SlackOptions& options_;
  std::unique_ptr<http::Client> client_;
};

// &, < and > as entities, as Slack does with what people type.
std::string escape_mrkdwn(std::string_view text);

}  // namespace bb::sim

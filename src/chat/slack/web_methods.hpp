// Calls of Slack's Web API with a token: how a request is sent and how pages follow each other, but
// not what the methods are for.
#pragma once

#include <boost/json/fwd.hpp>
#include <expected>
#include <functional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/secret.hpp"
#include "chat/rate_limits.hpp"
#include "chat/slack/web_answer.hpp"
#include "http/client.hpp"

namespace bb::chat::slack {

enum class Walk { go_on, stop };

class WebMethods {
 public:
  // `api_url` with or without a trailing slash. A method that Slack asked to leave alone is not
  // called before its time, by nobody who has the same `limits`.
  WebMethods(http::Client& client, const Clock& clock, std::string api_url, Secret bot_token,
             RateLimits* limits);

  // A method that changes nothing, or nothing that a repetition would change again.
  [[nodiscard]] Answer read(std::string_view method, const http::Parameters& parameters) const;

  // chat.postMessage with these arguments, a JSON object.
  [[nodiscard]] Answer post_message(std::string arguments) const;

  // Calls `visit` with each page of a list until it stops or the last page was read. A list that
  // never ends is a bad_response: one of more than `max_pages`, or one whose cursor comes a second
  // time.
  using Visit = std::function<Result<Walk>(const boost::json::value& page)>;
  [[nodiscard]] std::expected<void, Refusal> read_pages(std::string_view method,
                                                        const http::Parameters& parameters,
                                                        int max_pages, const Visit& visit) const;

 private:
  [[nodiscard]] Answer send(std::string_view method, Effect effect, std::string_view content_type,
                            std::string body) const;

  http::Client& client_;
  const Clock& clock_;
  std::string api_url_;
  Secret bot_token_;
  RateLimits* limits_;
};

}  // namespace bb::chat::slack

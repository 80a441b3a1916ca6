// What an answer of Slack's Web API means: the JSON of a success, or a refusal with what can be
// done about it.
#pragma once

#include <boost/json/fwd.hpp>
#include <expected>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "http/message.hpp"

namespace bb::chat::slack {

// What the call leaves behind. A read without a clear answer is simply repeated; a message without
// one may have been posted.
enum class Effect { none, message };

struct Refusal {
  Error error;
  std::string word = {};  // Slack's, e.g. "channel_not_found"; empty where the answer has none
  int status = 0;         // of HTTP, 0 where there was no answer
};

using Answer = std::expected<boost::json::value, Refusal>;

// `method` is Slack's, e.g. "chat.postMessage"; it starts the message of every error.
Answer read_answer(std::string_view method, Effect effect, const Result<http::Response>& response,
                   TimePoint now);

}  // namespace bb::chat::slack

#include "chat/slack/web_methods.hpp"

#include <boost/json.hpp>
#include <set>
#include <utility>

#include "base/json.hpp"

namespace bb::chat::slack {
namespace {

std::string without_trailing_slashes(std::string url) {
  while (url.ends_with('/')) {
    url.pop_back();
  }
  return url;
}

}  // namespace

WebMethods::WebMethods(http::Client& client, const Clock& clock, std::string api_url,
                       Secret bot_token, RateLimits* limits)
    : client_(client),
      clock_(clock),
      api_url_(without_trailing_slashes(std::move(api_url))),
      bot_token_(std::move(bot_token)),
      limits_(limits) {}

Answer WebMethods::send(std::string_view method, Effect effect, std::string_view content_type,
                        std::string body) const {
  if (const auto wait = limits_ == nullptr ? std::nullopt : limits_->wait(method)) {
    return std::unexpected(Refusal{
        .error = Error{ErrorCode::rate_limited, "Slack asked to wait", *wait}.within(method),
        .word = "ratelimited"});
  }
  http::ClientRequest request;
  request.method = "POST";
  request.url = api_url_ + "/" + std::string(method);
  request.headers.set("Authorization", "Bearer " + bot_token_.reveal());
  request.headers.set("Content-Type", content_type);
  request.headers.set("Accept", "application/json");
  request.body = std::move(body);
  Answer answer = read_answer(method, effect, client_.send(request), clock_.now());
  if (limits_ != nullptr && !answer) {
    const Error& error = answer.error().error;
    if (error.code == ErrorCode::rate_limited && error.retry_after) {
      limits_->store(method, *error.retry_after);
    }
  }
  return answer;
}

// As a form: not every method that reads takes JSON.
Answer WebMethods::read(std::string_view method, const http::Parameters& parameters) const {
  return send(method, Effect::none, "application/x-www-form-urlencoded", parameters.encode());
}

Answer WebMethods::post_message(std::string arguments) const {
  return send("chat.postMessage", Effect::message, "application/json; charset=utf-8",
              std::move(arguments));
}

std::expected<void, Refusal> WebMethods::read_pages(std::string_view method,
                                                    const http::Parameters& parameters,
                                                    int max_pages, const Visit& visit) const {
  const auto refuse = [&](Error error) {
    return std::unexpected(Refusal{.error = error.within(method)});
  };
  std::set<std::string> cursors;
  std::string cursor;
  for (int page = 0; page < max_pages; ++page) {
    http::Parameters with_cursor = parameters;
    if (!cursor.empty()) {
      with_cursor.add("cursor", cursor);
    }
    const Answer answer = read(method, with_cursor);
    if (!answer) {
      return std::unexpected(answer.error());
    }
    const Result<Walk> walk = visit(*answer);
    if (!walk) {
      return refuse(walk.error());
    }
    cursor = json::string(*answer, "response_metadata.next_cursor").value_or("");
    if (*walk == Walk::stop || cursor.empty()) {
      return {};
    }
    if (!cursors.insert(cursor).second) {
      return refuse({.code = ErrorCode::bad_response, .message = "a cursor came twice"});
    }
  }
  return refuse({.code = ErrorCode::bad_response,
                 .message = "more than " + std::to_string(max_pages) + " pages"});
}

}  // namespace bb::chat::slack

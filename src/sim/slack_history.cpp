// What was said in a conversation: conversations.history without replies, newest first, and
// conversations.replies of one thread, oldest first.
#include <boost/json.hpp>
#include <charconv>
#include <cstddef>

#include "sim/slack_call.hpp"

namespace bb::sim::slack_call {
namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;

constexpr std::int64_t default_replies = 1'000;

object history_message(const Context& context, const SlackMessage& message) {
  object json = message_json(context.state, message);
  if (!message.metadata.empty()) {
    value metadata = boost::json::parse(message.metadata);
    if (!is_set(context, "include_all_metadata")) {
      metadata.as_object().erase("event_payload");
    }
    json["metadata"] = std::move(metadata);
  }
  return json;
}

// The conversation that `channel` names, if the bot may read it.
std::expected<std::string, object> readable_conversation(const Context& context) {
  const auto id = argument(context, "channel");
  if (!id) {
    return std::unexpected(missing_argument("channel"));
  }
  if (context.state.find_direct_user(*id) == nullptr) {
    const SlackChannel* channel = context.state.find_channel(*id);
    if (channel == nullptr || channel->id != *id || !is_visible(*channel)) {
      return std::unexpected(slack_error("channel_not_found"));
    }
    if (!channel->bot_is_member) {
      return std::unexpected(slack_error("not_in_channel"));
    }
  }
  return *id;
}

// Seconds with or without a fraction, as in `oldest` and `ts`.
std::optional<double> seconds_of(std::string_view text) {
  double seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  const bool is_number = error == std::errc() && end == text.data() + text.size();
  return is_number && seconds >= 0 ? std::optional(seconds) : std::nullopt;
}

// From `oldest` to `latest`; their own edges only if `inclusive`.
class Window {
 public:
  static std::expected<Window, object> read(const Context& context) {
    Window window;
    window.oldest_ = argument(context, "oldest");
    window.latest_ = argument(context, "latest");
    window.inclusive_ = is_set(context, "inclusive");
    if (window.oldest_ && !seconds_of(*window.oldest_)) {
      return std::unexpected(slack_error("invalid_ts_oldest"));
    }
    if (window.latest_ && !seconds_of(*window.latest_)) {
      return std::unexpected(slack_error("invalid_ts_latest"));
    }
    return window;
  }

  // Timestamps of equal length compare as text; "0" and whole seconds are numbers.
  [[nodiscard]] bool holds(const SlackMessage& message) const {
    if (message.ts == oldest_ || message.ts == latest_) {
      return inclusive_;
    }
    const auto at = seconds_of(message.ts);
    return (!oldest_ || at > seconds_of(*oldest_)) && (!latest_ || at < seconds_of(*latest_));
  }

 private:
  std::optional<std::string> oldest_;
  std::optional<std::string> latest_;
  bool inclusive_ = false;
};

object answer(const Context& context, const std::vector<const SlackMessage*>& messages,
              const std::string& next_cursor) {
  array shown;
  for (const SlackMessage* message : messages) {
    shown.push_back(history_message(context, *message));
  }
  return {{"ok", true},
          {"messages", std::move(shown)},
          {"has_more", !next_cursor.empty()},
          {"response_metadata", object{{"next_cursor", next_cursor}}}};
}

}  // namespace

object conversations_history(Context& context) {
  const auto id = readable_conversation(context);
  if (!id) {
    return id.error();
  }
  const auto window = Window::read(context);
  if (!window) {
    return window.error();
  }
  std::vector<const SlackMessage*> found;
  const std::vector<SlackMessage>& all = context.state.messages[*id];
  for (auto message = all.rbegin(); message != all.rend(); ++message) {
    if (message->thread.empty() && window->holds(*message)) {
      found.push_back(&*message);
    }
  }
  const auto page = page_of(context, found.size());
  if (!page) {
    return slack_error(page.error());
  }
  const auto first = found.begin();
  object body = answer(context,
                       {first + static_cast<std::ptrdiff_t>(page->first),
                        first + static_cast<std::ptrdiff_t>(page->last)},
                       page->next_cursor);
  body["pin_count"] = 0;
  return body;
}

// The parent comes first on every page, whatever the window and the limit; the timestamp of a reply
// gives that reply alone.
object conversations_replies(Context& context) {
  const auto id = readable_conversation(context);
  if (!id) {
    return id.error();
  }
  const auto ts = argument(context, "ts");
  if (!ts) {
    return missing_argument("ts");
  }
  const auto window = Window::read(context);
  if (!window) {
    return window.error();
  }
  const SlackMessage* parent = context.state.find_message(*id, *ts);
  if (parent == nullptr) {
    return slack_error("thread_not_found");
  }
  std::vector<const SlackMessage*> found;
  for (const SlackMessage& message : context.state.messages[*id]) {
    if (message.thread == *ts && window->holds(message)) {
      found.push_back(&message);
    }
  }
  const auto page = page_of(context, found.size(), default_replies);
  if (!page) {
    return slack_error(page.error());
  }
  std::vector<const SlackMessage*> shown = {parent};
  for (std::size_t i = page->first; i < page->last; ++i) {
    shown.push_back(found[i]);
  }
  return answer(context, shown, page->next_cursor);
}

}  // namespace bb::sim::slack_call

#include "sim/slack_call.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "base/json.hpp"
#include "base/text.hpp"
#include "crypto/crypto.hpp"
#include "sim/slack_blocks.hpp"

namespace bb::sim::slack_call {
namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;

constexpr std::size_t max_text = 40'000;
constexpr std::int64_t max_limit = 1'000;

// A cursor of Slack is opaque; ours is where the next page starts.
std::string make_cursor(std::size_t start) {
  return crypto::to_base64("next_start:" + std::to_string(start));
}

// The id of the conversation that `target` names, or the error word.
std::expected<std::string, std::string> find_destination(SlackState& state,
                                                         const std::string& target) {
  if (target == state.options.bot_user_id) {
    return std::unexpected("cannot_dm_bot");
  }
  if (state.find_user(target) != nullptr) {
    return state.open_direct(target);
  }
  if (state.find_direct_user(target) != nullptr) {
    return target;
  }
  const SlackChannel* channel = state.find_channel(target);
  if (channel == nullptr || !is_visible(*channel)) {
    return std::unexpected("channel_not_found");
  }
  if (channel->is_archived) {
    return std::unexpected("is_archived");
  }
  if (!channel->bot_is_member) {
    return std::unexpected("not_in_channel");
  }
  return channel->id;
}

// An argument that is JSON, or text that holds JSON, as in a form.
std::optional<value> json_argument(const Context& context, std::string_view name) {
  const value* found = context.arguments.if_contains(name);
  if (found == nullptr) {
    return std::nullopt;
  }
  if (!found->is_string()) {
    return *found;
  }
  Result<value> parsed = json::parse(std::string_view(found->get_string()));
  return parsed ? std::move(*parsed) : value(nullptr);
}

object block_error(const std::string& why) {
  object error = slack_error("invalid_blocks");
  error["errors"] = array{why};
  error["response_metadata"] = object{{"messages", array{"[ERROR] " + why}}};
  return error;
}

// Fills in blocks and metadata, or says what is wrong with them.
std::optional<object> take_content(const Context& context, SlackMessage& message) {
  if (const auto blocks = json_argument(context, "blocks"); blocks && !blocks->is_null()) {
    if (!blocks->is_array()) {
      return slack_error("invalid_blocks_format");
    }
    if (const auto why = find_block_error(blocks->get_array())) {
      return block_error(*why);
    }
    if (are_blocks_too_long(blocks->get_array())) {
      return slack_error("msg_blocks_too_long");
    }
    if (!blocks->get_array().empty()) {
      message.blocks = boost::json::serialize(*blocks);
    }
  } else if (blocks && context.arguments.at("blocks").is_string()) {
    return slack_error("invalid_blocks_format");
  }
  if (const auto metadata = json_argument(context, "metadata")) {
    if (const auto word = find_metadata_error(*metadata)) {
      return slack_error(*word);
    }
    message.metadata = boost::json::serialize(*metadata);
  }
  return std::nullopt;
}

// The thread of a reply, or what is wrong with it: only messages that are no replies have one.
std::optional<object> take_thread(const Context& context, SlackMessage& message) {
  const value* given = context.arguments.if_contains("thread_ts");
  if (given == nullptr || given->is_null()) {
    return std::nullopt;
  }
  const std::string thread = argument(context, "thread_ts").value_or("");
  if (!given->is_string() || !is_timestamp(thread)) {
    object error = slack_error("invalid_thread_ts");
    error["response_metadata"] =
        object{{"messages", array{"[ERROR] " + thread + " is not a valid thread_ts"}}};
    return error;
  }
  const SlackMessage* parent = context.state.find_message(message.channel, thread);
  if (parent == nullptr || !parent->thread.empty()) {
    return slack_error("thread_not_found");
  }
  message.thread = thread;
  return std::nullopt;
}

// At most `max_text` characters of valid UTF-8.
std::string cut(const std::string& text) {
  std::size_t characters = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xC0U) != 0x80U && ++characters > max_text) {
      return text.substr(0, i);
    }
  }
  return text;
}

}  // namespace

std::optional<std::string> argument(const Context& context, std::string_view name) {
  const value* found = context.arguments.if_contains(name);
  if (found == nullptr || found->is_null()) {
    return std::nullopt;
  }
  if (found->is_string()) {
    return std::string(found->get_string());
  }
  return boost::json::serialize(*found);
}

bool is_set(const Context& context, std::string_view name) {
  const auto given = argument(context, name);
  return given && (*given == "true" || *given == "1");
}

object missing_argument(std::string_view name) {
  object error = slack_error("invalid_arguments");
  error["response_metadata"] =
      object{{"messages", array{"[ERROR] missing required field: " + std::string(name)}}};
  return error;
}

bool is_visible(const SlackChannel& channel) {
  return !channel.is_private || channel.bot_is_member;
}

std::expected<Page, std::string> page_of(const Context& context, std::size_t count,
                                         std::int64_t default_limit) {
  std::int64_t limit = default_limit;
  if (const auto given = argument(context, "limit")) {
    const auto number = parse_integer(*given);
    if (!number || *number < 1 || *number > max_limit) {
      return std::unexpected("invalid_limit");
    }
    limit = *number;
  }
  Page page;
  if (const auto cursor = argument(context, "cursor"); cursor && !cursor->empty()) {
    while (page.first <= count && make_cursor(page.first) != *cursor) {
      ++page.first;
    }
    if (page.first > count) {
      return std::unexpected("invalid_cursor");
    }
  }
  const std::size_t size =
      std::min(static_cast<std::size_t>(limit), context.state.options.page_size);
  page.last = std::min(count, page.first + size);
  if (page.last < count) {
    page.next_cursor = make_cursor(page.last);
  }
  return page;
}

bool is_timestamp(std::string_view text) {
  const std::size_t point = text.find('.');
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  return point != std::string_view::npos && point > 0 && text.size() - point == 7 &&
         std::ranges::all_of(text.substr(0, point), is_digit) &&
         std::ranges::all_of(text.substr(point + 1), is_digit);
}

object chat_post_message(Context& context) {
  const auto target = argument(context, "channel");
  if (!target) {
    return missing_argument("channel");
  }
  const auto destination = find_destination(context.state, *target);
  if (!destination) {
    return slack_error(destination.error());
  }
  SlackMessage message{.channel = *destination,
                       .ts = {},
                       .user = context.state.options.bot_user_id,
                       .from_bot = true,
                       .text = argument(context, "text").value_or(""),
                       .blocks = {},
                       .metadata = {},
                       .arguments = boost::json::serialize(context.arguments)};
  if (std::optional<object> error = take_content(context, message)) {
    return std::move(*error);
  }
  if (std::optional<object> error = take_thread(context, message)) {
    return std::move(*error);
  }
  if (message.text.empty() && message.blocks.empty()) {
    return slack_error("no_text");
  }
  if (count_characters(message.text) > max_text) {
    if (!context.state.options.cut_long_text) {
      return slack_error("msg_too_long");
    }
    message.text = cut(message.text);
  }
  message.ts = context.state.make_timestamp(context.now);
  context.stored.push_back(context.state.store(message));
  return {{"ok", true},
          {"channel", message.channel},
          {"ts", message.ts},
          {"message", message_json(context.state, message)}};
}

}  // namespace bb::sim::slack_call

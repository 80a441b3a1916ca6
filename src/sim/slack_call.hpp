// One call of the Web API while it is being answered. Internal to the simulator.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "sim/slack_state.hpp"

namespace bb::sim::slack_call {

struct Context {
  SlackState& state;
  const boost::json::object& arguments;
  TimePoint now;
  std::vector<SlackMessage>& stored;
};

// Numbers count as their text: forms know no other type.
std::optional<std::string> argument(const Context& context, std::string_view name);

bool is_set(const Context& context, std::string_view name);

boost::json::object missing_argument(std::string_view name);

// The bot does not see private channels that it is not in.
bool is_visible(const SlackChannel& channel);

// Of a list with `count` elements, those that `limit` (or else `default_limit`) and `cursor` ask
// for, or the error word.
struct Page {
  std::size_t first = 0;
  std::size_t last = 0;  // one past
  std::string next_cursor = {};
};
std::expected<Page, std::string> page_of(const Context& context, std::size_t count,
                                         std::int64_t default_limit = 100);

// "1606810819.000800": what Slack takes for a message's timestamp.
bool is_timestamp(std::string_view text);

boost::json::object chat_post_message(Context& context);
boost::json::object conversations_history(Context& context);
boost::json::object conversations_replies(Context& context);

}  // namespace bb::sim::slack_call

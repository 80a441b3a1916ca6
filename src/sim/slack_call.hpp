// One call of the Web API while it is being answered. Internal to the simulator.
#pragma once

#include <boost/json/object.hpp>
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

boost::json::object chat_post_message(Context& context);

}  // namespace bb::sim::slack_call

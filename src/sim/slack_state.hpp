// What the simulated Slack knows, and the Web API over it. Internal to the simulator.
#pragma once

#include <boost/json/fwd.hpp>
#include <boost/json/object.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "sim/fault.hpp"
#include "sim/slack.hpp"

namespace bb::sim {

struct SlackUser {
  std::string id;
  std::string name;
  bool is_admin = false;
};

// An event that has not been accepted yet.
struct PendingDelivery {
  Delivery delivery;
  std::string body;
  TimePoint due;
  std::string reason;  // of the next attempt
};

struct SlackState {
  SlackOptions options;
  std::vector<SlackUser> users = {};
  std::vector<SlackChannel> channels = {};
  std::map<std::string, std::string, std::less<>> direct_channels = {};  // user id -> channel id
  std::map<std::string, std::vector<SlackMessage>, std::less<>> messages = {};  // by channel id
  std::map<std::string, std::size_t, std::less<>> calls = {};
  FaultQueue faults = {};
  FaultSource fault_source = {};
  std::vector<PendingDelivery> pending = {};
  std::string target = {};
  std::function<void(const SlackMessage&)> on_message = {};
  std::int64_t last_timestamp = 0;  // microseconds
  std::uint64_t made_up = 0;        // numbers ids

  [[nodiscard]] const SlackUser* find_user(std::string_view id) const;
  [[nodiscard]] const SlackChannel* find_channel(std::string_view id_or_name) const;
  // The person of a direct conversation, null for other channels.
  [[nodiscard]] const std::string* find_direct_user(std::string_view channel) const;
  [[nodiscard]] const SlackMessage* find_message(std::string_view channel,
                                                 std::string_view ts) const;

  std::string make_id(char kind);
  std::string open_direct(const std::string& user);
  // Unique, never before the last one: "1606810819.000800".
  std::string make_timestamp(TimePoint now);
  SlackMessage store(SlackMessage message);
};

// Arguments of one call of the Web API, from the query, a form or JSON.
struct SlackCall {
  std::string method;
  boost::json::object arguments;
};

// The answer's body. A message that was stored is appended to `stored`.
boost::json::object call_web_api(SlackState& state, const SlackCall& call, TimePoint now,
                                 std::vector<SlackMessage>& stored);

bool is_web_api_method(std::string_view method);

// Read methods take forms only: JSON arguments are not seen, as in Slack.
bool reads_json(std::string_view method);

boost::json::object slack_error(std::string_view word);

// The message as events and conversations.history show it.
boost::json::object message_json(const SlackState& state, const SlackMessage& message);

// The envelope of an inner event, ready to be posted.
std::string envelope(const SlackState& state, const boost::json::object& event,
                     std::string_view event_id, TimePoint now);

// The inner event of a message in a direct conversation.
boost::json::object direct_message_event(const SlackState& state, const SlackMessage& message,
                                         std::string_view client_message_id);

}  // namespace bb::sim

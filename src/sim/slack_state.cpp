#include "sim/slack_state.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <set>

#include "base/json.hpp"

namespace bb::sim {
namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;

// What a client of Slack sends along with the text that was typed.
array rich_text(const SlackMessage& message) {
  return array{object{
      {"type", "rich_text"},
      {"block_id", "b" + message.ts},
      {"elements",
       array{object{{"type", "rich_text_section"},
                    {"elements", array{object{{"type", "text"}, {"text", message.text}}}}}}}}};
}

// A reply names its parent; a parent, as soon as it has replies, counts them.
void add_thread(object& json, const SlackState& state, const SlackMessage& message) {
  if (!message.thread.empty()) {
    json["thread_ts"] = message.thread;
    if (const SlackMessage* parent = state.find_message(message.channel, message.thread)) {
      json["parent_user_id"] = parent->user;
    }
    return;
  }
  const auto in_channel = state.messages.find(message.channel);
  if (in_channel == state.messages.end()) {
    return;
  }
  std::set<std::string> users;
  std::size_t replies = 0;
  for (const SlackMessage& other : in_channel->second) {
    if (other.thread == message.ts) {
      ++replies;
      users.insert(other.user);
      json["latest_reply"] = other.ts;
    }
  }
  if (replies > 0) {
    json["thread_ts"] = message.ts;
    json["reply_count"] = replies;
    json["reply_users_count"] = users.size();
    json["reply_users"] = array(users.begin(), users.end());
  }
}

}  // namespace

const SlackUser* SlackState::find_user(std::string_view id) const {
  const auto found = std::find_if(users.begin(), users.end(),
                                  [&](const SlackUser& user) { return user.id == id; });
  return found == users.end() ? nullptr : &*found;
}

const SlackChannel* SlackState::find_channel(std::string_view id_or_name) const {
  const std::string_view name = id_or_name.starts_with('#') ? id_or_name.substr(1) : id_or_name;
  const auto found =
      std::find_if(channels.begin(), channels.end(), [&](const SlackChannel& channel) {
        return channel.id == id_or_name || channel.name == name;
      });
  return found == channels.end() ? nullptr : &*found;
}

const std::string* SlackState::find_direct_user(std::string_view channel) const {
  const auto found = std::find_if(direct_channels.begin(), direct_channels.end(),
                                  [&](const auto& entry) { return entry.second == channel; });
  return found == direct_channels.end() ? nullptr : &found->first;
}

const SlackMessage* SlackState::find_message(std::string_view channel, std::string_view ts) const {
  const auto in_channel = messages.find(channel);
  if (in_channel == messages.end()) {
    return nullptr;
  }
  const auto found = std::ranges::find(in_channel->second, ts, &SlackMessage::ts);
  return found == in_channel->second.end() ? nullptr : &*found;
}

std::string SlackState::make_id(char kind) {
  return fmt::format("{}0SIM{:06}", kind, ++made_up);
}

std::string SlackState::open_direct(const std::string& user) {
  const auto found = direct_channels.find(user);
  if (found != direct_channels.end()) {
    return found->second;
  }
  return direct_channels.emplace(user, make_id('D')).first->second;
}

std::string SlackState::make_timestamp(TimePoint now) {
  const std::int64_t microseconds = now.time_since_epoch().count() * 1'000;
  last_timestamp = std::max(microseconds, last_timestamp + 1);
  return fmt::format("{}.{:06}", last_timestamp / 1'000'000, last_timestamp % 1'000'000);
}

SlackMessage SlackState::store(SlackMessage message) {
  messages[message.channel].push_back(message);
  return message;
}

object slack_error(std::string_view word) {
  return {{"ok", false}, {"error", word}};
}

object message_json(const SlackState& state, const SlackMessage& message) {
  object json{{"type", "message"},
              {"user", message.user},
              {"text", message.text},
              {"ts", message.ts},
              {"team", state.options.team_id}};
  if (message.from_bot) {
    json["bot_id"] = state.options.bot_id;
    json["app_id"] = state.options.app_id;
    json["bot_profile"] = object{{"id", state.options.bot_id},
                                 {"app_id", state.options.app_id},
                                 {"name", state.options.bot_name},
                                 {"deleted", false},
                                 {"team_id", state.options.team_id}};
  }
  if (!message.blocks.empty()) {
    json["blocks"] = boost::json::parse(message.blocks);
  }
  add_thread(json, state, message);
  return json;
}

std::string envelope(const SlackState& state, const object& event, std::string_view event_id,
                     TimePoint now) {
  const std::string channel = json::string(value(event), "channel").value_or("none");
  const std::string type = json::string(value(event), "type").value_or("unknown");
  const object authorization{{"enterprise_id", nullptr},
                             {"team_id", state.options.team_id},
                             {"user_id", state.options.bot_user_id},
                             {"is_bot", true},
                             {"is_enterprise_install", false}};
  return boost::json::serialize(object{
      {"token", state.options.verification_token},
      {"team_id", state.options.team_id},
      {"context_team_id", state.options.team_id},
      {"context_enterprise_id", nullptr},
      {"api_app_id", state.options.app_id},
      {"event", event},
      {"type", "event_callback"},
      {"event_id", event_id},
      {"event_time", now.time_since_epoch().count() / 1'000},
      {"authorizations", array{authorization}},
      {"is_ext_shared_channel", false},
      {"event_context",
       fmt::format("4-{}-{}-{}-{}", type, state.options.team_id, state.options.app_id, channel)}});
}

object direct_message_event(const SlackState& state, const SlackMessage& message,
                            std::string_view client_message_id) {
  object event = message_json(state, message);
  event["channel"] = message.channel;
  event["channel_type"] = "im";
  event["event_ts"] = message.ts;
  if (!message.from_bot) {
    event["client_msg_id"] = client_message_id;
    event["blocks"] = rich_text(message);
  }
  return event;
}

}  // namespace bb::sim

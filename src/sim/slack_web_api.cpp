// The Web API's methods, each as strict as https://api.slack.com/methods says.
#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <optional>

#include "base/json.hpp"
#include "base/text.hpp"
#include "sim/slack_call.hpp"
#include "sim/slack_state.hpp"

namespace bb::sim {
namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;
using slack_call::argument;
using slack_call::Context;
using slack_call::is_set;
using slack_call::is_visible;
using slack_call::missing_argument;
using slack_call::page_of;

object channel_json(const Context& context, const SlackChannel& channel) {
  return {{"id", channel.id},
          {"name", channel.name},
          {"name_normalized", channel.name},
          {"is_channel", !channel.is_private},
          {"is_group", channel.is_private},
          {"is_im", false},
          {"is_mpim", false},
          {"is_private", channel.is_private},
          {"is_archived", channel.is_archived},
          {"is_general", channel.name == "general"},
          {"is_member", channel.bot_is_member},
          {"num_members", channel.members.size() + (channel.bot_is_member ? 1U : 0U)},
          {"context_team_id", context.state.options.team_id}};
}

object direct_channel_json(const std::string& user, const std::string& id) {
  return {{"id", id}, {"is_im", true}, {"is_archived", false}, {"user", user}};
}

object auth_test(Context& context) {
  const SlackOptions& options = context.state.options;
  return {{"ok", true},
          {"url", "https://" + options.team_id + ".slack.com/"},
          {"team", options.team_name},
          {"user", options.bot_name},
          {"team_id", options.team_id},
          {"user_id", options.bot_user_id},
          {"bot_id", options.bot_id},
          {"is_enterprise_install", false}};
}

enum class Listed { all, joined };

object list_channels(Context& context, Listed which) {
  const std::string types = argument(context, "types").value_or("public_channel");
  const std::vector<std::string_view> wanted = split(types, ',');
  const auto wants = [&](std::string_view type) {
    return std::any_of(wanted.begin(), wanted.end(),
                       [&](std::string_view word) { return trim(word) == type; });
  };
  for (const std::string_view type : wanted) {
    constexpr std::array known = {"public_channel", "private_channel", "mpim", "im"};
    if (std::find(known.begin(), known.end(), trim(type)) == known.end()) {
      return slack_error("invalid_types");
    }
  }
  std::vector<object> found;
  for (const SlackChannel& channel : context.state.channels) {
    const bool listed = which == Listed::joined ? channel.bot_is_member : is_visible(channel);
    const bool hidden = channel.is_archived && is_set(context, "exclude_archived");
    if (listed && !hidden && wants(channel.is_private ? "private_channel" : "public_channel")) {
      found.push_back(channel_json(context, channel));
    }
  }
  if (wants("im")) {
    for (const auto& [user, id] : context.state.direct_channels) {
      found.push_back(direct_channel_json(user, id));
    }
  }
  const auto page = page_of(context, found.size());
  if (!page) {
    return slack_error(page.error());
  }
  array channels;
  for (std::size_t i = page->first; i < page->last; ++i) {
    channels.push_back(found[i]);
  }
  return {{"ok", true},
          {"channels", std::move(channels)},
          {"response_metadata", object{{"next_cursor", page->next_cursor}}}};
}

object conversations_list(Context& context) {
  return list_channels(context, Listed::all);
}

object users_conversations(Context& context) {
  return list_channels(context, Listed::joined);
}

object conversations_members(Context& context) {
  const auto id = argument(context, "channel");
  if (!id) {
    return missing_argument("channel");
  }
  std::vector<std::string> members;
  if (const std::string* user = context.state.find_direct_user(*id)) {
    members = {*user, context.state.options.bot_user_id};
  } else {
    const SlackChannel* channel = context.state.find_channel(*id);
    if (channel == nullptr || channel->id != *id || !is_visible(*channel)) {
      return slack_error("channel_not_found");
    }
    members = channel->members;
    if (channel->bot_is_member) {
      members.push_back(context.state.options.bot_user_id);
    }
  }
  const auto page = page_of(context, members.size());
  if (!page) {
    return slack_error(page.error());
  }
  array ids;
  for (std::size_t i = page->first; i < page->last; ++i) {
    ids.emplace_back(members[i]);
  }
  return {{"ok", true},
          {"members", std::move(ids)},
          {"response_metadata", object{{"next_cursor", page->next_cursor}}}};
}

object conversations_info(Context& context) {
  const auto id = argument(context, "channel");
  if (!id) {
    return missing_argument("channel");
  }
  if (const std::string* user = context.state.find_direct_user(*id)) {
    return {{"ok", true}, {"channel", direct_channel_json(*user, *id)}};
  }
  const SlackChannel* channel = context.state.find_channel(*id);
  if (channel == nullptr || channel->id != *id || !is_visible(*channel)) {
    return slack_error("channel_not_found");
  }
  return {{"ok", true}, {"channel", channel_json(context, *channel)}};
}

object conversations_open(Context& context) {
  if (const auto channel = argument(context, "channel")) {
    if (context.state.find_direct_user(*channel) == nullptr) {
      return slack_error("channel_not_found");
    }
    return {{"ok", true}, {"no_op", true}, {"channel", object{{"id", *channel}}}};
  }
  const auto users = argument(context, "users");
  if (!users || users->empty()) {
    return slack_error("users_list_not_supplied");
  }
  if (*users == context.state.options.bot_user_id) {
    return slack_error("cannot_dm_bot");
  }
  if (context.state.find_user(*users) == nullptr) {
    return slack_error("user_not_found");
  }
  return {{"ok", true}, {"channel", object{{"id", context.state.open_direct(*users)}}}};
}

object users_info(Context& context) {
  const auto id = argument(context, "user");
  if (!id) {
    return missing_argument("user");
  }
  const SlackOptions& options = context.state.options;
  const bool is_bot = *id == options.bot_user_id;
  const SlackUser* user = context.state.find_user(*id);
  if (user == nullptr && !is_bot) {
    return slack_error("user_not_found");
  }
  const std::string& name = is_bot ? options.bot_name : user->name;
  return {{"ok", true},
          {"user", object{{"id", *id},
                          {"team_id", options.team_id},
                          {"name", to_lower(name)},
                          {"real_name", name},
                          {"deleted", false},
                          {"is_admin", user != nullptr && user->is_admin},
                          {"is_owner", false},
                          {"is_primary_owner", false},
                          {"is_bot", is_bot},
                          {"is_app_user", false},
                          {"tz", "America/Chicago"},
                          {"profile", object{{"real_name", name}, {"display_name", name}}}}}};
}

struct Method {
  std::string_view name;
  bool takes_json;
  object (*run)(Context&);
};

constexpr std::array methods = {
    Method{"auth.test", true, auth_test},
    Method{"chat.postMessage", true, slack_call::chat_post_message},
    Method{"conversations.history", false, slack_call::conversations_history},
    Method{"conversations.info", false, conversations_info},
    Method{"conversations.list", false, conversations_list},
    Method{"conversations.members", false, conversations_members},
    Method{"conversations.open", true, conversations_open},
    Method{"conversations.replies", false, slack_call::conversations_replies},
    Method{"users.conversations", false, users_conversations},
    Method{"users.info", false, users_info},
};

const Method* find_method(std::string_view name) {
  const auto* found = std::find_if(methods.begin(), methods.end(),
                                   [&](const Method& method) { return method.name == name; });
  return found == methods.end() ? nullptr : found;
}

}  // namespace

bool is_web_api_method(std::string_view method) {
  return find_method(method) != nullptr;
}

bool reads_json(std::string_view method) {
  const Method* found = find_method(method);
  return found != nullptr && found->takes_json;
}

object call_web_api(SlackState& state, const SlackCall& call, TimePoint now,
                    std::vector<SlackMessage>& stored) {
  Context context{.state = state, .arguments = call.arguments, .now = now, .stored = stored};
  return find_method(call.method)->run(context);
}

}  // namespace bb::sim

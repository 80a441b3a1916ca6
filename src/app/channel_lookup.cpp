#include "app/channel_lookup.hpp"

#include <algorithm>
#include <ostream>

#include "chat/workspaces.hpp"

namespace bb::app {
namespace {

bool looks_like_id(std::string_view text) {
  return text.size() >= 7 && (text.front() == 'C' || text.front() == 'G') &&
         std::ranges::all_of(
             text, [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); });
}

}  // namespace

Result<WorkspaceId> workspace_of(storage::Connection& connection) {
  const auto workspace = chat::known_workspace(connection);
  if (!workspace) {
    return fail(ErrorCode::not_found, "there is no workspace yet: start busy-beaver serve once");
  }
  return workspace->id;
}

Result<chat::Channel> channel_of(const std::string& name_or_id, const FindChannel& find_channel,
                                 std::ostream& err) {
  const chat::Channel unchecked{.id = {name_or_id}, .name = name_or_id};
  if (!find_channel) {
    return looks_like_id(name_or_id)
               ? Result<chat::Channel>(unchecked)
               : fail(ErrorCode::invalid_input,
                      "--channel: without SLACK_BOTUSER_OAUTH_TOKEN the channel has to be given "
                      "by its id, such as C0123ABCD: Slack shows it at the end of the channel's "
                      "details");
  }
  Result<chat::Channel> channel = find_channel(name_or_id);
  if (!channel && channel.error().code != ErrorCode::not_found && looks_like_id(name_or_id)) {
    err << "busy-beaver: the channel could not be looked up: " << channel.error().message << "\n";
    return unchecked;
  }
  if (channel && !channel->bot_is_member) {
    err << "busy-beaver: the bot is not in #" << channel->name
        << " yet: invite it there with /invite\n";
  }
  return channel;
}

}  // namespace bb::app

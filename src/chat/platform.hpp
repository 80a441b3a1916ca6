// The port to a chat platform, for one workspace.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "chat/message.hpp"

namespace bb::chat {

struct Identity {
  std::string team_id;
  std::string team_name;
  UserId bot_user;
};

struct Channel {
  ChannelId id;
  std::string name;  // without #
};

// A message that the bot itself received in a direct conversation.
struct IncomingMessage {
  std::string event_id;  // unique per delivery of the platform; retries carry the same
  std::string team_id;
  ChannelId channel;
  UserId user;
  std::string timestamp;  // the platform's id of the message within its channel
  std::string text;
};

// Every call goes over the network and may take seconds: only in jobs.
class Platform {
 public:
  virtual ~Platform() = default;

  virtual Result<Identity> identify() = 0;

  // `rendered` is what render() made. Returns the platform's id of the message in its channel.
  // `delivery` travels with the message, so that find_posted() can recognise it. Errors:
  // rate_limited (with retry_after), unavailable (certainly not posted, try again), uncertain (may
  // have been posted), unauthorized (the token is dead), not_found / forbidden / invalid_input
  // (final).
  virtual Result<std::string> post(const ChannelId& channel, std::string_view rendered,
                                   const DeliveryId& delivery) = 0;

  // The id of the message that carries `delivery`, among those posted at or after `since`; nothing
  // if the channel certainly has none. forbidden: the history of this channel cannot be read.
  virtual Result<std::optional<std::string>> find_posted(const ChannelId& channel,
                                                         const DeliveryId& delivery,
                                                         TimePoint since) = 0;

  // All members of a channel, over all pages.
  virtual Result<std::vector<UserId>> members(const ChannelId& channel) = 0;

  // By id (C..., G...) or by name with or without #; not_found says what was looked for.
  virtual Result<Channel> find_channel(std::string_view name_or_id) = 0;
};

// What post() takes, made without a network call: the platform's own JSON.
using Renderer = std::string (*)(const Message&);

}  // namespace bb::chat

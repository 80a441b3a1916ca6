// The port to a chat platform, for one workspace.
#pragma once

#include <cstddef>
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
  std::string name;           // without #
  bool bot_is_member = true;  // also where the platform does not tell
};

struct Person {
  bool is_admin = false;       // an admin or owner of this workspace, at home in it
  std::string time_zone = {};  // IANA, as the person set it; may be empty
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

// Where a message stands: in a channel itself, or in the thread under one of its messages.
struct Place {
  ChannelId channel;
  std::string thread = {};  // the platform's id of that message; empty: in the channel itself
  bool operator==(const Place&) const = default;
};

// plain: only the text of the message, without blocks and markup, for when the platform does not
// accept the rest.
enum class Form { rich, plain };

struct Post {
  Place place;
  std::string_view rendered;  // what render() made
  DeliveryId delivery;        // travels with the message, so that find_posted() can recognise it
  Form form = Form::rich;
  bool is_marked = true;  // false: without `delivery`, as the platform refused to carry it
};

// Every call goes over the network and may take seconds: only in jobs.
class Platform {
 public:
  virtual ~Platform() = default;

  virtual Result<Identity> identify() = 0;

  // Returns the platform's id of the message in its channel. Errors: rate_limited (with
  // retry_after), unavailable (certainly not posted, try again), uncertain (may have been posted),
  // unauthorized (the token is dead), and those that are final for what was asked: invalid_input
  // (the content is refused), conflict (the delivery's id is refused), not_found (the channel or
  // the thread is gone, or takes no replies), forbidden.
  virtual Result<std::string> post(const Post& post) = 0;

  // The id of the message that carries `delivery`, among those posted in `place` at or after
  // `since`; nothing if there certainly is none. forbidden: what is in this place cannot be read.
  virtual Result<std::optional<std::string>> find_posted(const Place& place,
                                                         const DeliveryId& delivery,
                                                         TimePoint since) = 0;

  // All members of a channel, over all pages.
  virtual Result<std::vector<UserId>> members(const ChannelId& channel) = 0;

  // By id (C..., G...) or by name with or without #; not_found says what was looked for.
  virtual Result<Channel> find_channel(std::string_view name_or_id) = 0;

  virtual Result<Person> person(const UserId& user) = 0;
};

// What post() takes, made without a network call: the platform's own JSON.
using Renderer = std::string (*)(const Message&);

// How long a text gets by rendering it, in what the platform's limits count.
using Measure = std::size_t (*)(const Text&);

}  // namespace bb::chat

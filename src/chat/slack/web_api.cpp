#include "chat/slack/web_api.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <utility>

#include "base/guarded.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "chat/slack/web_methods.hpp"

namespace bb::chat::slack {
namespace {

using Json = boost::json::value;

constexpr std::string_view event_type = "busy_beaver_delivery";
constexpr int max_member_pages = 1'000;
constexpr int max_channel_pages = 1'000;
constexpr int max_history_pages = 100;

// Slack stamps messages with its own clock; looking a little further back than asked costs nothing,
// because the delivery id tells the message apart anyway.
constexpr std::chrono::minutes clock_difference{5};

bool is_upper_or_digit(char character) {
  return (character >= 'A' && character <= 'Z') || (character >= '0' && character <= '9');
}

// What people copy from a link, complete or not.
bool resembles_channel_id(std::string_view text) {
  return (text.starts_with('C') || text.starts_with('G')) &&
         std::ranges::all_of(text, is_upper_or_digit);
}

bool looks_like_channel_id(std::string_view text) {
  return text.size() >= 7 && resembles_channel_id(text);
}

// Slack's names, in capitals too; bytes from 0x80 on are letters of other scripts.
bool looks_like_channel_name(std::string_view text) {
  return std::ranges::all_of(text, [](char character) {
    return is_upper_or_digit(character) || (character >= 'a' && character <= 'z') ||
           character == '-' || character == '_' || static_cast<unsigned char>(character) >= 0x80;
  });
}

std::string not_visible(std::string_view name) {
  const std::string quoted = escape_control(truncate(name, 100));
  if (resembles_channel_id(name)) {
    return "no channel '" + quoted +
           "' is visible to the bot: check the id, or invite the bot with /invite";
  }
  if (looks_like_channel_name(name)) {
    return "no channel named '#" + quoted + "' is visible to the bot: invite it with /invite";
  }
  return "no channel '" + quoted + "' is visible to the bot: check the name";
}

bool is_user_id(const ChannelId& channel) {
  return channel.value.starts_with('U') || channel.value.starts_with('W');
}

Result<const boost::json::array*> required_array(const Json& page, std::string_view path) {
  const boost::json::array* found = json::array(page, path);
  if (found == nullptr) {
    return fail(ErrorCode::bad_response, "'" + std::string(path) + "' is missing or not an array");
  }
  return found;
}

// What the history shows of our own metadata in one message.
enum class Mark { absent, other, hidden, ours };

Mark mark_of(const Json& message, const DeliveryId& delivery) {
  if (json::string(message, "metadata.event_type") != event_type) {
    return Mark::absent;
  }
  const auto id = json::string(message, "metadata.event_payload.delivery_id");
  if (!id) {
    return Mark::hidden;
  }
  return *id == delivery.value ? Mark::ours : Mark::other;
}

// The fallback text, as render() escaped it. Markup that is in it in spite of that is made
// harmless.
boost::json::object plain_arguments(const Json& message) {
  std::string text;
  for (const char c : json::string(message, "text").value_or("")) {
    text += c == '<' ? "&lt;" : c == '>' ? "&gt;" : std::string(1, c);
  }
  return {{"text", text}, {"mrkdwn", false}, {"unfurl_links", false}, {"unfurl_media", false}};
}

std::string seconds_with_micros(TimePoint time) {
  const auto count = std::max<std::int64_t>(0, time.time_since_epoch().count());
  std::string millis = std::to_string(count % 1000);
  millis.insert(0, 3 - millis.size(), '0');
  return std::to_string(count / 1000) + "." + millis + "000";
}

// The history of this channel cannot be read, whatever the error word says about the channel
// itself.
bool is_closed(const Refusal& refusal) {
  return refusal.error.code == ErrorCode::forbidden || refusal.word == "unknown_method" ||
         refusal.word == "not_in_channel" || refusal.word == "not_allowed_token_type" ||
         (refusal.word.empty() && refusal.status == 404);
}

// A stand-in or a token without conversations.info: no answer about the channel either way.
bool cannot_look_up(const Refusal& refusal) {
  return refusal.word == "unknown_method" || refusal.word == "missing_scope" ||
         (refusal.word.empty() && refusal.status == 404);
}

// Somebody who belongs there, and not a guest, a stranger, or a person of a workspace that shares a
// channel. In an organization people belong to several workspaces.
bool is_at_home(const Json& user, const std::string& team) {
  const auto is = [&](std::string_view name) { return json::boolean(user, name).value_or(false); };
  if (is("deleted") || is("is_stranger") || is("is_restricted") || is("is_ultra_restricted")) {
    return false;
  }
  const boost::json::array* teams = json::array(user, "enterprise_user.teams");
  return json::string(user, "team_id").value_or(team) == team ||
         (teams != nullptr && std::ranges::find(*teams, Json(team)) != teams->end());
}

class WebApi final : public Platform {
 public:
  explicit WebApi(WebMethods methods) : methods_(std::move(methods)) {}

  Result<Identity> identify() override;
  Result<std::string> post(const Post& post) override;
  Result<std::optional<std::string>> find_posted(const Place& place, const DeliveryId& delivery,
                                                 TimePoint since) override;
  Result<std::vector<UserId>> members(const ChannelId& channel) override;
  Result<Channel> find_channel(std::string_view name_or_id) override;
  Result<Person> person(const UserId& user) override;

 private:
  std::expected<ChannelId, Refusal> open_conversation(const UserId& user);
  std::expected<std::optional<std::string>, Refusal> search(const Place& place,
                                                            const DeliveryId& delivery,
                                                            TimePoint since);
  std::expected<std::optional<Channel>, Refusal> look_up_channel(std::string_view id);
  Result<Channel> search_channels(std::string_view name);
  Result<std::string> own_team();

  WebMethods methods_;
  Guarded<std::string> own_team_;  // empty until it is known
};

Result<Identity> WebApi::identify() {
  const Answer answer = methods_.read("auth.test", {});
  if (!answer) {
    return fail(answer.error().error);
  }
  Result<std::string> team = json::required_string(*answer, "team_id");
  if (!team) {
    return fail(team.error().within("auth.test"));
  }
  Result<std::string> user = json::required_string(*answer, "user_id");
  if (!user) {
    return fail(user.error().within("auth.test"));
  }
  own_team_.with([&](std::string& known) { known = *team; });
  return Identity{.team_id = *std::move(team),
                  .team_name = json::string(*answer, "team").value_or(""),
                  .bot_user = {*std::move(user)}};
}

Result<std::string> WebApi::post(const Post& post) {
  Result<Json> message = json::parse(post.rendered);
  if (!message || !message->is_object()) {
    return fail(ErrorCode::invalid_input, "the rendered message is not a JSON object");
  }
  boost::json::object arguments =
      post.form == Form::plain ? plain_arguments(*message) : std::move(message->get_object());
  arguments["channel"] = post.place.channel.value;
  if (!post.place.thread.empty()) {
    arguments["thread_ts"] = post.place.thread;
  }
  if (post.is_marked) {
    arguments["metadata"] = {{"event_type", event_type},
                             {"event_payload", {{"delivery_id", post.delivery.value}}}};
  }
  const Answer answer = methods_.post_message(boost::json::serialize(arguments));
  if (!answer) {
    return fail(answer.error().error);
  }
  std::optional<std::string> timestamp = json::string(*answer, "ts");
  if (!timestamp || timestamp->empty()) {
    return fail(ErrorCode::uncertain, "chat.postMessage: 'ts' is missing in the answer");
  }
  return *std::move(timestamp);
}

std::expected<ChannelId, Refusal> WebApi::open_conversation(const UserId& user) {
  http::Parameters parameters;
  parameters.add("users", user.value);
  const Answer answer = methods_.read("conversations.open", parameters);
  if (!answer) {
    return std::unexpected(answer.error());
  }
  const Result<std::string> id = json::required_string(*answer, "channel.id");
  if (!id) {
    return std::unexpected(Refusal{.error = id.error().within("conversations.open")});
  }
  return ChannelId{*id};
}

std::expected<std::optional<std::string>, Refusal> WebApi::search(const Place& place,
                                                                  const DeliveryId& delivery,
                                                                  TimePoint since) {
  ChannelId conversation = place.channel;
  if (is_user_id(place.channel)) {
    std::expected<ChannelId, Refusal> opened = open_conversation({place.channel.value});
    if (!opened) {
      return std::unexpected(opened.error());
    }
    conversation = *opened;
  }
  // The history of a channel has no replies; the replies of a thread begin with its parent.
  const std::string_view method =
      place.thread.empty() ? "conversations.history" : "conversations.replies";
  http::Parameters parameters;
  parameters.add("channel", conversation.value);
  if (!place.thread.empty()) {
    parameters.add("ts", place.thread);
  }
  parameters.add("oldest", seconds_with_micros(since - clock_difference));
  parameters.add("inclusive", "true");
  parameters.add("limit", "100");
  parameters.add("include_all_metadata", "true");

  std::optional<std::string> found;
  bool hidden = false;
  const WebMethods::Visit look = [&](const Json& page) -> Result<Walk> {
    const auto messages = required_array(page, "messages");
    if (!messages) {
      return fail(messages.error());
    }
    for (const Json& message : **messages) {
      const Mark mark = mark_of(message, delivery);
      hidden = hidden || mark == Mark::hidden;
      if (mark == Mark::ours) {
        found = json::string(message, "ts");
        return found ? Result<Walk>(Walk::stop)
                     : fail(ErrorCode::bad_response, "'messages.ts' is missing");
      }
    }
    return Walk::go_on;
  };
  const auto walked = methods_.read_pages(method, parameters, max_history_pages, look);
  if (!walked) {
    return std::unexpected(walked.error());
  }
  if (!found && hidden) {
    return std::unexpected(Refusal{
        .error = {.code = ErrorCode::forbidden,
                  .message = std::string(method) + ": the metadata of messages is not shown"}});
  }
  return found;
}

Result<std::optional<std::string>> WebApi::find_posted(const Place& place,
                                                       const DeliveryId& delivery,
                                                       TimePoint since) {
  auto found = search(place, delivery, since);
  if (found) {
    return *std::move(found);
  }
  // A thread without its parent goes on as long as it has replies, so this one never had ours.
  if (found.error().word == "thread_not_found" && !place.thread.empty()) {
    return std::nullopt;
  }
  Error error = found.error().error;
  if (is_closed(found.error())) {
    error.code = ErrorCode::forbidden;
  }
  return fail(std::move(error));
}

Result<std::vector<UserId>> WebApi::members(const ChannelId& channel) {
  http::Parameters parameters;
  parameters.add("channel", channel.value);
  parameters.add("limit", "200");
  std::vector<UserId> users;
  const WebMethods::Visit collect = [&](const Json& page) -> Result<Walk> {
    const auto members = required_array(page, "members");
    if (!members) {
      return fail(members.error());
    }
    for (const Json& member : **members) {
      if (!member.is_string()) {
        return fail(ErrorCode::bad_response, "'members' holds something other than ids");
      }
      users.push_back({std::string(member.get_string())});
    }
    return Walk::go_on;
  };
  const auto walked =
      methods_.read_pages("conversations.members", parameters, max_member_pages, collect);
  if (!walked) {
    return fail(walked.error().error);
  }
  return users;
}

// Nothing if there is no channel with this id that the bot can see.
std::expected<std::optional<Channel>, Refusal> WebApi::look_up_channel(std::string_view id) {
  http::Parameters parameters;
  parameters.add("channel", id);
  const Answer answer = methods_.read("conversations.info", parameters);
  if (answer) {
    return Channel{.id = {json::string(*answer, "channel.id").value_or(std::string(id))},
                   .name = json::string(*answer, "channel.name").value_or(std::string(id)),
                   .bot_is_member = json::boolean(*answer, "channel.is_member").value_or(true)};
  }
  if (cannot_look_up(answer.error())) {
    return Channel{.id = {std::string(id)}, .name = std::string(id)};
  }
  if (answer.error().error.code == ErrorCode::not_found) {
    return std::nullopt;
  }
  return std::unexpected(answer.error());
}

Result<Channel> WebApi::search_channels(std::string_view name) {
  http::Parameters parameters;
  parameters.add("types", "public_channel,private_channel");
  parameters.add("exclude_archived", "true");
  parameters.add("limit", "200");
  std::optional<Channel> found;
  const WebMethods::Visit look = [&](const Json& page) -> Result<Walk> {
    const auto channels = required_array(page, "channels");
    if (!channels) {
      return fail(channels.error());
    }
    for (const Json& channel : **channels) {
      const std::string id = json::string(channel, "id").value_or("");
      const std::string channel_name = json::string(channel, "name").value_or("");
      if (!id.empty() && equals_ignoring_case(channel_name, name)) {
        found = Channel{.id = {id},
                        .name = channel_name,
                        .bot_is_member = json::boolean(channel, "is_member").value_or(true)};
        return Walk::stop;
      }
    }
    return Walk::go_on;
  };
  const auto walked =
      methods_.read_pages("conversations.list", parameters, max_channel_pages, look);
  if (!walked) {
    return fail(walked.error().error);
  }
  if (!found) {
    return fail(ErrorCode::not_found, not_visible(name));
  }
  return *std::move(found);
}

Result<Channel> WebApi::find_channel(std::string_view name_or_id) {
  std::string_view name = trim(name_or_id);
  if (looks_like_channel_id(name)) {
    auto channel = look_up_channel(name);
    if (!channel) {
      return fail(channel.error().error);
    }
    if (*channel) {
      return **std::move(channel);
    }
    // Somebody may have typed a name in capitals.
  }
  if (name.starts_with('#')) {
    name.remove_prefix(1);
  }
  if (name.empty()) {
    return fail(ErrorCode::invalid_input, "the name of the channel is empty");
  }
  return search_channels(name);
}

Result<Person> WebApi::person(const UserId& user) {
  http::Parameters parameters;
  parameters.add("user", user.value);
  const Answer answer = methods_.read("users.info", parameters);
  if (!answer) {
    return fail(answer.error().error);
  }
  const auto is = [&](std::string_view path) {
    return json::boolean(*answer, path).value_or(false);
  };
  Person person{.is_admin = is("user.is_admin") || is("user.is_owner"),
                .time_zone = json::string(*answer, "user.tz").value_or("")};
  if (person.is_admin) {
    const Result<std::string> team = own_team();
    if (!team) {
      return fail(team.error());
    }
    person.is_admin = is_at_home(answer->at("user"), *team);
  }
  return person;
}

// As identify() has found out, at the latest now.
Result<std::string> WebApi::own_team() {
  std::string known = own_team_.with([](const std::string& team) { return team; });
  if (!known.empty()) {
    return known;
  }
  Result<Identity> identity = identify();
  return identity ? Result<std::string>(std::move(identity->team_id)) : fail(identity.error());
}

}  // namespace

std::unique_ptr<Platform> make_web_api(http::Client& client, const Clock& clock,
                                       std::string api_url, Secret bot_token, RateLimits* limits) {
  return std::make_unique<WebApi>(
      WebMethods(client, clock, std::move(api_url), std::move(bot_token), limits));
}

}  // namespace bb::chat::slack

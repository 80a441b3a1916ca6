#include "chat/slack/events.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <iterator>
#include <optional>
#include <utility>

#include "base/json.hpp"
#include "base/text.hpp"

namespace bb::chat::slack {
namespace {

// Longer than any command; a whole pasted document need not reach the database.
constexpr std::size_t max_text_bytes = 4'000;
constexpr std::size_t max_id_bytes = 255;

using Json = boost::json::value;

std::unexpected<Error> wrong_shape(std::string_view path, std::string_view what) {
  return fail(ErrorCode::invalid_input, "'" + std::string(path) + "' " + std::string(what));
}

const Json* find_value(const Json& value, std::string_view path) {
  const Json* found = json::find(value, path);
  return found == nullptr || found->is_null() ? nullptr : found;
}

Result<std::string> required_text(const Json& value, std::string_view path) {
  if (find_value(value, path) == nullptr) {
    return wrong_shape(path, "is missing");
  }
  std::optional<std::string> text = json::string(value, path);
  if (!text) {
    return wrong_shape(path, "is not text");
  }
  return *std::move(text);
}

// Ids become keys of the database: printable ASCII of a sane length, as all of Slack's are.
Result<std::string> required_id(const Json& value, std::string_view path) {
  Result<std::string> id = required_text(value, path);
  if (!id) {
    return id;
  }
  const bool printable = std::ranges::all_of(
      *id, [](char character) { return character > ' ' && character < '\x7f'; });
  if (id->empty() || id->size() > max_id_bytes || !printable) {
    return wrong_shape(path, "is not an id");
  }
  return id;
}

// Present in any form other than null and "": whatever it is, a person did not type this message.
bool is_set(const Json& event, std::string_view name) {
  const Json* found = find_value(event, name);
  return found != nullptr && !(found->is_string() && found->get_string().empty());
}

bool is_of_bot(const Json& event) {
  return is_set(event, "bot_id") || is_set(event, "bot_profile") || is_set(event, "app_id");
}

bool is_direct(const Json& event) {
  if (const std::optional<std::string> type = json::string(event, "channel_type")) {
    return *type == "im";
  }
  return json::string(event, "channel").value_or("").starts_with('D');
}

bool is_hidden(const Json& event) {
  return json::boolean(event, "hidden").value_or(false);
}

// Slack puts a scheme before "ada.bsky.social", which may be no address at all.
std::string_view typed_link(std::string_view link) {
  constexpr std::string_view mail = "mailto:";
  constexpr std::string_view after_scheme = "://";
  link.remove_prefix(link.starts_with(mail) ? mail.size() : 0);
  const std::size_t bar = link.find('|');
  const std::string_view address = link.substr(0, bar);
  const std::string_view label = bar == std::string_view::npos ? "" : link.substr(bar + 1);
  const std::size_t scheme = address.find(after_scheme);
  return scheme != std::string_view::npos && address.substr(scheme + after_scheme.size()) == label
             ? label
             : address;
}

// What the member typed: Slack makes links of addresses ("<https://host/path|host/path>",
// "<http://host|host>", "<mailto:ada@host|ada@host>") and entities of &, < and >
// (https://docs.slack.dev/messaging/formatting-message-text). Mentions and commands in angle
// brackets stay as they are.
std::string typed_text(std::string_view text) {
  static constexpr std::pair<std::string_view, char> entities[] = {
      {"&lt;", '<'}, {"&gt;", '>'}, {"&amp;", '&'}};
  std::string typed;
  while (!text.empty()) {
    const bool is_link = text.starts_with("<http") || text.starts_with("<mailto:");
    const std::size_t end = is_link ? text.find('>') : std::string_view::npos;
    if (end != std::string_view::npos) {
      typed += typed_text(typed_link(text.substr(1, end - 1)));
      text.remove_prefix(end + 1);
      continue;
    }
    const auto* entity = std::ranges::find_if(
        entities, [&](const auto& known) { return text.starts_with(known.first); });
    const bool is_entity = entity != std::end(entities);
    typed += is_entity ? entity->second : text.front();
    text.remove_prefix(is_entity ? entity->first.size() : 1);
  }
  return typed;
}

Result<Event> parse_direct_message(const Json& envelope) {
  Result<std::string> event_id = required_id(envelope, "event_id");
  if (!event_id) {
    return fail(event_id.error());
  }
  Result<std::string> team = required_id(envelope, "team_id");
  if (!team) {
    return fail(team.error());
  }
  Result<std::string> channel = required_id(envelope, "event.channel");
  if (!channel) {
    return fail(channel.error());
  }
  Result<std::string> user = required_id(envelope, "event.user");
  if (!user) {
    return fail(user.error());
  }
  Result<std::string> timestamp = required_id(envelope, "event.ts");
  if (!timestamp) {
    return fail(timestamp.error());
  }
  // A message of blocks or attachments alone has no text: an empty command.
  std::string text;
  if (find_value(envelope, "event.text") != nullptr) {
    Result<std::string> found = required_text(envelope, "event.text");
    if (!found) {
      return fail(found.error());
    }
    text = truncate(to_valid_utf8(*found), max_text_bytes);
  }
  return IncomingMessage{.event_id = *std::move(event_id),
                         .team_id = *std::move(team),
                         .channel = {*std::move(channel)},
                         .user = {*std::move(user)},
                         .timestamp = *std::move(timestamp),
                         .text = typed_text(text)};
}

Result<Event> parse_callback(const Json& envelope) {
  const Json* event = find_value(envelope, "event");
  if (event == nullptr) {
    return wrong_shape("event", "is missing");
  }
  if (!event->is_object()) {
    return wrong_shape("event", "is not an object");
  }
  Result<std::string> type = required_text(envelope, "event.type");
  if (!type) {
    return fail(type.error());
  }
  IgnoredEvent ignored{.event_id = json::string(envelope, "event_id").value_or(""), .type = *type};
  if (*type != "message") {
    return ignored;
  }
  if (is_set(*event, "subtype")) {
    ignored.type += "." + json::string(*event, "subtype").value_or("?");
    return ignored;
  }
  if (is_of_bot(*event) || is_hidden(*event) || !is_direct(*event)) {
    return ignored;
  }
  return parse_direct_message(envelope);
}

}  // namespace

Result<Event> parse_event(std::string_view body) {
  const Result<Json> envelope = json::parse(body);
  if (!envelope) {
    return fail(envelope.error());
  }
  if (!envelope->is_object()) {
    return fail(ErrorCode::invalid_input, "the body is not a JSON object");
  }
  Result<std::string> type = required_text(*envelope, "type");
  if (!type) {
    return fail(type.error());
  }
  if (*type == "event_callback") {
    return parse_callback(*envelope);
  }
  if (*type == "url_verification") {
    Result<std::string> challenge = required_text(*envelope, "challenge");
    if (!challenge) {
      return fail(challenge.error());
    }
    return UrlVerification{*std::move(challenge)};
  }
  return IgnoredEvent{.event_id = json::string(*envelope, "event_id").value_or(""),
                      .type = *std::move(type)};
}

}  // namespace bb::chat::slack

#include "features/feeds/notices.hpp"

#include "base/log.hpp"
#include "features/feeds/formats/address.hpp"

namespace bb::feeds {
namespace {

void tell(storage::Connection& connection, const Context& context, const Feed& feed,
          const std::string& text) {
  if (feed.added_by.value.empty()) {
    return;
  }
  const chat::Message message{.fallback = text,
                              .blocks = {chat::Section{.text = {{.text = text}}}}};
  const auto now = context.clock.now().time_since_epoch().count();
  context.outbox.add(connection,
                     {.idempotency_key = "feed-notice:" + feed.id + ":" + std::to_string(now),
                      .workspace_id = feed.workspace.value,
                      .channel = {feed.added_by.value},
                      .subject = feed.added_by,
                      .rendered = context.render(message),
                      .audience = jobs::Audience::person});
}

}  // namespace

std::string feed_for_people(const Feed& feed) {
  const Target& target = feed.target;
  return (target.name.empty() || target.name == target.address
              ? target.address
              : target.name + " (" + target.address + ")") +
         " in #" + feed.channel_name;
}

void tell_failing(storage::Connection& connection, const Context& context, const Feed& feed,
                  const Error& error) {
  connection.execute("UPDATE feed SET told_at = $1 WHERE id = $2", {context.clock.now(), feed.id});
  tell(connection, context, feed,
       "For a day I could not read " + feed_for_people(feed) + ": " + error.message +
           ". I go on trying, now and then, and post what is new when it works again. If it will "
           "not, say feeds remove " +
           feed.target.address + ".");
  log::warning("feed_failing", {{"feed", feed.id}, {"host", host_of(feed.target.address)}});
}

void tell_gone(storage::Connection& connection, const Context& context, const Feed& feed) {
  tell(connection, context, feed,
       "The server of " + feed_for_people(feed) +
           " says that this feed is gone for good, so I do not read it any more. If that is a "
           "mistake, say feeds resume " +
           feed.target.address + ".");
  log::warning("feed_gone", {{"feed", feed.id}, {"host", host_of(feed.target.address)}});
}

}  // namespace bb::feeds

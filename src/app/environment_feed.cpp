#include "app/environment_feed.hpp"

#include <algorithm>
#include <utility>

#include "base/log.hpp"
#include "features/feeds/feed_rows.hpp"

namespace bb::app {
namespace {

// As it is stored with the feed.
std::string value_of(const EnvironmentFeed& wanted) {
  return wanted.username + " in " + wanted.channel;
}

bool is_applied(const feeds::Context& context, const WorkspaceId& workspace,
                const std::optional<EnvironmentFeed>& wanted) {
  if (!wanted) {
    return true;
  }
  const auto stored = context.database.read(
      [&](storage::Connection& connection) { return feeds::list_feeds(connection, workspace); });
  return std::ranges::find(stored, value_of(*wanted), &feeds::Feed::variable) != stored.end();
}

// One of people that is there already becomes the environment's.
Result<feeds::Feed> store(storage::Connection& connection, const feeds::Context& context,
                          const feeds::NewFeed& wanted) {
  for (const feeds::Feed& feed : feeds::list_feeds(connection, wanted.workspace)) {
    if (feed.channel == wanted.channel && feed.target.source == wanted.target.source &&
        feed.target.address == wanted.target.address) {
      feeds::set_variable(connection, feed, wanted.variable, context.clock.now());
      return feed;
    }
  }
  return feeds::add_feed(connection, wanted, context.clock, context.random);
}

Result<jobs::Outcome> apply(const feeds::Context& context, chat::Platform& platform,
                            const WorkspaceId& workspace,
                            const std::optional<EnvironmentFeed>& wanted) {
  if (is_applied(context, workspace, wanted)) {
    const auto removed = context.database.write([&](storage::Connection& connection) {
      return feeds::remove_feeds_of_environment(connection, workspace,
                                                wanted ? value_of(*wanted) : "");
    });
    if (removed > 0) {
      log::info("environment_feed_removed");
    }
    return jobs::Outcome(jobs::Done{});
  }
  const Result<chat::Channel> channel = platform.find_channel(wanted->channel);
  if (!channel) {
    return fail(channel.error().within("TWITTER_CHANNEL"));
  }
  // Once, as the network charges for it.
  const Result<feeds::Target> target = feeds::resolve(context, "@" + wanted->username);
  if (!target) {
    return fail(target.error().within("TWITTER_USERNAME"));
  }
  const auto stored = context.database.write([&](storage::Connection& connection) {
    feeds::remove_feeds_of_environment(connection, workspace, value_of(*wanted));
    return store(connection, context,
                 {.workspace = workspace,
                  .channel = channel->id,
                  .channel_name = channel->name,
                  .target = *target,
                  .variable = value_of(*wanted)});
  });
  if (!stored) {
    return fail(stored.error());
  }
  log::info("environment_feed_set", {{"channel", channel->id.value}});
  return jobs::Outcome(jobs::Done{});
}

}  // namespace

EnvironmentJob::Setting environment_feed(const feeds::Context& context, chat::Platform& platform,
                                         std::optional<EnvironmentFeed> wanted) {
  return {.kind = "feeds.environment",
          .is_applied =
              [&context, wanted](const WorkspaceId& workspace) {
                return is_applied(context, workspace, wanted);
              },
          .apply =
              [&context, &platform, wanted](const WorkspaceId& workspace) {
                return apply(context, platform, workspace, wanted);
              }};
}

}  // namespace bb::app

#include "app/feed_admin.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <boost/json.hpp>
#include <ostream>

#include "app/table.hpp"
#include "base/text.hpp"
#include "chat/terminal.hpp"
#include "features/feeds/requests.hpp"
#include "features/feeds/wish.hpp"

namespace bb::app {
namespace {

constexpr int done = 0;
constexpr int failed = 1;
constexpr int wrong_usage = 2;

int report(const Error& error, std::ostream& err) {
  err << "busy-beaver: " << escape_control(error.message) << "\n";
  return error.code == ErrorCode::invalid_input ? wrong_usage : failed;
}

void print_lines(std::string_view text, std::ostream& out) {
  for (const std::string_view line : split(text, '\n')) {
    out << escape_control(line) << "\n";
  }
}

CLI::App* add_command(CLI::App& parent, FeedOptions& options, const std::string& name,
                      const std::string& help) {
  CLI::App* command = parent.add_subcommand(name, help);
  command->add_option("feed", options.feed, "Its address or account, or its name in the list")
      ->option_text("FEED")
      ->required();
  command->add_option("--channel", options.channel, "The channel, by name or id")
      ->option_text("CHANNEL");
  return command;
}

std::string settings_help() {
  std::string text = "Settings, each as NAME=VALUE:\n";
  for (const feeds::Setting& setting : feeds::setting_table()) {
    const std::string fallback = setting.get({});
    text += "  " + std::string(setting.name) + ": " + std::string(setting.help) +
            (fallback.empty() ? "" : " (" + fallback + ")") + "\n";
  }
  return text;
}

void add_settings(CLI::App& command, FeedOptions& options) {
  command.add_option("settings", options.settings, "NAME=VALUE, see below")
      ->option_text("SETTING...");
}

// As a feed is named: by a channel's name or id as it is stored, without asking the platform.
std::optional<ChannelId> stored_channel(const std::vector<feeds::Feed>& known,
                                        std::string_view name_or_id) {
  const std::string_view name = name_or_id.starts_with('#') ? name_or_id.substr(1) : name_or_id;
  for (const feeds::Feed& feed : known) {
    if (feed.channel.value == name_or_id || equals_ignoring_case(feed.channel_name, name)) {
      return feed.channel;
    }
  }
  return std::nullopt;
}

Result<std::optional<ChannelId>> named_channel(storage::Connection& connection,
                                               const WorkspaceId& workspace,
                                               const FeedOptions& options) {
  if (options.channel.empty()) {
    return std::optional<ChannelId>();
  }
  const auto channel = stored_channel(feeds::list_feeds(connection, workspace), options.channel);
  if (!channel) {
    return fail(ErrorCode::not_found, "there is no feed in the channel " + options.channel);
  }
  return channel;
}

Result<feeds::Feed> find_feed(storage::Connection& connection, const FeedOptions& options) {
  const Result<WorkspaceId> workspace = workspace_of(connection);
  if (!workspace) {
    return fail(workspace.error());
  }
  const auto channel = named_channel(connection, *workspace, options);
  if (!channel) {
    return fail(channel.error());
  }
  return feeds::find_feed(connection, *workspace, *channel, options.feed);
}

// As in the metrics.
std::string_view state_of(const feeds::Feed& feed) {
  switch (feed.state) {
    case feeds::FeedState::active:
      return feed.failing_since ? "failing" : "active";
    case feeds::FeedState::paused:
      return "paused";
    case feeds::FeedState::gone:
      return "gone";
  }
  return "";
}

// A feed and what keeps it from being posted.
struct ListedFeed {
  feeds::Feed feed;
  std::optional<jobs::DisabledChannel> disabled;
};

boost::json::object json_of(const ListedFeed& listed) {
  const feeds::Feed& feed = listed.feed;
  boost::json::object settings;
  for (const feeds::Setting& setting : feeds::setting_table()) {
    settings[setting.name] = setting.get(feed.settings);
  }
  return {{"id", feed.id},
          {"source", feed.target.source},
          {"address", feed.target.address},
          {"name", feed.target.name},
          {"link", feed.target.link},
          {"channel", feed.channel.value},
          {"channel_name", feed.channel_name},
          {"state", state_of(feed)},
          {"error", feed.error},
          {"failures", feed.failures},
          {"settings", std::move(settings)},
          {"added_by", feeds::who_added(feed)},
          {"read_at", to_json(feed.polled_at)},
          {"next_read_at", to_json(feed.next_poll_at)},
          {"posted_at", to_json(feed.posted_at)},
          {"failing_since", to_json(feed.failing_since)},
          {"recovered_at", to_json(feed.recovered_at)},
          {"moved_at", to_json(feed.moved_at)},
          {"channel_disabled",
           listed.disabled ? boost::json::value(listed.disabled->reason) : boost::json::value()}};
}

}  // namespace

CLI::App* add_feeds_add(CLI::App& parent, FeedOptions& options) {
  CLI::App* command =
      add_command(parent, options, "add", "Post to a channel what a feed or an account publishes");
  command->get_option("--channel")->required();
  add_settings(*command, options);
  command->footer(
      settings_help() +
      "  newest: how many of the items that are there already are posted (0)\n\n"
      "Examples:\n"
      "  busy-beaver feeds add https://example.org/blog --channel general\n"
      "  busy-beaver feeds add @ada@example.social --channel general delay=1h newest=3");
  return command;
}

CLI::App* add_feeds_list(CLI::App& parent, FeedOptions& options) {
  CLI::App* command = parent.add_subcommand("list", "Show all feeds and how they are");
  command->add_flag("--json", options.json, "As a JSON array");
  command->footer("Example:\n  busy-beaver feeds list");
  return command;
}

CLI::App* add_feeds_set(CLI::App& parent, FeedOptions& options) {
  CLI::App* command = add_command(parent, options, "set", "Change the settings of a feed");
  add_settings(*command, options);
  command->footer(settings_help() +
                  "\nExample:\n  busy-beaver feeds set @ada@example.social replies=yes burst=3");
  return command;
}

CLI::App* add_feeds_test(CLI::App& parent, FeedOptions& options) {
  CLI::App* command =
      add_command(parent, options, "test", "Show the newest three items as they would be posted");
  command->footer("Example:\n  busy-beaver feeds test @ada@example.social");
  return command;
}

CLI::App* add_feeds_change(CLI::App& parent, FeedOptions& options, const std::string& name,
                           const std::string& help) {
  CLI::App* command = add_command(parent, options, name, help);
  command->footer("Example:\n  busy-beaver feeds " + name + " @ada@example.social");
  return command;
}

int add_feed(const feeds::Context& context, FeedOptions options, const FindChannel& find_channel,
             std::ostream& out, std::ostream& err) {
  const Result<std::int64_t> newest = feeds::take_newest(options.settings);
  if (!newest) {
    return report(newest.error(), err);
  }
  const Result<feeds::FeedSettings> settings = feeds::with_changes({}, options.settings);
  if (!settings) {
    return report(settings.error(), err);
  }
  const Result<WorkspaceId> workspace = context.database.read(workspace_of);
  if (!workspace) {
    return report(workspace.error(), err);
  }
  const Result<chat::Channel> channel = channel_of(options.channel, find_channel, err);
  if (!channel) {
    return report(channel.error(), err);
  }
  const Result<feeds::Target> target =
      feeds::resolve_new(context, *workspace, channel->id, options.feed);
  if (!target) {
    return report(target.error(), err);
  }
  const auto added = context.database.write([&](storage::Connection& connection) {
    return feeds::add_feed(connection,
                           {.workspace = *workspace,
                            .channel = channel->id,
                            .channel_name = channel->name,
                            .target = *target,
                            .settings = *settings,
                            .newest = *newest},
                           context.clock, context.random);
  });
  if (!added) {
    return report(added.error(), err);
  }
  print_lines(feeds::describe(*added, std::nullopt), out);
  return done;
}

int list_feeds(const feeds::Context& context, const FeedOptions& options, std::ostream& out,
               std::ostream& err) {
  struct Listed {
    std::vector<ListedFeed> feeds;
    std::string budget;
  };
  const auto listed = context.database.read([&](storage::Connection& connection) -> Result<Listed> {
    const Result<WorkspaceId> workspace = workspace_of(connection);
    if (!workspace) {
      return fail(workspace.error());
    }
    Listed all{.feeds = {},
               .budget = feeds::describe_budget(connection, context.budget, context.clock.now())};
    for (feeds::Feed& feed : feeds::list_feeds(connection, *workspace)) {
      auto disabled = jobs::find_disabled(connection, feed.workspace, feed.channel);
      all.feeds.push_back({.feed = std::move(feed), .disabled = std::move(disabled)});
    }
    return all;
  });
  if (!listed) {
    return report(listed.error(), err);
  }
  if (options.json) {
    boost::json::array array;
    for (const ListedFeed& feed : listed->feeds) {
      array.push_back(json_of(feed));
    }
    out << boost::json::serialize(array) << "\n";
    return done;
  }
  if (listed->feeds.empty()) {
    err << "There are no feeds yet: busy-beaver feeds add ADDRESS --channel CHANNEL\n";
    return done;
  }
  for (const ListedFeed& one : listed->feeds) {
    print_lines(feeds::describe(one.feed, one.disabled), out);
  }
  if (!listed->budget.empty()) {
    print_lines(trim(listed->budget), out);
  }
  return done;
}

int test_feed(const feeds::Context& context, const FeedOptions& options, std::ostream& out,
              std::ostream& err) {
  const Result<feeds::Feed> feed = context.database.read(
      [&](storage::Connection& connection) { return find_feed(connection, options); });
  const Result<feeds::Target> target = feed ? feed->target : feeds::resolve(context, options.feed);
  if (!target) {
    return report(target.error(), err);
  }
  const auto posts =
      feeds::newest_posts(context, *target, feed ? feed->settings : feeds::FeedSettings{});
  if (!posts) {
    return report(posts.error(), err);
  }
  if (posts->empty()) {
    err << "There is nothing that would be posted.\n";
  }
  // What Slack shows as a preview is shown as text here.
  for (const feeds::Posted& post : *posts) {
    out << chat::render_terminal(feeds::render_post(post, feeds::Look::text), chat::Color::never)
        << "\n";
  }
  return done;
}

int change_feed(const feeds::Context& context, const FeedOptions& options, feeds::Action action,
                std::ostream& out, std::ostream& err) {
  const auto changed =
      context.database.write([&](storage::Connection& connection) -> Result<std::string> {
        const Result<feeds::Feed> feed = find_feed(connection, options);
        if (!feed) {
          return fail(feed.error());
        }
        return feeds::carry_out(connection, *feed, {.action = action, .changes = options.settings},
                                context.clock.now());
      });
  if (!changed) {
    return report(changed.error(), err);
  }
  print_lines(*changed, out);
  return done;
}

}  // namespace bb::app

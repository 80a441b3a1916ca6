#include "features/feeds/feeds_command.hpp"

#include <set>
#include <utility>

#include "base/text.hpp"
#include "jobs/schedules.hpp"

namespace bb::feeds {
namespace {

constexpr std::string_view example = "feeds add @cppcon@example.social #general";
constexpr std::size_t most_listed = 40;  // a message has 50 blocks

chat::Message reply(const std::string& text) {
  return {.fallback = text, .blocks = {chat::Section{.text = {{.text = text}}}}};
}

// The only channel that feeds or digests are posted to, if none is named.
std::optional<chat::Channel> usual_channel(storage::Connection& connection,
                                           const WorkspaceId& workspace) {
  std::set<std::pair<std::string, std::string>> channels;
  for (const Feed& feed : list_feeds(connection, workspace)) {
    channels.emplace(feed.channel.value, feed.channel_name);
  }
  if (channels.empty()) {
    for (const jobs::Schedule& schedule : jobs::list_schedules(connection, workspace)) {
      channels.emplace(schedule.key.channel.value, schedule.channel_name);
    }
  }
  if (channels.size() != 1) {
    return std::nullopt;
  }
  return chat::Channel{.id = {channels.begin()->first}, .name = channels.begin()->second};
}

chat::Message list(storage::Connection& connection, const WorkspaceId& workspace,
                   const Context& context) {
  const std::vector<Feed> feeds = list_feeds(connection, workspace);
  if (feeds.empty()) {
    return reply("There are no feeds yet. Say for example " + std::string(example) + ".");
  }
  chat::Message message{.fallback = count_of(feeds.size(), "feed", "feeds")};
  for (const Feed& feed : feeds) {
    if (message.blocks.size() == most_listed) {
      message.blocks.emplace_back(
          chat::Section{.text = {{.text = "and " + std::to_string(feeds.size() - most_listed) +
                                          " more: busy-beaver feeds list shows all."}}});
      break;
    }
    message.blocks.emplace_back(chat::Section{
        .text = {{.text = describe(
                      feed, jobs::find_disabled(connection, feed.workspace, feed.channel))}}});
  }
  const std::string budget = describe_budget(connection, context.budget, context.clock.now());
  message.blocks.emplace_back(chat::Context{
      .text = {{.text = budget +
                        "There are also feeds test, set, pause, resume and remove, each with the "
                        "name or address of a feed."}}});
  return message;
}

class FeedsCommand {
 public:
  FeedsCommand(Requests& requests, const Context& context)
      : requests_(requests), context_(context) {}

  chat::Message operator()(storage::Connection& connection, const chat::Caller& caller,
                           std::string_view arguments) const {
    const Result<Wish> wish = parse_wish(arguments);
    if (!wish) {
      return reply("Nothing changed: " + chat::as_sentence(wish.error().message) +
                   " Say for example " + std::string(example) + ".");
    }
    if (wish->action == Action::list) {
      return list(connection, caller.workspace, context_);
    }
    if (wish->names_channel && !caller.named) {
      return reply(
          "I see no channel of that name. Invite me there with /invite, then say this again.");
    }
    if (wish->action == Action::add || wish->action == Action::test) {
      return ask(connection, caller, *wish);
    }
    const Result<Feed> feed =
        find_feed(connection, caller.workspace,
                  caller.named ? std::optional(caller.named->id) : std::nullopt, wish->subject);
    const Result<std::string> done = feed
                                         ? carry_out(connection, *feed, *wish, context_.clock.now())
                                         : Result<std::string>(fail(feed.error()));
    return reply(done ? *done : "Nothing changed: " + done.error().message + ".");
  }

 private:
  chat::Message ask(storage::Connection& connection, const chat::Caller& caller,
                    const Wish& wish) const {
    Request request{
        .wish = wish, .channel = caller.named, .user = caller.user, .reply_to = caller.channel};
    if (wish.action == Action::add && !request.channel) {
      request.channel = usual_channel(connection, caller.workspace);
      if (!request.channel) {
        return reply("In which channel? Say for example " + std::string(example) + ".");
      }
    }
    requests_.ask(connection, caller.workspace, request);
    return reply("I look at " + wish.subject + " and answer in a moment.");
  }

  Requests& requests_;
  const Context& context_;
};

}  // namespace

chat::Command feeds_command(Requests& requests, const Context& context) {
  return {.word = "feeds",
          .arguments = "add ADDRESS or @user@instance #CHANNEL",
          .help = "posts there what that blog or account publishes; alone it lists all feeds",
          .run = FeedsCommand(requests, context),
          .access = chat::Access::admins};
}

}  // namespace bb::feeds

#include "features/feeds/requests.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "base/json.hpp"
#include "base/text.hpp"
#include "features/feeds/selection.hpp"

namespace bb::feeds {
namespace {

constexpr std::size_t shown_by_test = 3;
constexpr int most_attempts = 5;

chat::Message message_of(std::string text) {
  return {.fallback = text, .blocks = {chat::Section{.text = {{.text = text}}}}};
}

std::string to_payload(const Request& request) {
  boost::json::array changes(request.wish.changes.begin(), request.wish.changes.end());
  boost::json::object payload = {{"action", request.wish.action == Action::add ? "add" : "test"},
                                 {"subject", request.wish.subject},
                                 {"changes", std::move(changes)},
                                 {"newest", request.wish.newest},
                                 {"user", request.user.value},
                                 {"reply_to", request.reply_to.value}};
  if (request.channel) {
    payload["channel"] = request.channel->id.value;
    payload["channel_name"] = request.channel->name;
    payload["bot_is_member"] = request.channel->bot_is_member;
  }
  return boost::json::serialize(payload);
}

Request from_payload(const boost::json::value& payload) {
  const auto text = [&](std::string_view name) { return json::string(payload, name).value_or(""); };
  Request request{.wish = {.action = text("action") == "add" ? Action::add : Action::test,
                           .subject = text("subject"),
                           .newest = json::integer(payload, "newest").value_or(0)},
                  .user = {text("user")},
                  .reply_to = {text("reply_to")}};
  if (const boost::json::array* changes = json::array(payload, "changes")) {
    for (const boost::json::value& change : *changes) {
      request.wish.changes.emplace_back(change.as_string());
    }
  }
  if (const std::string channel = text("channel"); !channel.empty()) {
    request.channel =
        chat::Channel{.id = {channel},
                      .name = text("channel_name"),
                      .bot_is_member = json::boolean(payload, "bot_is_member").value_or(true)};
  }
  return request;
}

std::string answer_key(const jobs::Job& job) {
  return "feeds:" + job.id.value + ":";
}

}  // namespace

Result<std::vector<Posted>> newest_posts(const Context& context, const Target& target,
                                         const FeedSettings& settings) {
  const Source* source = find_source(context.sources, target.source);
  if (source == nullptr) {
    return fail(ErrorCode::not_found, "feeds of '" + target.source + "' are not set up here");
  }
  const TimePoint now = context.clock.now();
  const Result<void> allowed = context.database.read([&](storage::Connection& connection) {
    return check_budget(connection, context.budget, target.source, now);
  });
  if (!allowed) {
    return fail(allowed.error());
  }
  Result<Batch> batch = run(context.client, within_time(source->fetch(target, {}), context.clock));
  if (!batch) {
    return fail(batch.error());
  }
  if (batch->billed > 0) {
    context.database.write([&](storage::Connection& connection) {
      count_paid_reads(connection, target.source, static_cast<std::int64_t>(batch->billed), now);
    });
  }
  if (batch->is_gone) {
    return fail(ErrorCode::not_found, "its server says that it is gone for good (410)");
  }
  std::erase_if(batch->items,
                [&](const Item& item) { return !reason_against(item, settings).empty(); });
  std::ranges::stable_sort(batch->items, std::greater(), &Item::published_at);
  batch->items.resize(std::min(batch->items.size(), shown_by_test));
  std::vector<Posted> posts;
  for (Item& item : batch->items) {
    posts.push_back({.item = std::move(item), .feed_name = batch->target.name});
  }
  return posts;
}

void Requests::ask(storage::Connection& connection, const WorkspaceId& workspace,
                   const Request& request) {
  context_.queue.enqueue(connection, {.kind = "feeds.ask",
                                      .payload = to_payload(request),
                                      .workspace_id = workspace.value,
                                      .subject = request.user,
                                      .priority = jobs::Priority::delivery});
}

JobId Requests::run_channel(const WorkspaceId& workspace, std::string_view channel) {
  const boost::json::object payload = {{"action", "run"}, {"channel", channel}};
  return context_.database.write([&](storage::Connection& connection) {
    return context_.queue
        .enqueue(connection, {.kind = "feeds.ask",
                              .payload = boost::json::serialize(payload),
                              .workspace_id = workspace.value,
                              .priority = jobs::Priority::delivery})
        .value();
  });
}

jobs::Kind Requests::kind(jobs::Outbox::PlatformOf platform) {
  return {.name = "feeds.ask",
          .handle = [this, platform =
                               std::move(platform)](const jobs::Job& job) -> Result<jobs::Outcome> {
            const Result<boost::json::value> payload = json::parse(job.payload);
            if (!payload) {
              return fail(payload.error());
            }
            if (json::string(*payload, "action") != "run") {
              return answer(job, from_payload(*payload));
            }
            const Result<chat::Platform*> found = platform(job.workspace_id);
            return found ? run_now(job, json::string(*payload, "channel").value_or(""), **found)
                         : Result<jobs::Outcome>(fail(found.error()));
          },
          .max_attempts = most_attempts,
          .most_running = 1};
}

Result<jobs::Outcome> Requests::run_now(const jobs::Job& job, std::string_view channel,
                                        chat::Platform& platform) {
  const Result<chat::Channel> found = platform.find_channel(channel);
  if (!found) {
    return fail(found.error());
  }
  const PollCounts polls = polling_.poll_channel({job.workspace_id}, found->id);
  if (polls.broken_off) {
    return jobs::Outcome(jobs::RunAgain{context_.clock.now()});
  }
  const PostCounts posts = posting_.post_channel({job.workspace_id}, found->id);
  context_.queue.report_progress(job, count_of(polls.answered + polls.unchanged, "feed", "feeds") +
                                          " answered, " + std::to_string(polls.failed) +
                                          " failed; " + count_of(posts.posted, "item", "items") +
                                          " posted");
  return jobs::Outcome(jobs::Done{});
}

Result<jobs::Outcome> Requests::answer(const jobs::Job& job, const Request& request) {
  const bool is_answered = context_.database.read([&](storage::Connection& connection) {
    return context_.outbox.contains(connection, answer_key(job) + "0");
  });
  const bool is_done =
      is_answered || (request.wish.action == Action::add ? add(job, request) : test(job, request));
  return is_done ? jobs::Outcome(jobs::Done{})
                 : jobs::Outcome(jobs::RunAgain{context_.clock.now()});
}

bool Requests::add(const jobs::Job& job, const Request& request) {
  const ChannelId channel = request.channel ? request.channel->id : ChannelId{};
  const Result<Target> target =
      resolve_new(context_, {job.workspace_id}, channel, request.wish.subject);
  if (!target && context_.client.is_stopped()) {
    return false;
  }
  context_.database.write([&](storage::Connection& connection) {
    const auto refuse = [&](const Error& error) {
      reply(connection, job, request,
            {message_of("I could not add " + request.wish.subject + ": " + error.message)});
    };
    if (!target) {
      return refuse(target.error());
    }
    const Result<FeedSettings> settings = with_changes({}, request.wish.changes);
    if (!settings || !request.channel) {
      return refuse({ErrorCode::invalid_input, "the wish is incomplete"});
    }
    const Result<Feed> feed = add_feed(connection,
                                       {.workspace = {job.workspace_id},
                                        .channel = request.channel->id,
                                        .channel_name = request.channel->name,
                                        .target = *target,
                                        .settings = *settings,
                                        .newest = request.wish.newest,
                                        .added_by = request.user},
                                       context_.clock, context_.random);
    if (!feed) {
      return refuse(feed.error());
    }
    context_.queue.enqueue(connection, {.kind = "feeds.poll"});
    reply(connection, job, request,
          {message_of(added_text(*feed) +
                      (request.channel->bot_is_member
                           ? ""
                           : " I am not in that channel yet: invite me there with /invite."))});
  });
  return true;
}

bool Requests::test(const jobs::Job& job, const Request& request) {
  const std::optional<ChannelId> channel =
      request.channel ? std::optional(request.channel->id) : std::nullopt;
  const Result<Feed> feed = context_.database.read([&](storage::Connection& connection) {
    return find_feed(connection, {job.workspace_id}, channel, request.wish.subject);
  });
  const Result<Target> target = feed ? feed->target : resolve(context_, request.wish.subject);
  const Result<std::vector<Posted>> newest =
      target ? newest_posts(context_, *target, feed ? feed->settings : FeedSettings{})
             : Result<std::vector<Posted>>(fail(target.error()));
  if (!newest && context_.client.is_stopped()) {
    return false;
  }
  std::vector<chat::Message> messages;
  if (!newest) {
    messages.push_back(
        message_of("I could not read " + request.wish.subject + ": " + newest.error().message));
  } else if (newest->empty()) {
    messages.push_back(message_of(request.wish.subject + " has nothing that would be posted."));
  } else {
    messages.push_back(
        message_of("The newest of " + request.wish.subject + ", as I would post them:"));
    for (const Posted& post : *newest) {
      messages.push_back(render_post(post, feed ? feed->settings.look : Look::preview));
    }
  }
  context_.database.write(
      [&](storage::Connection& connection) { reply(connection, job, request, messages); });
  return true;
}

void Requests::reply(storage::Connection& connection, const jobs::Job& job, const Request& request,
                     const std::vector<chat::Message>& messages) {
  for (std::size_t i = 0; i < messages.size(); ++i) {
    context_.outbox.add(connection, {.idempotency_key = answer_key(job) + std::to_string(i),
                                     .workspace_id = job.workspace_id,
                                     .channel = request.reply_to,
                                     .subject = request.user,
                                     .rendered = context_.render(messages[i]),
                                     .audience = jobs::Audience::person,
                                     .priority = jobs::Priority::answer});
  }
}

}  // namespace bb::feeds

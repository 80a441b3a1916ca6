#include "features/feeds/posting.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "base/text.hpp"
#include "features/feeds/selection.hpp"

namespace bb::feeds {
namespace {

// While its items are looked up a feed is not due; a worker that dies leaves it to the next one
// after this.
constexpr std::chrono::minutes claim_time(15);
constexpr std::size_t feeds_per_round = 100;
constexpr std::chrono::minutes look_again_after(5);
// What cannot be looked up for so long, for a reason of its own, does not hold up the others.
constexpr std::chrono::hours given_up_after(24);

void add_up(PostCounts& sum, const PostCounts& counts) {
  sum.posted += counts.posted;
  sum.deleted += counts.deleted;
  sum.duplicate += counts.duplicate;
  sum.left_out += counts.left_out;
  sum.delayed += counts.delayed;
}

// The feed itself answers, and for a day nothing that makes sense for this item.
bool is_given_up(const Feed& feed, const WaitingItem& item, const Error& error, TimePoint now) {
  const TimePoint since = std::max(item.due_at, feed.recovered_at.value_or(item.due_at));
  return error.code == ErrorCode::bad_response && !feed.failing_since &&
         now - since >= given_up_after;
}

// A feed that fails is left alone for as long as its polls leave it.
TimePoint look_again_at(const Feed& feed, const Error& error, TimePoint now) {
  const TimePoint again_at =
      now + std::max<std::chrono::seconds>(error.retry_after.value_or(look_again_after),
                                           look_again_after);
  return feed.failing_since ? std::max(again_at, feed.next_poll_at) : again_at;
}

std::string delivery_key(const WaitingItem& item) {
  return "feed:" + item.feed_id + ":" + item.key;
}

}  // namespace

Posting::Posting(const Context& context)
    : context_(context),
      job_(context,
           {.kind = "feeds.post", .is_due = &is_post_due, .round = [this] { return post_due(); }}) {
}

std::optional<std::string> Posting::post_due() {
  const TimePoint now = context_.clock.now();
  const auto feeds = context_.database.write([&](storage::Connection& connection) {
    return claim_posts(connection,
                       {.now = now, .until = now + claim_time, .most = feeds_per_round});
  });
  if (feeds.empty()) {
    return std::nullopt;
  }
  return count_of(post(feeds).posted, "item", "items") + " posted";
}

PostCounts Posting::post_channel(const WorkspaceId& workspace, const ChannelId& channel) {
  const TimePoint now = context_.clock.now();
  return post(context_.database.write([&](storage::Connection& connection) {
    return claim_posts(
        connection,
        {.now = now, .until = now + claim_time, .workspace = workspace, .channel = channel});
  }));
}

PostCounts Posting::post(const std::vector<Feed>& feeds) {
  const TimePoint now = context_.clock.now();
  const auto turns = context_.database.read([&](storage::Connection& connection) {
    std::vector<Turn> made;
    for (const Feed& feed : feeds) {
      Turn& turn = made.emplace_back(
          Turn{.feed = feed, .due = due_items(connection, feed, now), .twins = {}});
      for (const WaitingItem& item : turn.due) {
        std::ranges::move(waiting_twins(connection, feed, item), std::back_inserter(turn.twins));
      }
    }
    return made;
  });
  const Lookups lookups = look_up(turns);
  PostCounts counts;
  for (const Turn& turn : turns) {
    add_up(counts, context_.database.write([&](storage::Connection& connection) {
      return finish(connection, turn, lookups);
    }));
  }
  totals_.with([&](PostCounts& totals) { add_up(totals, counts); });
  return counts;
}

Posting::Lookups Posting::look_up(const std::vector<Turn>& turns) {
  std::map<std::pair<std::string, std::string>, const WaitingItem*> wanted;
  for (const Turn& turn : turns) {
    for (const auto* items : {&turn.due, &turn.twins}) {
      for (const WaitingItem& item : *items) {
        wanted.emplace(std::pair(item.feed_id, item.key), &item);
      }
    }
  }
  std::vector<std::pair<std::string, std::string>> places;
  std::vector<Step<std::optional<Item>>> steps;
  for (const auto& [place, item] : wanted) {
    const Source* source = find_source(context_.sources, item->target.source);
    places.push_back(place);
    steps.push_back(source != nullptr
                        ? within_time(source->look_up(item->target, item->item), context_.clock)
                        : Step<std::optional<Item>>(Result<std::optional<Item>>(
                              fail(ErrorCode::unavailable, "is not set up here"))));
  }
  Lookups lookups;
  run_all<std::optional<Item>>(context_.client, std::move(steps), context_.concurrency,
                               [&](std::size_t place, Result<std::optional<Item>> item) {
                                 lookups.emplace(places[place], std::move(item));
                               });
  return lookups;
}

PostCounts Posting::finish(storage::Connection& connection, const Turn& turn,
                           const Lookups& lookups) {
  const TimePoint now = context_.clock.now();
  // As it is set now; nothing if it was paused or removed meanwhile.
  const std::optional<Feed> feed = active_feed(connection, turn.feed.id);
  if (!feed) {
    return {};
  }
  // A page that could not be asked any more looks like one that is still there.
  if (context_.client.is_stopped()) {
    end_turn(connection, *feed, now, std::nullopt);
    return {.delayed = turn.due.empty() ? 0U : 1U};
  }
  PostCounts counts;
  TimePoint next = turn.due.empty() ? now + look_again_after : now;
  for (const WaitingItem& item : turn.due) {
    const Result<std::optional<Item>>& found = lookups.at({item.feed_id, item.key});
    const PostCounts one = finish(connection, *feed, item, found, lookups);
    add_up(counts, one);
    if (one.delayed > 0) {
      next = look_again_at(*feed, found.error(), now);
      break;  // the ones after it stay behind it
    }
  }
  if (counts.posted > 0) {
    next = std::max<TimePoint>(next, now + feed->settings.spacing);
  }
  end_turn(connection, *feed, next, counts.posted > 0 ? std::optional(now) : std::nullopt);
  return counts;
}

PostCounts Posting::finish(storage::Connection& connection, const Feed& feed, WaitingItem due,
                           const Result<std::optional<Item>>& now, const Lookups& lookups) {
  const auto left_out = [&](const std::string& reason) -> PostCounts {
    return {.left_out = decide(connection, due, Fate::left_out, reason) ? 1U : 0U};
  };
  if (!now) {
    return is_given_up(feed, due, now.error(), context_.clock.now())
               ? left_out("could not be looked up: " + now.error().message)
               : PostCounts{.delayed = 1};
  }
  if (!*now) {
    return {.deleted = decide(connection, due, Fate::deleted) ? 1U : 0U};
  }
  due.item = **now;
  if (const std::string reason = reason_against(due.item, feed.settings); !reason.empty()) {
    return left_out(reason);
  }
  if (was_posted_elsewhere(connection, feed, due)) {
    return {.duplicate = decide(connection, due, Fate::duplicate) ? 1U : 0U};
  }
  if (!decide(connection, due, Fate::posted)) {
    return {};  // with a twin, or by another worker
  }
  const Posted post{.item = due.item,
                    .feed_name = feed.target.name,
                    .twins = take_twins(connection, feed, due, lookups)};
  context_.outbox.add(connection,
                      {.idempotency_key = delivery_key(due),
                       .workspace_id = feed.workspace.value,
                       .channel = feed.channel,
                       .rendered = context_.render(render_post(post, feed.settings.look))});
  return {.posted = 1};
}

// Those that are still the same, with their links; the others have their own turn.
std::vector<Twin> Posting::take_twins(storage::Connection& connection, const Feed& feed,
                                      const WaitingItem& due, const Lookups& lookups) {
  std::vector<Twin> twins;
  for (const WaitingItem& twin : waiting_twins(connection, feed, due)) {
    const auto found = lookups.find({twin.feed_id, twin.key});
    if (found == lookups.end() || !found->second || !*found->second) {
      continue;
    }
    const Item& item = **found->second;
    if (fingerprint_of(item) == fingerprint_of(due.item) &&
        decide(connection, twin, Fate::duplicate)) {
      twins.push_back({.source = twin.target.source, .url = item.url});
    }
  }
  return twins;
}

PostCounts Posting::totals() const {
  return totals_.with([](const PostCounts& totals) { return totals; });
}

}  // namespace bb::feeds

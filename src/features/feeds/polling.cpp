#include "features/feeds/polling.hpp"

#include <utility>

#include "base/log.hpp"
#include "base/text.hpp"
#include "features/feeds/formats/address.hpp"
#include "features/feeds/notices.hpp"

namespace bb::feeds {
namespace {

// While a poll is under way its feed is not due; a worker that dies leaves it to the next one after
// this.
constexpr std::chrono::minutes claim_time(15);
constexpr std::size_t feeds_per_round = 200;
constexpr std::size_t feeds_per_commit = 50;

void add_up(PollCounts& sum, const PollCounts& counts) {
  sum.unchanged += counts.unchanged;
  sum.answered += counts.answered;
  sum.failed += counts.failed;
  sum.gone += counts.gone;
  sum.new_items += counts.new_items;
  sum.broken_off = sum.broken_off || counts.broken_off;
}

}  // namespace

Polling::Polling(const Context& context)
    : context_(context),
      job_(context,
           {.kind = "feeds.poll", .is_due = &is_poll_due, .round = [this] { return poll_due(); }}) {
}

std::optional<std::string> Polling::poll_due() {
  const TimePoint now = context_.clock.now();
  const auto feeds = context_.database.write([&](storage::Connection& connection) {
    return claim_polls(connection,
                       {.now = now, .until = now + claim_time, .most = feeds_per_round});
  });
  if (feeds.empty()) {
    return std::nullopt;
  }
  const PollCounts counts = poll(feeds);
  return count_of(counts.unchanged + counts.answered, "feed", "feeds") + " answered, " +
         std::to_string(counts.failed) + " failed, " +
         count_of(counts.new_items, "new item", "new items");
}

PollCounts Polling::poll_channel(const WorkspaceId& workspace, const ChannelId& channel) {
  const TimePoint now = context_.clock.now();
  return poll(context_.database.write([&](storage::Connection& connection) {
    return claim_polls(
        connection,
        {.now = now, .until = now + claim_time, .workspace = workspace, .channel = channel});
  }));
}

// Of the feeds of a source that charges for reads as many as the rest of the budget is enough for,
// whatever they list, or one; the others have the next turn. None if nothing is left.
PollCounts Polling::take_out_unaffordable(std::vector<Feed>& feeds) {
  const TimePoint now = context_.clock.now();
  return context_.database.write([&](storage::Connection& connection) {
    PollCounts counts;
    for (const auto& [source, budget] : context_.budget) {
      const Result<void> allowed = check_budget(connection, context_.budget, source, now);
      const std::int64_t left = budget - paid_reads(connection, source, now);
      std::int64_t reads = 0;
      std::erase_if(feeds, [&](const Feed& feed) {
        if (feed.target.source != source) {
          return false;
        }
        if (!allowed) {
          if (store_unaffordable(connection, feed, allowed.error(), now)) {
            tell_of_failure(connection, feed, allowed.error());
          }
          ++counts.failed;
          return true;
        }
        reads += most_reads_of_a_poll;
        const bool waits = reads > most_reads_of_a_poll && reads > left;
        if (waits) {
          give_back(connection, feed, now);
        }
        return waits;
      });
    }
    return counts;
  });
}

PollCounts Polling::poll(std::vector<Feed> feeds) {
  PollCounts counts;
  if (!context_.budget.empty()) {
    counts = take_out_unaffordable(feeds);
  }
  std::vector<Step<Batch>> steps;
  steps.reserve(feeds.size());
  for (const Feed& feed : feeds) {
    steps.push_back(first_step(feed));
  }
  std::vector<Answer> answers;
  const auto flush = [&] {
    add_up(counts, store(feeds, answers));
    answers.clear();
  };
  run_all<Batch>(context_.client, std::move(steps), context_.concurrency,
                 [&](std::size_t feed, Result<Batch> batch) {
                   answers.push_back({.feed = feed, .batch = std::move(batch)});
                   if (answers.size() >= feeds_per_commit) {
                     flush();
                   }
                 });
  flush();
  totals_.with([&](PollCounts& totals) { add_up(totals, counts); });
  return counts;
}

Step<Batch> Polling::first_step(const Feed& feed) {
  const Source* source = find_source(context_.sources, feed.target.source);
  if (source == nullptr) {
    return Result<Batch>(
        fail(ErrorCode::not_found, "feeds of '" + feed.target.source + "' are not set up here"));
  }
  return within_time(source->fetch(feed.target, feed.position), context_.clock);
}

// Commits are expensive, so answers are stored together.
PollCounts Polling::store(const std::vector<Feed>& feeds, const std::vector<Answer>& answers) {
  if (answers.empty()) {
    return {};
  }
  return context_.database.write([&](storage::Connection& connection) {
    PollCounts counts;
    for (const Answer& answer : answers) {
      add_up(counts, store(connection, feeds[answer.feed], answer.batch));
    }
    return counts;
  });
}

PollCounts Polling::store(storage::Connection& connection, const Feed& feed,
                          const Result<Batch>& batch) {
  const TimePoint now = context_.clock.now();
  if (!batch) {
    return store_failed(connection, feed, batch.error());
  }
  if (batch->is_gone) {
    if (store_gone(connection, feed, now)) {
      tell_gone(connection, context_, feed);
    }
    return {.gone = 1};
  }
  const StoredAnswer stored = store_answer(connection, feed, *batch, now, context_.random);
  if (context_.budget.contains(feed.target.source)) {
    // Each new item is going to be read once more, right before it is posted.
    const std::size_t reads = batch->billed + stored.items.waiting;
    count_paid_reads(connection, feed.target.source, static_cast<std::int64_t>(reads), now);
  }
  const bool is_unchanged = batch->items.empty();
  return {.unchanged = is_unchanged ? 1U : 0U,
          .answered = is_unchanged ? 0U : 1U,
          .new_items = stored.items.waiting};
}

PollCounts Polling::store_failed(storage::Connection& connection, const Feed& feed,
                                 const Error& error) {
  const TimePoint now = context_.clock.now();
  if (context_.client.is_stopped()) {
    give_back(connection, feed, now);
    return {.broken_off = true};
  }
  if (store_failure(connection, feed, error, now, context_.random)) {
    tell_of_failure(connection, feed, error);
  }
  return {.failed = 1};
}

void Polling::tell_of_failure(storage::Connection& connection, const Feed& feed,
                              const Error& error) {
  if (feed.failures == 0) {  // an address, and an error with it, may hold a secret
    log::warning("feed_failed", {{"feed", feed.id},
                                 {"source", feed.target.source},
                                 {"host", host_of(feed.target.address)},
                                 {"code", to_string(error.code)}});
  }
  if (feed.failing_since && !feed.told_at &&
      context_.clock.now() - *feed.failing_since >= failing_before_telling) {
    tell_failing(connection, context_, feed, error);
  }
}

PollCounts Polling::totals() const {
  return totals_.with([](const PollCounts& totals) { return totals; });
}

}  // namespace bb::feeds

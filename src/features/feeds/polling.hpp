// Asks the sources of feeds, all day long, what is new.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/guarded.hpp"
#include "features/feeds/context.hpp"
#include "features/feeds/feed_rows.hpp"
#include "features/feeds/poll_outcome.hpp"
#include "jobs/runner.hpp"

namespace bb::feeds {

struct PollCounts {
  std::size_t unchanged = 0;
  std::size_t answered = 0;
  std::size_t failed = 0;
  std::size_t gone = 0;
  std::size_t new_items = 0;  // that are going to be posted
  bool broken_off = false;    // the service is stopping: what failed says nothing about the feeds

  bool operator==(const PollCounts&) const = default;
};

class Polling {
 public:
  explicit Polling(const Context& context) : context_(context) {}
  Polling(const Polling&) = delete;
  Polling& operator=(const Polling&) = delete;

  // Enqueues the job "feeds.poll" if any feed is due; called every second by the scheduler.
  bool enqueue_if_due();

  // The job kind "feeds.poll": every feed that is due. One at a time.
  jobs::Kind kind();

  // All feeds of a channel, but for those that want to be left alone. Failures are recorded for
  // each feed, never returned.
  PollCounts poll_channel(const WorkspaceId& workspace, const ChannelId& channel);

  // Since the start of the process.
  [[nodiscard]] PollCounts totals() const;

 private:
  struct Answer {
    std::size_t feed = 0;
    Result<Batch> batch;
  };

  PollCounts poll(const std::vector<Feed>& feeds);
  Step<Batch> first_step(const Feed& feed);
  PollCounts store(const std::vector<Feed>& feeds, const std::vector<Answer>& answers);
  PollCounts store(storage::Connection& connection, const Feed& feed, const Result<Batch>& batch);
  PollCounts store_failed(storage::Connection& connection, const Feed& feed, const Error& error);

  const Context& context_;
  std::atomic<bool> is_polling_ = false;
  Guarded<PollCounts> totals_;
};

}  // namespace bb::feeds

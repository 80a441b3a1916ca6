// Asks the sources of feeds, all day long, what is new.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/guarded.hpp"
#include "features/feeds/context.hpp"
#include "features/feeds/due_job.hpp"
#include "features/feeds/feed_rows.hpp"
#include "features/feeds/poll_outcome.hpp"

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
  explicit Polling(const Context& context);
  Polling(const Polling&) = delete;
  Polling& operator=(const Polling&) = delete;

  // The job "feeds.poll": every feed that is due.
  DueJob& job() { return job_; }

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

  std::optional<std::string> poll_due();
  PollCounts poll(std::vector<Feed> feeds);
  PollCounts take_out_unaffordable(std::vector<Feed>& feeds);
  Step<Batch> first_step(const Feed& feed);
  PollCounts store(const std::vector<Feed>& feeds, const std::vector<Answer>& answers);
  PollCounts store(storage::Connection& connection, const Feed& feed, const Result<Batch>& batch);
  PollCounts store_failed(storage::Connection& connection, const Feed& feed, const Error& error);
  void tell_of_failure(storage::Connection& connection, const Feed& feed, const Error& error);

  const Context& context_;
  DueJob job_;
  Guarded<PollCounts> totals_;
};

}  // namespace bb::feeds

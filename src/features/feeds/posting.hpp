// Posts what has waited long enough and is still there.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/guarded.hpp"
#include "features/feeds/context.hpp"
#include "features/feeds/due_job.hpp"
#include "features/feeds/feed_items.hpp"
#include "features/feeds/post.hpp"

namespace bb::feeds {

struct PostCounts {
  std::size_t posted = 0;
  std::size_t deleted = 0;    // before their time came
  std::size_t duplicate = 0;  // of one from another network
  std::size_t left_out = 0;
  std::size_t delayed = 0;  // could not be looked up

  bool operator==(const PostCounts&) const = default;
};

class Posting {
 public:
  explicit Posting(const Context& context);
  Posting(const Posting&) = delete;
  Posting& operator=(const Posting&) = delete;

  // The job "feeds.post": every feed whose turn it is.
  DueJob& job() { return job_; }

  // A run of all feeds of a channel, without regard to the spacing between runs.
  PostCounts post_channel(const WorkspaceId& workspace, const ChannelId& channel);

  // Since the start of the process.
  [[nodiscard]] PostCounts totals() const;

 private:
  struct Turn {
    Feed feed;
    std::vector<WaitingItem> due;
    std::vector<WaitingItem> twins;  // of those
  };
  // Items as their source has them now, by feed and key.
  using Lookups = std::map<std::pair<std::string, std::string>, Result<std::optional<Item>>>;

  std::optional<std::string> post_due();
  PostCounts post(const std::vector<Feed>& feeds);
  Lookups look_up(const std::vector<Turn>& turns);
  PostCounts finish(storage::Connection& connection, const Turn& turn, const Lookups& lookups);
  PostCounts finish(storage::Connection& connection, const Feed& feed, WaitingItem due,
                    const Result<std::optional<Item>>& now, const Lookups& lookups);
  std::vector<Twin> take_twins(storage::Connection& connection, const Feed& feed,
                               const WaitingItem& due, const Lookups& lookups);

  const Context& context_;
  DueJob job_;
  Guarded<PostCounts> totals_;
};

}  // namespace bb::feeds

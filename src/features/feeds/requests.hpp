// What people ask for that takes a network: done by a job, which answers them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.hpp"
#include "features/feeds/context.hpp"
#include "features/feeds/polling.hpp"
#include "features/feeds/post.hpp"
#include "features/feeds/posting.hpp"
#include "features/feeds/wish.hpp"

namespace bb::feeds {

// Of somebody, who is answered in a direct conversation.
struct Request {
  Wish wish;  // add or test
  std::optional<chat::Channel> channel = std::nullopt;
  UserId user = {};
  ChannelId reply_to = {};
};

// The newest ones that `settings` want, the newest first.
Result<std::vector<Posted>> newest_posts(const Context& context, const Target& target,
                                         const FeedSettings& settings);

class Requests {
 public:
  Requests(const Context& context, Polling& polling, Posting& posting)
      : context_(context), polling_(polling), posting_(posting) {}

  // Enqueues a job of kind "feeds.ask", in the transaction of the command.
  void ask(storage::Connection& connection, const WorkspaceId& workspace, const Request& request);

  // Enqueues the job that reads all feeds of a channel and posts what is due; `channel` is a name
  // or an id, looked up when the job runs.
  JobId run_channel(const WorkspaceId& workspace, std::string_view channel);

  // The job kind "feeds.ask".
  jobs::Kind kind(jobs::Outbox::PlatformOf platform);

 private:
  Result<jobs::Outcome> run_now(const jobs::Job& job, std::string_view channel,
                                chat::Platform& platform);
  Result<jobs::Outcome> answer(const jobs::Job& job, const Request& request);
  // False if the end of the service broke it off.
  bool add(const jobs::Job& job, const Request& request);
  bool test(const jobs::Job& job, const Request& request);
  void reply(storage::Connection& connection, const jobs::Job& job, const Request& request,
             const std::vector<chat::Message>& messages);

  const Context& context_;
  Polling& polling_;
  Posting& posting_;
};

}  // namespace bb::feeds

// The summary of a channel: made by a job, posted through the outbox.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "base/time.hpp"
#include "chat/platform.hpp"
#include "features/github_activity/enrichment.hpp"
#include "features/github_activity/history.hpp"
#include "features/github_activity/people.hpp"
#include "features/github_activity/polling.hpp"
#include "features/github_activity/summary_request.hpp"
#include "jobs/outbox.hpp"
#include "jobs/queue.hpp"
#include "jobs/runner.hpp"
#include "storage/database.hpp"

namespace bb::github_activity {

// Where the people of a digest appear: in the thread of its first message, or below it.
enum class Layout : std::uint8_t { thread, channel };

class Summary {
 public:
  struct Settings {
    TimeZone zone;  // of summaries that no schedule asks for
    Layout layout = Layout::thread;
    bool pictures = true;  // of people, from github.com
  };

  Summary(storage::Database& database, jobs::Queue& queue, jobs::Outbox& outbox, Polling& polling,
          Enrichment& enrichment, const Clock& clock, chat::Renderer render, Settings settings)
      : database_(database),
        queue_(queue),
        outbox_(outbox),
        polling_(polling),
        enrichment_(enrichment),
        clock_(clock),
        render_(render),
        settings_(std::move(settings)) {}

  // Enqueues the job; `channel` is a name or an id, looked up when the job runs.
  JobId request(const WorkspaceId& workspace, std::string_view channel);

  // The job kind "github.summary".
  jobs::Kind kind(jobs::Outbox::PlatformOf platform);

 private:
  // Whom a digest is about, and what it says.
  struct Draft {
    std::vector<LinkedMember> members;  // all that are linked
    PastDigest digest;
    std::vector<MemberOutcome> outcomes;
    std::vector<std::string> just_stored;
    std::vector<chat::Message> messages;
    std::size_t active = 0;
  };

  // Neither: it was written, or an earlier attempt has done so.
  struct Committed {
    bool outdated = false;      // what members want has changed since the draft was made
    std::string unwanted = {};  // why the schedule does not want it any more
  };

  Result<jobs::Outcome> post(const jobs::Job& job, chat::Platform& platform);
  // Why the schedule does not want it any more, empty if it does or nothing is scheduled.
  std::string unwanted(storage::Connection& connection, const jobs::Job& job,
                       const SummaryRequest& request);
  jobs::Outcome end_unwanted(const jobs::Job& job, const std::string& reason);
  std::vector<std::int64_t> accounts_to_show(const WorkspaceId& workspace,
                                             std::span<const UserId> present);
  Draft draft(const jobs::Job& job, const ChannelId& channel, const TimeZone& zone,
              std::span<const UserId> present);
  Committed commit(const jobs::Job& job, const SummaryRequest& request, const Draft& draft);

  storage::Database& database_;
  jobs::Queue& queue_;
  jobs::Outbox& outbox_;
  Polling& polling_;
  Enrichment& enrichment_;
  const Clock& clock_;
  chat::Renderer render_;
  Settings settings_;
};

}  // namespace bb::github_activity

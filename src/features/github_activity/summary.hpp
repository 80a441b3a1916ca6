// The summary of the last 24 hours, posted to a channel.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
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
    Presentation presentation = {};
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

  // Whether a summary of a channel that is under way, or was posted within a minute, will do.
  enum class Repeat : std::uint8_t { no, yes };

  // Enqueues the job; `channel` is a name or an id, looked up when the job runs.
  JobId request(const WorkspaceId& workspace, std::string_view channel, Repeat repeat = Repeat::no);

  // The job kind "github.summary".
  jobs::Kind kind(jobs::Outbox::PlatformOf platform);

  // A member wants less shown than before: makes the messages about the member anew that wait to be
  // posted. Called within the transaction that stores the wish.
  void revise(storage::Connection& connection, const WorkspaceId& workspace, const UserId& member);

 private:
  // A digest, or some of its messages, and what becomes of each of `members` in it.
  struct Draft {
    WorkspaceId workspace;
    PastDigest made;
    std::vector<LinkedMember> members;
    NextWindows windows = {};
    std::vector<MemberOutcome> outcomes = {};
    std::vector<std::string> just_stored = {};
    std::vector<Part> parts = {};
    std::size_t active = 0;
  };

  // Neither: it was written, or an earlier attempt has done so.
  struct Committed {
    bool outdated = false;      // what members want, or were told, has changed since the draft
    std::string unwanted = {};  // why the schedule does not want it any more
  };

  Result<jobs::Outcome> post(const jobs::Job& job, chat::Platform& platform);
  // Why the schedule does not want it any more, empty if it does or nothing is scheduled.
  Result<jobs::Outcome> refused(const jobs::Job& job, const SummaryRequest& request,
                                const Error& error);
  Result<jobs::Outcome> wait_for_token(const jobs::Job& job, const std::string& reason);
  std::string unwanted(storage::Connection& connection, const jobs::Job& job,
                       const SummaryRequest& request);
  jobs::Outcome end_unwanted(const jobs::Job& job, const std::string& reason);
  std::vector<std::int64_t> accounts_to_show(const WorkspaceId& workspace,
                                             const std::set<UserId>& present, const TimeZone& zone);
  // What the members did up to `now`; also fills in the rest of the draft, but for its parts.
  Digest compose(storage::Connection& connection, Draft& draft, const std::set<UserId>& present,
                 TimePoint now);
  Committed commit(const jobs::Job& job, const SummaryRequest& request, Draft& draft);
  static void forget_earlier(storage::Connection& connection, const Draft& draft);
  void enqueue(storage::Connection& connection, Draft& draft);
  void enqueue(storage::Connection& connection, Draft& draft, const Part& part,
               std::size_t message);
  void make_anew(storage::Connection& connection, const WorkspaceId& workspace,
                 const PastDigest& digest);
  void make_anew(storage::Connection& connection, const WorkspaceId& workspace,
                 const WaitingMessage& message);

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

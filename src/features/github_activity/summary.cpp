#include "features/github_activity/summary.hpp"

#include <algorithm>
#include <set>
#include <tuple>

#include "base/log.hpp"
#include "base/text.hpp"
#include "features/github_activity/digest.hpp"

namespace bb::github_activity {
namespace {

constexpr std::size_t most_summaries = 2;  // at a time: each may wait long for GitHub

// About six hours with the longest waits between them: as long as a schedule is caught up.
constexpr int max_attempts = 40;

// What a digest has to respect of a member.
bool is_same_wish(const LinkedMember& left, const LinkedMember& right) {
  const auto wish = [](const LinkedMember& member) {
    return std::tie(member.user, member.account.id, member.paused_at, member.preferences);
  };
  return wish(left) == wish(right);
}

std::string day_of(const TimeZone& zone, TimePoint time) {
  return zone.format(time, "%Y-%m-%d %H:%M");
}

// Why nothing is looked up about a member; empty if there is no such reason.
std::string reason_to_skip(const LinkedMember& member, const std::set<UserId>& present,
                           const TimeZone& zone) {
  if (!present.contains(member.user)) {
    return std::string(not_in_channel);
  }
  return member.paused_at ? "paused since " + day_of(zone, *member.paused_at) : std::string();
}

std::string reason_for_nothing(const LinkedMember& member, const Outcome& outcome,
                               const TimeZone& zone) {
  if (member.gone_since) {
    return "GitHub does not show the account since " + day_of(zone, *member.gone_since);
  }
  if (!member.error.empty()) {
    return "GitHub could not be asked: " + member.error;
  }
  return outcome.count(Fate::hidden) > 0 ? "hidden by own choice" : "nothing counted";
}

}  // namespace

JobId Summary::request(const WorkspaceId& workspace, std::string_view channel) {
  return database_.write([&](storage::Connection& connection) {
    // Without a unique key enqueue always makes a job.
    return queue_
        .enqueue(connection, {.kind = "github.summary",
                              .payload = to_payload({.channel = std::string(channel)}),
                              .workspace_id = workspace.value,
                              .priority = jobs::Priority::delivery})
        .value();
  });
}

jobs::Kind Summary::kind(jobs::Outbox::PlatformOf platform) {
  return {.name = "github.summary",
          .handle = [this, platform =
                               std::move(platform)](const jobs::Job& job) -> Result<jobs::Outcome> {
            const Result<chat::Platform*> found = platform(job.workspace_id);
            if (!found) {
              return fail(found.error());
            }
            return post(job, **found);
          },
          .max_attempts = max_attempts,
          .most_running = most_summaries};
}

Result<jobs::Outcome> Summary::post(const jobs::Job& job, chat::Platform& platform) {
  const Result<SummaryRequest> request = parse_payload(job.payload);
  if (!request) {
    return fail(request.error());
  }
  const std::string reason = database_.write(
      [&](storage::Connection& connection) { return unwanted(connection, job, *request); });
  if (!reason.empty()) {
    return end_unwanted(job, reason);
  }
  const Result<chat::Channel> channel = platform.find_channel(request->channel);
  if (!channel) {
    return fail(channel.error());
  }
  const Result<std::vector<UserId>> present = platform.members(channel->id);
  if (!present) {
    return fail(present.error().within("reading the members of the channel"));
  }
  const std::vector<std::int64_t> github_ids = accounts_to_show({job.workspace_id}, *present);
  queue_.report_progress(
      job, "asking GitHub about " + count_of(github_ids.size(), "linked member", "linked members"));
  const PollCounts counts = polling_.poll(github_ids);
  if (counts.broken_off) {
    return jobs::Outcome(jobs::RunAgain{clock_.now()});
  }
  queue_.report_progress(job, "asking GitHub for details");
  enrichment_.run();
  if (!queue_.is_wanted(job)) {
    return jobs::Outcome(jobs::RunAgain{clock_.now()});
  }

  const Draft draft =
      this->draft(job, channel->id, request->zone.value_or(settings_.zone), *present);
  const Committed committed = commit(job, *request, draft);
  if (committed.outdated) {
    return jobs::Outcome(jobs::RunAgain{clock_.now()});
  }
  if (!committed.unwanted.empty()) {
    return end_unwanted(job, committed.unwanted);
  }
  queue_.report_progress(
      job, count_of(draft.active, "active member", "active members") + " of " +
               count_of(github_ids.size(), "linked member", "linked members") + " in " +
               count_of(draft.messages.size(), "message", "messages") +
               (counts.failed == 0 ? "" : "; GitHub failed for " + std::to_string(counts.failed)));
  return jobs::Outcome(jobs::Done{});
}

std::string Summary::unwanted(storage::Connection& connection, const jobs::Job& job,
                              const SummaryRequest& request) {
  if (!request.slot || outbox_.contains(connection, delivery_prefix(job.id) + "0")) {
    return {};  // what an earlier attempt has written is on its way
  }
  const jobs::ScheduleKey key{.workspace = {job.workspace_id},
                              .what = std::string(scheduled_digest),
                              .channel = {request.channel}};
  return jobs::skip_if_unwanted(connection, key, *request.slot, clock_.now()).value_or("");
}

jobs::Outcome Summary::end_unwanted(const jobs::Job& job, const std::string& reason) {
  queue_.report_progress(job, "nothing is posted: " + reason);
  log::info("summary_skipped", {{"job", job.id.value}, {"reason", reason}});
  return jobs::Done{};
}

std::vector<std::int64_t> Summary::accounts_to_show(const WorkspaceId& workspace,
                                                    std::span<const UserId> present) {
  const std::set<UserId> in_channel(present.begin(), present.end());
  return database_.read([&](storage::Connection& connection) {
    std::vector<std::int64_t> github_ids;
    for (const LinkedMember& member : linked_members(connection, workspace)) {
      if (reason_to_skip(member, in_channel, settings_.zone).empty()) {
        github_ids.push_back(member.account.id);
      }
    }
    return github_ids;
  });
}

// One person after the other, so that thousands need no more memory than what is shown of them.
Summary::Draft Summary::draft(const jobs::Job& job, const ChannelId& channel, const TimeZone& zone,
                              std::span<const UserId> present) {
  const WorkspaceId workspace{job.workspace_id};
  const std::set<UserId> in_channel(present.begin(), present.end());
  return database_.read([&](storage::Connection& connection) {
    const NextWindow next = next_window(connection, workspace, channel, clock_.now());
    Draft draft{.members = linked_members(connection, workspace),
                .digest = {.id = job.id.value, .channel = channel, .window = next.window},
                .outcomes = {},
                .just_stored = {},
                .messages = {}};
    Composer composer(next.window, zone, kinds_of(connection, workspace));
    for (const LinkedMember& member : draft.members) {
      MemberOutcome told{.user = member.user, .login = member.account.login};
      told.outcome = reason_to_skip(member, in_channel, zone);
      if (told.outcome.empty()) {
        Loaded loaded = load_person(connection, member, next.window, next.previous);
        std::ranges::move(loaded.just_stored, std::back_inserter(draft.just_stored));
        if (settings_.pictures) {
          loaded.person.avatar_url = avatar_url(member);
        }
        const Outcome outcome = composer.add(loaded.person);
        const bool is_shown = outcome.count(Fate::shown) > 0;
        draft.active += is_shown ? 1 : 0;
        told.outcome = is_shown ? "shown" : reason_for_nothing(member, outcome, zone);
        told.detail = to_text(outcome);
      }
      draft.outcomes.push_back(std::move(told));
    }
    draft.messages = render(std::move(composer).finish());
    return draft;
  });
}

Summary::Committed Summary::commit(const jobs::Job& job, const SummaryRequest& request,
                                   const Draft& draft) {
  const WorkspaceId workspace{job.workspace_id};
  const std::string lead = delivery_prefix(job.id) + "0";
  return database_.write([&](storage::Connection& connection) -> Committed {
    if (outbox_.contains(connection, lead)) {
      return {};  // an earlier attempt died after its commit
    }
    if (std::string reason = unwanted(connection, job, request); !reason.empty()) {
      return {.unwanted = std::move(reason)};
    }
    if (!std::ranges::equal(linked_members(connection, workspace), draft.members, is_same_wish)) {
      return {.outdated = true};  // nobody who said disconnect, pause or hide meanwhile is shown
    }
    for (std::size_t i = 0; i < draft.messages.size(); ++i) {
      const bool is_reply = i > 0 && settings_.layout == Layout::thread;
      outbox_.add(connection, {.idempotency_key = delivery_prefix(job.id) + std::to_string(i),
                               .workspace_id = job.workspace_id,
                               .channel = draft.digest.channel,
                               .rendered = render_(draft.messages[i]),
                               .thread_of = is_reply ? lead : std::string()});
    }
    record(connection, workspace, draft.digest, draft.outcomes, draft.just_stored);
    return {};
  });
}

}  // namespace bb::github_activity

#include "features/github_activity/summary.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <set>
#include <tuple>

#include "base/log.hpp"
#include "base/text.hpp"
#include "chat/workspaces.hpp"
#include "features/github_activity/digest.hpp"
#include "jobs/workspace_pauses.hpp"

namespace bb::github_activity {
namespace {

constexpr std::size_t most_summaries = 2;  // at a time: each may wait long for GitHub

// About six hours with the longest waits between them: as long as a schedule is caught up.
constexpr int max_attempts = 40;

// What GitHub does not tell by then is part of the next digest: one that hangs delays nobody.
constexpr std::chrono::seconds time_for_github(10);
constexpr std::chrono::milliseconds pace_of_github(25);  // for each member, with ten at a time

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

// What the log says more about is nothing that a member could do something with.
std::string silence_of(const LinkedMember& member, const TimeZone& zone) {
  return "GitHub could not be asked" +
         (member.polled_at ? " since " + day_of(zone, *member.polled_at) : std::string());
}

// Everybody is asked about right before a digest, unless GitHub answered a moment ago.
bool is_unasked(const LinkedMember& member, TimePoint now) {
  constexpr std::chrono::minutes moment(10);
  return !member.gone_since && (!member.error.empty() || member.polled_at < now - moment);
}

// Why a digest may not tell all that a member did; empty if there is no such reason.
std::string trouble_of(const LinkedMember& member, const TimeZone& zone, TimePoint now) {
  if (member.gone_since) {
    return "GitHub does not show the account since " + day_of(zone, *member.gone_since);
  }
  return is_unasked(member, now) ? silence_of(member, zone) : std::string();
}

// What keeps a summary from being up to date.
std::string to_text(const PollCounts& counts) {
  std::string text;
  const auto add = [&text](std::size_t count, std::string_view words) {
    text += count > 0 ? "; " + std::string(words) + std::to_string(count) : std::string();
  };
  add(counts.failed, "GitHub failed for ");
  add(counts.gone, "accounts that GitHub does not show: ");
  add(counts.late, "not asked about in time: ");
  return text;
}

struct Requested {
  JobId id;
  jobs::State state = jobs::State::ready;
  std::optional<TimePoint> finished_at;
};

std::optional<Requested> last_requested(storage::Connection& connection, std::string_view key) {
  const storage::Rows rows = connection.query(
      "SELECT id, state, finished_at FROM job WHERE substr(unique_key, 1, length(CAST($1 AS "
      "TEXT))) = $1 AND kind = 'github.summary' ORDER BY id DESC LIMIT 1",
      {key});
  if (rows.empty()) {
    return std::nullopt;
  }
  return Requested{.id = JobId{rows[0].text(0)},
                   .state = jobs::state_named(rows[0].text(1)).value(),
                   .finished_at = rows[0].optional_time(2)};
}

// Under way, or posted so shortly ago that nobody can want it again.
bool is_recent(storage::Connection& connection, const Requested& last, TimePoint now) {
  constexpr std::chrono::minutes recently(1);
  if (last.state == jobs::State::ready || last.state == jobs::State::running) {
    return true;
  }
  if (last.state != jobs::State::done) {
    return false;
  }
  const storage::Rows lead = connection.query(
      "SELECT state FROM delivery WHERE idempotency_key = $1", {delivery_key(last.id.value, 0)});
  const std::string state = lead.empty() ? "" : lead[0].text(0);
  if (state == "failed") {
    return false;  // whoever mended the channel wants it now
  }
  return last.finished_at > now - recently || (!state.empty() && state != "sent");
}

}  // namespace

// Each request follows on the last one of its channel, which is part of its unique key: of those
// that come at the same time, one makes the job.
JobId Summary::request(const WorkspaceId& workspace, std::string_view channel, Repeat repeat) {
  const std::string name = to_lower(channel.starts_with('#') ? channel.substr(1) : channel);
  const std::string key = "github.summary:" + workspace.value + ":" + name + ":";
  return database_.write([&](storage::Connection& connection) {
    const std::optional<Requested> last = last_requested(connection, key);
    if (last && repeat == Repeat::no && is_recent(connection, *last, clock_.now())) {
      return last->id;
    }
    const std::optional<JobId> made =
        queue_.enqueue(connection, {.kind = "github.summary",
                                    .payload = to_payload({.channel = std::string(channel)}),
                                    .unique_key = key + (last ? last->id.value : ""),
                                    .workspace_id = workspace.value,
                                    .priority = jobs::Priority::delivery});
    return made ? *made : last_requested(connection, key).value().id;
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
  const TimePoint began = clock_.now();
  const Result<SummaryRequest> request = parse_payload(job.payload);
  if (!request) {
    return fail(request.error());
  }
  const std::string reason = database_.write(
      [&](storage::Connection& connection) { return unwanted(connection, job, *request); });
  if (!reason.empty()) {
    return end_unwanted(job, reason);
  }
  if (const auto pause = database_.read([&](storage::Connection& connection) {
        return chat::pause_of(connection, {job.workspace_id});
      })) {
    return wait_for_token(job, pause->reason);
  }
  const Result<chat::Channel> channel = platform.find_channel(request->channel);
  if (!channel) {
    return refused(job, *request, channel.error());
  }
  const Result<std::vector<UserId>> present = platform.members(channel->id);
  if (!present) {
    return refused(job, *request, present.error().within("reading the members of the channel"));
  }

  const std::set<UserId> in_channel(present->begin(), present->end());
  const TimeZone zone = request->zone.value_or(settings_.zone);
  const std::vector<std::int64_t> github_ids =
      accounts_to_show({job.workspace_id}, in_channel, zone);
  const TimePoint until =
      began + time_for_github + pace_of_github * static_cast<std::int64_t>(github_ids.size());
  queue_.report_progress(
      job, "asking GitHub about " + count_of(github_ids.size(), "linked member", "linked members"));
  const PollCounts counts = polling_.poll(github_ids, until);
  if (counts.broken_off) {
    return jobs::Outcome(jobs::RunAgain{clock_.now()});
  }
  queue_.report_progress(job, "asking GitHub for details");
  enrichment_.run(until);
  if (!queue_.is_wanted(job)) {
    return jobs::Outcome(jobs::RunAgain{clock_.now()});
  }

  Draft draft = database_.read([&](storage::Connection& connection) {
    const WorkspaceId workspace{job.workspace_id};
    Draft made{.workspace = workspace,
               .made = {.id = job.id.value, .channel = channel->id, .window = {}, .zone = zone},
               .members = linked_members(connection, workspace)};
    made.parts =
        render_parts(compose(connection, made, in_channel, clock_.now()), settings_.presentation);
    return made;
  });
  const Committed committed = commit(job, *request, draft);
  if (committed.outdated) {
    return jobs::Outcome(jobs::RunAgain{clock_.now()});
  }
  if (!committed.unwanted.empty()) {
    return end_unwanted(job, committed.unwanted);
  }
  queue_.report_progress(job, count_of(draft.active, "active member", "active members") + " of " +
                                  count_of(github_ids.size(), "linked member", "linked members") +
                                  " in " + count_of(draft.parts.size(), "message", "messages") +
                                  to_text(counts));
  return jobs::Outcome(jobs::Done{});
}

// Nothing is posted yet, but what follows is what would follow if the post itself were refused.
Result<jobs::Outcome> Summary::refused(const jobs::Job& job, const SummaryRequest& request,
                                       const Error& error) {
  const WorkspaceId workspace{job.workspace_id};
  if (error.code == ErrorCode::unauthorized) {
    jobs::WorkspacePauses::begin(database_, workspace, error.message, clock_.now());
    return wait_for_token(job, error.message);
  }
  const bool channel_refuses =
      error.code == ErrorCode::not_found || error.code == ErrorCode::forbidden;
  if (request.slot && channel_refuses) {
    const jobs::DisabledChannel channel{.workspace = workspace,
                                        .channel = {request.channel},
                                        .reason = error.message,
                                        .since = clock_.now()};
    const bool is_new = database_.write([&](storage::Connection& connection) {
      return outbox_.disable_channel(connection, channel, job.id.value);
    });
    if (is_new) {
      log::warning("channel_disabled", {{"job", job.id.value},
                                        {"workspace", workspace.value},
                                        {"channel", request.channel},
                                        {"reason", error.message}});
    }
  }
  return fail(error);
}

// As long as a slot may be caught up.
Result<jobs::Outcome> Summary::wait_for_token(const jobs::Job& job, const std::string& reason) {
  const TimePoint now = clock_.now();
  if (now - job.created_at > jobs::catch_up_for) {
    return fail(ErrorCode::unauthorized, "given up, as the workspace is paused: " + reason);
  }
  queue_.report_progress(job, "waiting, as the workspace is paused: " + reason);
  return jobs::Outcome(jobs::RunAgain{now + jobs::WorkspacePauses::look_interval});
}

std::string Summary::unwanted(storage::Connection& connection, const jobs::Job& job,
                              const SummaryRequest& request) {
  if (!request.slot || outbox_.contains(connection, delivery_key(job.id.value, 0))) {
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
                                                    const std::set<UserId>& present,
                                                    const TimeZone& zone) {
  return database_.read([&](storage::Connection& connection) {
    std::vector<std::int64_t> github_ids;
    for (const LinkedMember& member : linked_members(connection, workspace)) {
      if (reason_to_skip(member, present, zone).empty()) {
        github_ids.push_back(member.account.id);
      }
    }
    return github_ids;
  });
}

// One person after the other, so that thousands need no more memory than what is shown of them.
Digest Summary::compose(storage::Connection& connection, Draft& draft,
                        const std::set<UserId>& present, TimePoint now) {
  const TimeZone& zone = draft.made.zone;
  draft.windows = next_windows(connection, draft.workspace, draft.made.channel, now);
  draft.made.window = draft.windows.digest.window;
  Composer composer(draft.made.window, zone, kinds_of(connection, draft.workspace));
  std::size_t asked = 0;
  std::size_t unasked = 0;
  for (const LinkedMember& member : draft.members) {
    MemberOutcome told{.user = member.user, .login = member.account.login};
    told.outcome = reason_to_skip(member, present, zone);
    if (told.outcome.empty()) {
      Loaded loaded =
          load_person(connection, draft.workspace, member, draft.windows.of(member.user));
      std::ranges::move(loaded.just_stored, std::back_inserter(draft.just_stored));
      if (settings_.pictures) {
        loaded.person.avatar_url = avatar_url(member);
      }
      Outcome outcome = composer.add(loaded.person);
      outcome.add(Fate::paused, loaded.paused);
      const bool is_shown = outcome.count(Fate::shown) > 0;
      draft.active += is_shown ? 1 : 0;
      ++(is_unasked(member, now) ? unasked : asked);
      const std::string trouble = trouble_of(member, zone, now);
      told.detail = to_text(outcome);
      if (is_shown) {
        told.outcome = shown;
        told.detail += trouble.empty() ? "" : "; " + trouble;
      } else if (!trouble.empty()) {
        told.outcome = trouble;
      } else {
        told.outcome = outcome.count(Fate::hidden) > 0 ? "hidden by own choice" : "nothing counted";
      }
    }
    draft.outcomes.push_back(std::move(told));
  }
  Digest digest = std::move(composer).finish();
  digest.is_unknown = unasked > asked;
  return digest;
}

Summary::Committed Summary::commit(const jobs::Job& job, const SummaryRequest& request,
                                   Draft& draft) {
  return database_.write([&](storage::Connection& connection) -> Committed {
    if (outbox_.contains(connection, delivery_key(draft.made.id, 0))) {
      return {};  // an earlier attempt died after its commit
    }
    if (std::string reason = unwanted(connection, job, request); !reason.empty()) {
      return {.unwanted = std::move(reason)};
    }
    if (!std::ranges::equal(linked_members(connection, draft.workspace), draft.members,
                            is_same_wish)) {
      return {.outdated = true};  // nobody who said disconnect, pause or hide meanwhile is shown
    }
    if (next_windows(connection, draft.workspace, draft.made.channel, made_at(draft.made.window)) !=
        draft.windows) {
      return {.outdated = true};  // an earlier digest was posted after all, or could not be
    }
    forget_earlier(connection, draft);
    enqueue(connection, draft);
    return {};
  });
}

// What could not be posted is part of this one: nobody posts it as well.
void Summary::forget_earlier(storage::Connection& connection, const Draft& draft) {
  const TimePoint until = draft.made.window.until;
  for (const PastDigest& earlier :
       digests_between(connection, draft.workspace, until - followed_for, until)) {
    if (earlier.channel == draft.made.channel) {
      jobs::Outbox::forget_failed(connection, delivery_prefix(JobId{earlier.id}));
    }
  }
}

// All of a digest.
void Summary::enqueue(storage::Connection& connection, Draft& draft) {
  for (std::size_t i = 0; i < draft.parts.size(); ++i) {
    enqueue(connection, draft, draft.parts[i], i);
  }
  record(connection, draft.workspace, draft.made);
  record_people(connection, draft.made.id, draft.outcomes, draft.just_stored);
}

void Summary::enqueue(storage::Connection& connection, Draft& draft, const Part& part,
                      std::size_t message) {
  const bool is_reply = message > 0 && settings_.layout == Layout::thread;
  outbox_.add(connection, {.idempotency_key = delivery_key(draft.made.id, message),
                           .workspace_id = draft.workspace.value,
                           .channel = draft.made.channel,
                           .rendered = render_(part.message),
                           .thread_of = is_reply ? delivery_key(draft.made.id, 0) : std::string()});
  const std::set<UserId> people(part.people.begin(), part.people.end());
  for (MemberOutcome& member : draft.outcomes) {
    if (people.contains(member.user)) {
      member.message = message;
    }
  }
}

}  // namespace bb::github_activity

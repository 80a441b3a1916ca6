#include "features/github_activity/summary.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <set>
#include <tuple>

#include "base/json.hpp"
#include "base/text.hpp"
#include "features/github_activity/digest.hpp"

namespace bb::github_activity {
namespace {

constexpr std::size_t most_summaries = 2;  // at a time: each may wait long for GitHub

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
    const boost::json::object payload = {{"channel", channel}};
    // Without a unique key enqueue always makes a job.
    return queue_
        .enqueue(connection, {.kind = "github.summary",
                              .payload = boost::json::serialize(payload),
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
          .most_running = most_summaries};
}

Result<jobs::Outcome> Summary::post(const jobs::Job& job, chat::Platform& platform) {
  const Result<boost::json::value> payload = json::parse(job.payload);
  if (!payload) {
    return fail(payload.error());
  }
  const Result<std::string> wanted = json::required_string(*payload, "channel");
  if (!wanted) {
    return fail(wanted.error());
  }
  const Result<chat::Channel> channel = platform.find_channel(*wanted);
  if (!channel) {
    return fail(channel.error());
  }
  const Result<std::vector<UserId>> present = platform.members(channel->id);
  if (!present) {
    return fail(present.error().within("reading the members of the channel"));
  }

  const std::set<UserId> in_channel(present->begin(), present->end());
  const auto github_ids = database_.read([&](storage::Connection& connection) {
    std::vector<std::int64_t> ids;
    for (const LinkedMember& member : linked_members(connection, {job.workspace_id})) {
      if (reason_to_skip(member, in_channel, settings_.zone).empty()) {
        ids.push_back(member.account.id);
      }
    }
    return ids;
  });
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

  Draft draft = database_.read([&](storage::Connection& connection) {
    const WorkspaceId workspace{job.workspace_id};
    Draft made{.workspace = workspace,
               .made = {.id = job.id.value, .channel = channel->id, .window = {}},
               .members = linked_members(connection, workspace)};
    made.parts = render_parts(compose(connection, made, in_channel, clock_.now()));
    return made;
  });
  if (!commit(draft)) {
    return jobs::Outcome(jobs::RunAgain{clock_.now()});
  }
  queue_.report_progress(
      job, count_of(draft.active, "active member", "active members") + " of " +
               count_of(github_ids.size(), "linked member", "linked members") + " in " +
               count_of(draft.parts.size(), "message", "messages") +
               (counts.failed == 0 ? "" : "; GitHub failed for " + std::to_string(counts.failed)));
  return jobs::Outcome(jobs::Done{});
}

// One person after the other, so that thousands need no more memory than what is shown of them.
Digest Summary::compose(storage::Connection& connection, Draft& draft,
                        const std::set<UserId>& present, TimePoint now) {
  draft.windows = next_windows(connection, draft.workspace, draft.made.channel, now);
  draft.made.window = draft.windows.digest.window;
  Composer composer(draft.made.window, settings_.zone, kinds_of(connection, draft.workspace));
  for (const LinkedMember& member : draft.members) {
    MemberOutcome told{.user = member.user, .login = member.account.login};
    told.outcome = reason_to_skip(member, present, settings_.zone);
    if (told.outcome.empty()) {
      Loaded loaded =
          load_person(connection, draft.workspace, member, draft.windows.of(member.user));
      std::ranges::move(loaded.just_stored, std::back_inserter(draft.just_stored));
      if (settings_.pictures) {
        loaded.person.avatar_url = avatar_url(member);
      }
      const Outcome outcome = composer.add(loaded.person);
      const bool is_shown = outcome.count(Fate::shown) > 0;
      draft.active += is_shown ? 1 : 0;
      told.outcome =
          is_shown ? std::string(shown) : reason_for_nothing(member, outcome, settings_.zone);
      told.detail = to_text(outcome);
    }
    draft.outcomes.push_back(std::move(told));
  }
  return std::move(composer).finish();
}

bool Summary::commit(Draft& draft) {
  return database_.write([&](storage::Connection& connection) {
    if (outbox_.contains(connection, delivery_key(draft.made.id, 0))) {
      return true;  // an earlier attempt died after its commit
    }
    if (!std::ranges::equal(linked_members(connection, draft.workspace), draft.members,
                            is_same_wish)) {
      return false;  // nobody who said disconnect, pause or hide meanwhile is shown
    }
    if (next_windows(connection, draft.workspace, draft.made.channel, made_at(draft.made.window)) !=
        draft.windows) {
      return false;  // an earlier digest was posted after all, or could not be
    }
    enqueue(connection, draft);
    return true;
  });
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

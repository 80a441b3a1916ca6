#include "features/github_activity/summary.hpp"

#include <boost/json.hpp>

#include "base/json.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "features/github_activity/accounts.hpp"
#include "features/github_activity/digest.hpp"

namespace bb::github_activity {
namespace {

constexpr std::chrono::hours window_length(24);

std::vector<github::Event> activity_of(storage::Connection& connection,
                                       const github::Account& account, const Window& window) {
  std::vector<github::Event> events;
  for (const storage::Row& row : connection.query(
           "SELECT event_id, type, repo, facts, created_at FROM activity WHERE github_id = $1 AND "
           "created_at >= $2 AND created_at < $3 ORDER BY created_at, event_id",
           {account.id, window.since, window.until})) {
    Result<github::Facts> facts = github::parse_facts(row.text(3));
    if (!facts) {
      log::warning("activity_unreadable", {{"event_id", row.text(0)}});
      continue;
    }
    events.push_back({.id = row.text(0),
                      .type = row.text(1),
                      .login = account.login,
                      .actor_id = account.id,
                      .repo = row.text(2),
                      .created_at = row.time(4),
                      .facts = *std::move(facts)});
  }
  return events;
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
          }};
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
  const Result<std::vector<UserId>> members = platform.members(channel->id);
  if (!members) {
    return fail(members.error().within("reading the members of the channel"));
  }
  const WorkspaceId workspace{job.workspace_id};
  const auto read_accounts = [&] {
    return database_.read([&](storage::Connection& connection) {
      return linked_accounts(connection, workspace, *members);
    });
  };

  std::vector<std::int64_t> github_ids;
  for (const LinkedAccount& linked : read_accounts()) {
    github_ids.push_back(linked.account.id);
  }
  queue_.report_progress(
      job, "asking GitHub about " + count_of(github_ids.size(), "linked member", "linked members"));
  const PollCounts counts = polling_.poll(github_ids);
  if (counts.broken_off) {
    return jobs::Outcome(jobs::RunAgain{clock_.now()});
  }

  // Up to and including this millisecond, so that what was polled just now counts.
  const TimePoint until = clock_.now() + std::chrono::milliseconds(1);
  const Window window{.since = until - window_length, .until = until};
  std::vector<Person> people;
  // Read again: polling may have followed a renamed login, and a member may have left meanwhile.
  const std::vector<LinkedAccount> accounts = read_accounts();
  database_.read([&](storage::Connection& connection) {
    for (const LinkedAccount& linked : accounts) {
      people.push_back({.login = linked.account.login,
                        .user = linked.user,
                        .events = activity_of(connection, linked.account, window)});
    }
  });
  const Digest digest = compose(std::move(people), window, zone_);
  const std::vector<chat::Message> messages = render(digest);
  const bool is_current = database_.write([&](storage::Connection& connection) {
    if (outbox_.contains(connection, delivery_prefix(job.id) + "0")) {
      return true;  // an earlier attempt died after its commit
    }
    if (linked_accounts(connection, workspace, *members) != accounts) {
      return false;  // somebody left or came meanwhile: nobody who said disconnect is shown
    }
    for (std::size_t i = 0; i < messages.size(); ++i) {
      outbox_.add(connection, {.idempotency_key = delivery_prefix(job.id) + std::to_string(i),
                               .workspace_id = job.workspace_id,
                               .channel = channel->id,
                               .rendered = render_(messages[i])});
    }
    return true;
  });
  if (!is_current) {
    return jobs::Outcome(jobs::RunAgain{clock_.now()});
  }
  queue_.report_progress(
      job, count_of(digest.sections.size(), "active member", "active members") + " of " +
               count_of(accounts.size(), "linked member", "linked members") + " in " +
               count_of(messages.size(), "message", "messages") +
               (counts.failed == 0 ? "" : "; GitHub failed for " + std::to_string(counts.failed)));
  return jobs::Outcome(jobs::Done{});
}

}  // namespace bb::github_activity

// Measures polling and digests in this process alone, for bench/run.sh:
//   github_activity polling FOLDER MEMBERS CONCURRENCY
//     two rounds against the simulated GitHub in another process, all events new and then none:
//     for each wall seconds and CPU microseconds per member, then octets per answer
//   github_activity prepare FILE       a database of 4,000 members and 100,000 activities a day, of
//   a week github_activity render FILE        the digest of its last day: CPU seconds, messages,
//   activities
#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <iostream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

#include "bench/child.hpp"
#include "chat/slack/render.hpp"
#include "crypto/crypto.hpp"
#include "features/github_activity/history.hpp"
#include "features/github_activity/people.hpp"
#include "features/github_activity/polling.hpp"
#include "http/client.hpp"
#include "jobs/outbox.hpp"
#include "jobs/queue.hpp"
#include "sim/github.hpp"
#include "storage/migrations.hpp"

namespace bb::github_activity {
namespace {

using Time = std::chrono::steady_clock;

constexpr std::chrono::milliseconds latency(50);
constexpr int events_each = 30;
constexpr std::int64_t members_of_digest = 4'000;
constexpr std::int64_t activities_of_digest = 100'000;
constexpr std::int64_t days_of_digest = 7;  // late activity reaches so far back
const WorkspaceId workspace{"bench"};

std::string login_of(std::int64_t id) {
  return "member-" + std::to_string(id);
}

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

std::unique_ptr<storage::Database> open_database(const std::string& file, const Clock& clock) {
  auto database = storage::open("sqlite:" + file);
  if (!database || !storage::migrate(**database, storage::migrations(), clock)) {
    throw std::runtime_error("the database cannot be made");
  }
  return *std::move(database);
}

void link_members(storage::Database& database, std::int64_t count, TimePoint now) {
  database.write([&](storage::Connection& connection) {
    for (std::int64_t id = 1; id <= count; ++id) {
      connection.execute(
          "INSERT INTO github_account (workspace_id, user_id, dm_channel, github_id, login, "
          "linked_at) VALUES ($1, $2, $3, $4, $5, $6)",
          {workspace, "U" + std::to_string(id), "D" + std::to_string(id), id, login_of(id),
           now - std::chrono::hours(1'000)});
      connection.execute(
          "INSERT INTO poll_state (github_id, etag, next_poll_at, allowed_at, failures, error) "
          "VALUES ($1, '', $2, $3, 0, '')",
          {id, now, now});
    }
  });
}

// A comment as long as they are on average makes an event of about 2.3 KB.
sim::EventData some_event(std::int64_t member, int number) {
  const std::string repo =
      "owner-" + std::to_string(member % 50) + "/project-" + std::to_string(number % 7);
  switch (number % 5) {
    case 0:
      return sim::push(repo, "main", number);
    case 1:
      return sim::star(repo);
    case 2:
      return sim::pull_request_opened(repo, number);
    default: {
      sim::EventData comment =
          sim::issue_comment(repo, number, "An issue with a title of usual length");
      const std::string body = R"("body":")";
      const std::size_t at = comment.payload.rfind(body);
      if (at != std::string::npos) {
        comment.payload.insert(at + body.size(), std::string(2'500, 'x'));
      }
      return comment;
    }
  }
}

// The simulated GitHub; tells its address and a token.
void serve_github(std::int64_t members, const bench::Fork::Tell& tell) {
  const SystemClock clock;
  SystemRandom random;
  const auto github = sim::GitHub::start(
      clock, random, {.authenticated_limit = 10 * members + 1'000, .latency = latency});
  if (!github) {
    throw std::runtime_error(github.error().message);
  }
  for (std::int64_t id = 1; id <= members; ++id) {
    (*github)->add_user(id, login_of(id));
    for (int number = 0; number < events_each; ++number) {
      (*github)->add_event(login_of(id), some_event(id, number),
                           clock.now() - std::chrono::minutes(number));
    }
  }
  tell((*github)->api_url() + " " + (*github)->add_token(login_of(1)).reveal());
}

int measure_polling(const std::string& folder, std::int64_t members, std::size_t concurrency) {
  const bench::Fork other(
      [members](const bench::Fork::Tell& tell) { serve_github(members, tell); });
  const std::size_t space = other.told().find(' ');
  const std::string api_url = other.told().substr(0, space);
  const std::string token = other.told().substr(space + 1);
  VirtualClock clock(SystemClock().now());
  SystemRandom random;
  const auto database = open_database(folder + "/polling.db", clock);
  link_members(*database, members, clock.now());
  const auto client = http::make_curl_client({.user_agent = "busy-beaver bench"});
  github::Api api(*client, clock,
                  {.api_url = api_url, .web_url = api_url, .tokens = {Secret(token)}});
  const crypto::Sealer sealer(Secret("a key for the benchmark"), random);
  jobs::Queue queue(*database, clock, random);
  jobs::Outbox outbox(*database, queue, clock, random, sealer);
  github_activity::Polling polling(*database, queue, outbox, api, clock,
                                   {.concurrency = concurrency,
                                    .render = &chat::slack::render,
                                    .is_stopping = [] { return false; },
                                    .budget = [&] { return api.budget(); }});
  std::vector<std::int64_t> ids;
  for (std::int64_t id = 1; id <= members; ++id) {
    ids.push_back(id);
  }
  std::size_t expected = static_cast<std::size_t>(members) * events_each;
  bool good = true;
  for (int round = 0; round < 2; ++round) {
    const double cpu = cpu_seconds();
    const Time::time_point begin = Time::now();
    const auto counts = polling.poll(ids);
    const std::chrono::duration<double> wall = Time::now() - begin;
    good =
        good && counts.failed == 0 && counts.polled == ids.size() && counts.new_events == expected;
    std::cout << wall.count() << " " << (cpu_seconds() - cpu) * 1e6 / static_cast<double>(members)
              << " ";
    expected = 0;
    clock.advance(std::chrono::minutes(10));
  }
  const auto answer =
      client->send({.url = api_url + "/users/" + login_of(1) + "/events/public?per_page=100",
                    .headers = {{"Authorization", "Bearer " + token}}});
  std::cout << (answer ? answer->body.size() : 0) << "\n";
  return good ? 0 : 1;
}

int prepare_digest(const std::string& file) {
  const SystemClock clock;
  const TimePoint now = clock.now();
  const auto database = open_database(file, clock);
  link_members(*database, members_of_digest, now);
  static constexpr std::array<std::string_view, 6> types = {
      "PushEvent",   "WatchEvent",   "PullRequestEvent",
      "IssuesEvent", "ReleaseEvent", "PullRequestReviewEvent"};
  static constexpr std::array<std::string_view, 6> actions = {"",       "started",   "opened",
                                                              "opened", "published", "created"};
  database->write([&](storage::Connection& connection) {
    github_activity::record(
        connection, workspace,
        {.id = "previous",
         .channel = {"C1"},
         .window = {.since = now - std::chrono::hours(48), .until = now - std::chrono::hours(24)}});
    for (std::int64_t i = 0; i < days_of_digest * activities_of_digest; ++i) {
      // Some do much and most do little: every other activity is of one of 100 people.
      const std::int64_t member = i % 2 == 0 ? 1 + i / 2 % 100 : 1 + i * 7'919 % members_of_digest;
      const auto kind = static_cast<std::size_t>(i % 6);
      const github::Facts facts{
          .action = std::string(actions[kind]),
          .ref = "main",
          .number = i,
          .title = "A title as people write them, of about sixty letters",
          .url = "https://github.com/owner/project/issues/" + std::to_string(i),
          .name = "v1." + std::to_string(i),
          .commits = 3};
      connection.execute(
          "INSERT INTO activity (event_id, github_id, type, repo, facts, created_at, stored_at) "
          "VALUES ($1, $2, $3, $4, $5, $6, $7)",
          {std::to_string(50'000'000'000 + i), member, types[kind],
           "owner-" + std::to_string(i % 90) + "/project-" + std::to_string(i % 1'000),
           github::to_json(facts), now - std::chrono::milliseconds(i * 864),
           now - std::chrono::milliseconds(i * 864) + std::chrono::minutes(10)});
    }
  });
  return 0;
}

// As a summary does it: one person after the other, then all messages into the outbox at once.
int render_digest(const std::string& file) {
  const SystemClock clock;
  SeededRandom random(1);
  const auto database = open_database(file, clock);
  jobs::Queue queue(*database, clock, random);
  const crypto::Sealer sealer(Secret("0123456789abcdef"), random);
  jobs::Outbox outbox(*database, queue, clock, random, sealer);
  const double cpu = cpu_seconds();
  const ChannelId channel{"C1"};
  const std::string id = new_id(clock, random);
  std::vector<MemberOutcome> outcomes;
  std::vector<std::string> just_stored;
  std::vector<Part> parts;
  std::size_t shown = 0;
  PastDigest made{.id = id, .channel = channel, .window = {}};
  database->read([&](storage::Connection& connection) {
    const NextWindows windows = next_windows(connection, workspace, channel, clock.now());
    made.window = windows.digest.window;
    Composer composer(made.window, TimeZone::utc());
    for (const LinkedMember& member : linked_members(connection, workspace)) {
      Loaded loaded = load_person(connection, workspace, member, windows.of(member.user));
      std::ranges::move(loaded.just_stored, std::back_inserter(just_stored));
      loaded.person.avatar_url = "https://avatars.githubusercontent.com/u/1?s=96";
      const Outcome outcome = composer.add(loaded.person);
      shown += outcome.count(Fate::shown);
      outcomes.push_back({.user = member.user,
                          .login = member.account.login,
                          .outcome = "shown",
                          .detail = to_text(outcome)});
    }
    parts = render_parts(std::move(composer).finish(), {.length = &chat::slack::length});
  });
  database->write([&](storage::Connection& connection) {
    for (std::size_t i = 0; i < parts.size(); ++i) {
      outbox.add(connection, {.idempotency_key = delivery_key(id, i),
                              .workspace_id = workspace.value,
                              .channel = channel,
                              .rendered = chat::slack::render(parts[i].message)});
    }
    record(connection, workspace, made);
    record_people(connection, id, outcomes, just_stored);
  });
  std::cout << cpu_seconds() - cpu << " " << parts.size() << " " << shown << "\n";
  return 0;
}

}  // namespace
}  // namespace bb::github_activity

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  try {
    if (arguments.size() == 4 && arguments[0] == "polling") {
      return bb::github_activity::measure_polling(arguments[1], std::stol(arguments[2]),
                                                  std::stoul(arguments[3]));
    }
    if (arguments.size() == 2 && arguments[0] == "prepare") {
      return bb::github_activity::prepare_digest(arguments[1]);
    }
    if (arguments.size() == 2 && arguments[0] == "render") {
      return bb::github_activity::render_digest(arguments[1]);
    }
  } catch (const std::exception& error) {
    std::cerr << "github_activity: " << error.what() << "\n";
    return 1;
  }
  std::cerr << "usage: github_activity polling FOLDER MEMBERS CONCURRENCY | prepare FILE | render "
               "FILE\n";
  return 2;
}

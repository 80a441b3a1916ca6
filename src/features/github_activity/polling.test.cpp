#include "features/github_activity/polling.hpp"

#include "features/github_activity/world.test.hpp"

namespace bb::github_activity {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

const std::string ada_events = "/users/ada/events/public";

// One event of Ada, an hour before the world's clock starts; unchanged from then on.
Result<http::Response> one_event(const std::string& path, const http::ClientRequest& request) {
  if (path == ada_events) {
    return request.headers.find("If-None-Match")
               ? answer_of(304)
               : answer_of(200,
                           "[" + event_json("1", 1, "WatchEvent", "2026-11-20T17:00:00Z") + "]");
  }
  return answer_of(404);
}

}  // namespace

TEST_CASE("a linked account is polled and its next poll follows its activity") {
  World world;
  world.client.answer = one_event;
  world.link("UADA", 1, "ada");
  REQUIRE(world.run());
  CHECK(world.row("SELECT count(*) FROM activity").integer(0) == 1);
  CHECK(world.next_poll(1) == world.clock.now() + spread(minutes(5), 1));
  const storage::Row state =
      world.row("SELECT observed_since, poll_interval, etag FROM poll_state");
  CHECK(state.time(0) == world.clock.now());
  CHECK(state.integer(1) == 300'000);
  CHECK_FALSE(state.text(2).empty());

  world.clock.advance(minutes(10));
  REQUIRE(world.run());
  CHECK(world.client.paths.size() == 2);
  CHECK(world.next_poll(1) == world.clock.now() + spread(minutes(15), 1));
  CHECK(world.polling.figures().totals == PollTotals{.unchanged = 1, .answered = 1, .events = 1});
  CHECK(world.row("SELECT observed_since FROM poll_state").time(0) < world.clock.now());
}

TEST_CASE("nobody is asked sooner than X-Poll-Interval allows") {
  World world;
  world.client.answer = [](const std::string&, const http::ClientRequest&) {
    return answer_of(200, "[]", {{"X-Poll-Interval", "72000"}});
  };
  world.link("UADA", 1, "ada");
  REQUIRE(world.run());
  CHECK(world.next_poll(1) == world.clock.now() + hours(20));
  world.clock.advance(hours(19));
  const std::int64_t ids[] = {1};
  CHECK(world.polling.poll(ids).polled == 0);
}

TEST_CASE("intervals are stretched when the rate limit does not suffice") {
  World world;
  world.budget = budget_of(15, 0);
  world.client.answer = one_event;
  world.link("UADA", 1, "ada");
  REQUIRE(world.run());
  CHECK(world.polling.figures().stretch == 1);
  world.clock.advance(minutes(10));
  REQUIRE(world.run());  // 12 polls an hour would be wanted, 4 fifths of 15 suffice for 12
  CHECK(world.polling.figures().stretch == doctest::Approx(1));
  world.budget.limit = 1;
  world.clock.advance(minutes(20));
  REQUIRE(world.run());
  CHECK(world.polling.figures().stretch == doctest::Approx(5));  // 4 wanted, 0.8 possible
  CHECK(world.next_poll(1) == world.clock.now() + spread(minutes(75), 1));
}

TEST_CASE("requests that the end of the service breaks off are no failures") {
  World world;
  world.client.answer = one_event;
  world.link("UADA", 1, "ada");
  world.link("UBEN", 2, "ben");
  world.client.stop();
  const auto outcome = world.run();
  REQUIRE(outcome);
  CHECK(std::holds_alternative<jobs::RunAgain>(*outcome));
  for (const storage::Row& row :
       world.rows("SELECT failures, error, next_poll_at, gone_since FROM poll_state")) {
    CHECK(row.integer(0) == 0);
    CHECK(row.text(1).empty());
    CHECK(row.time(2) <= world.clock.now());
    CHECK(row.is_null(3));
  }
  CHECK(world.polling.figures().totals == PollTotals{});
  world.client.stopped = false;
  REQUIRE(world.run());
  CHECK(world.row("SELECT count(*) FROM activity").integer(0) == 1);
}

TEST_CASE("one account that fails backs off alone") {
  World world;
  world.client.answer = [](const std::string& path, const http::ClientRequest& request) {
    return path == ada_events ? one_event(path, request) : answer_of(200, "no JSON");
  };
  world.link("UADA", 1, "ada");
  world.link("UBEN", 2, "ben");
  REQUIRE(world.run());
  CHECK(world.next_poll(2) == world.clock.now() + minutes(1));
  world.clock.advance(minutes(1));
  REQUIRE(world.run());
  CHECK(world.next_poll(2) == world.clock.now() + minutes(2));
  const storage::Row ada = world.row("SELECT failures FROM poll_state WHERE github_id = 1");
  CHECK(ada.integer(0) == 0);
}

TEST_CASE("a rate limit is nobodys failure and GitHub is left alone until it ends") {
  World world;
  world.client.answer = [](const std::string&, const http::ClientRequest&) {
    return answer_of(429, "{}", {{"Retry-After", "600"}});
  };
  world.link("UADA", 1, "ada");
  REQUIRE(world.run());
  CHECK(world.row("SELECT failures FROM poll_state").integer(0) == 0);
  CHECK(world.next_poll(1) == world.clock.now() + minutes(10));
  const std::size_t asked = world.client.paths.size();
  world.link("UBEN", 2, "ben");
  CHECK_FALSE(world.polling.enqueue_if_due());
  REQUIRE(world.run());
  const std::int64_t ids[] = {2};
  CHECK(world.polling.poll(ids).failed == 1);
  CHECK(world.client.paths.size() == asked);
  world.clock.advance(minutes(10));
  world.client.answer = one_event;
  CHECK(world.polling.enqueue_if_due());
  REQUIRE(world.run());
  CHECK(world.client.paths.size() > asked);
}

TEST_CASE("polling for a digest ends in time and leaves who was not asked as they were") {
  World world;
  world.link("UADA", 1, "ada");
  world.link("UBEN", 2, "ben");
  world.link("UCLEO", 3, "cleo");
  world.client.answer = [&](const std::string& path,
                            const http::ClientRequest& request) -> Result<http::Response> {
    if (path == ada_events) {
      world.clock.advance(*request.total_time);
      return fail(ErrorCode::uncertain, "time-out");
    }
    return one_event(path, request);
  };
  const std::int64_t ids[] = {1, 2, 3};
  const PollCounts counts =
      world.polling.poll(ids, world.clock.now() + std::chrono::milliseconds(10));
  CHECK(counts.failed == 1);
  CHECK(counts.late == 2);
  for (const storage::Row& row :
       world.rows("SELECT error, failures, polled_at FROM poll_state WHERE github_id > 1")) {
    CHECK(row.text(0).empty());
    CHECK(row.integer(1) == 0);
    CHECK_FALSE(row.optional_time(2));
  }
  CHECK(world.polling.poll(ids, world.clock.now() + minutes(1)).late == 0);
}

TEST_CASE("polling goes on as soon as a short limit ends") {
  World world;
  world.client.answer = [](const std::string&, const http::ClientRequest&) {
    return answer_of(429, "{}", {{"Retry-After", "5"}});
  };
  world.link("UADA", 1, "ada");
  world.clock.advance(std::chrono::seconds(1));
  REQUIRE(world.polling.enqueue_if_due());
  REQUIRE(world.run());
  CHECK_FALSE(world.polling.enqueue_if_due());
  world.clock.advance(std::chrono::seconds(5));
  CHECK(world.polling.enqueue_if_due());
}

TEST_CASE("an account is not polled while everyone who linked it pauses") {
  World world;
  world.client.answer = one_event;
  world.link("UADA", 1, "ada");
  world.link("UTWIN", 1, "ada");
  const auto pause = [&](const std::string& user, std::optional<TimePoint> at) {
    world.database->write([&](storage::Connection& connection) {
      connection.execute("UPDATE github_account SET paused_at = $1 WHERE user_id = $2", {at, user});
      at ? Polling::pause_if_unwanted(connection, 1)
         : Polling::resume(connection, world.queue, 1, world.clock.now());
    });
  };
  pause("UADA", world.clock.now());
  REQUIRE(world.run());
  CHECK(world.client.paths.size() == 1);
  pause("UTWIN", world.clock.now());
  CHECK(world.next_poll(1) == never);
  world.clock.advance(hours(1'000));
  CHECK_FALSE(world.polling.enqueue_if_due());
  const std::int64_t ids[] = {1};
  CHECK(world.polling.poll(ids).polled == 0);
  pause("UADA", std::nullopt);
  CHECK(world.next_poll(1) == world.clock.now());
  REQUIRE(world.run());
  CHECK(world.client.paths.size() == 2);
}

TEST_CASE("nothing is stored about somebody who paused while GitHub was asked") {
  World world;
  world.client.answer = [&](const std::string& path, const http::ClientRequest& request) {
    world.execute("UPDATE github_account SET paused_at = 1");
    return one_event(path, request);
  };
  world.link("UADA", 1, "ada");
  REQUIRE(world.run());
  CHECK(world.row("SELECT count(*) FROM activity").integer(0) == 0);
  world.clock.advance(hours(1));
  REQUIRE(world.run());
  CHECK(world.next_poll(1) == never);
  CHECK(world.client.paths.size() == 1);
}

TEST_CASE("an account that GitHub shows no more is gone and its member told once a day later") {
  World world;
  bool is_there = false;
  world.client.answer = [&](const std::string& path, const http::ClientRequest& request) {
    return is_there ? one_event(path, request) : Result<http::Response>(answer_of(404));
  };
  world.link("UADA", 1, "ada");
  const auto told = [&] { return world.row("SELECT count(*) FROM delivery").integer(0); };
  const TimePoint since = world.clock.now();
  REQUIRE(world.run());
  CHECK(world.row("SELECT gone_since FROM poll_state").time(0) == since);
  CHECK(world.next_poll(1) == since + spread(hours(24), 1));
  world.clock.advance(hours(23));
  const std::int64_t ids[] = {1};
  world.polling.poll(ids);  // before a digest
  CHECK(told() == 0);
  for (int day = 0; day < 3; ++day) {
    world.clock.advance(hours(28));
    REQUIRE(world.run());
    CHECK(told() == 1);
  }
  CHECK(world.row("SELECT gone_since FROM poll_state").time(0) == since);
  CHECK(world.polling.figures().gone == 1);
  const storage::Row delivery =
      world.row("SELECT channel, subject, audience, workspace_id FROM delivery");
  CHECK(delivery.text(0) == "DUADA");
  CHECK(delivery.text(1) == "UADA");
  CHECK(delivery.text(2) == "person");
  CHECK(delivery.text(3) == "W1");

  is_there = true;
  world.clock.advance(hours(28));
  REQUIRE(world.run());
  const storage::Row state = world.row("SELECT gone_since, gone_told_at, failures FROM poll_state");
  CHECK(state.is_null(0));
  CHECK(state.is_null(1));
  CHECK(state.integer(2) == 0);
  CHECK(world.polling.figures().gone == 0);
}

TEST_CASE("nobody is gone because GitHub or a proxy allows us nothing") {
  World world;
  world.client.answer = [&](const std::string&, const http::ClientRequest&) {
    return answer_of(403, "{}", {{"x-ratelimit-remaining", "4000"}});
  };
  world.link("UADA", 1, "ada");
  REQUIRE(world.run());
  world.clock.advance(hours(48));
  REQUIRE(world.run());
  CHECK(world.row("SELECT gone_since FROM poll_state").is_null(0));
  CHECK(world.row("SELECT count(*) FROM delivery").integer(0) == 0);
  CHECK(world.row("SELECT error FROM poll_state").text(0).find("HTTP 403") != std::string::npos);
}

TEST_CASE("many accounts that vanish within a day are an outage and nobody is told") {
  World world;
  bool is_lost = false;
  world.client.answer = [&](const std::string& path, const http::ClientRequest&) {
    return !is_lost || path.find("/user-1/") != std::string::npos ? answer_of(200, "[]")
                                                                  : answer_of(404);
  };
  for (int i = 1; i <= 40; ++i) {
    world.link("U" + std::to_string(i), i, "user-" + std::to_string(i));
  }
  REQUIRE(world.run());
  is_lost = true;
  for (int day = 0; day < 4; ++day) {
    world.clock.advance(hours(28));
    REQUIRE(world.run());
  }
  CHECK(world.row("SELECT count(*) FROM poll_state WHERE gone_since IS NOT NULL").integer(0) == 0);
  CHECK(world.row("SELECT count(*) FROM delivery").integer(0) == 0);
  CHECK(world.row("SELECT count(*) FROM poll_state WHERE error = ''").integer(0) == 1);
}

TEST_CASE("a few accounts among many that vanish are gone") {
  World world;
  world.client.answer = [&](const std::string& path, const http::ClientRequest&) {
    return path.find("/user-4") != std::string::npos || path.starts_with("/user/")
               ? answer_of(404)
               : answer_of(200, "[]");
  };
  for (int i = 1; i <= 45; ++i) {
    world.link("U" + std::to_string(i), i, "user-" + std::to_string(i));
  }
  REQUIRE(world.run());
  CHECK(world.row("SELECT count(*) FROM poll_state WHERE gone_since IS NOT NULL").integer(0) == 7);
}

TEST_CASE("an account of which GitHub hides the events is not gone") {
  World world;
  world.client.answer = [&](const std::string& path, const http::ClientRequest&) {
    return path == "/user/2" ? answer_of(200, R"({"id":2,"login":"ben"})")
                             : answer_of(403, "{}", {{"x-ratelimit-remaining", "4000"}});
  };
  world.link("UBEN", 2, "ben");
  REQUIRE(world.run());
  CHECK(world.row("SELECT gone_since FROM poll_state WHERE github_id = 2").is_null(0));
  CHECK(world.next_poll(2) == world.clock.now() + hours(6));
}

TEST_CASE("an account is not gone while its numeric id cannot be looked up") {
  World world;
  world.client.answer = [&](const std::string& path, const http::ClientRequest&) {
    return answer_of(path == "/user/1" ? 500 : 404);
  };
  world.link("UADA", 1, "ada");
  REQUIRE(world.run());
  CHECK(world.row("SELECT gone_since FROM poll_state").is_null(0));
  CHECK(world.next_poll(1) <= world.clock.now() + minutes(15));
}

TEST_CASE("a renamed account is followed when somebody else has its login and did nothing yet") {
  World world;
  world.client.answer = one_event;
  world.link("UADA", 1, "ada");
  REQUIRE(world.run());
  world.client.answer = [](const std::string& path, const http::ClientRequest&) {
    return path == ada_events ? answer_of(200, "[]")
           : path == "/user/1"
               ? answer_of(200, R"({"id":1,"login":"ada-lovelace"})")
               : answer_of(200,
                           "[" + event_json("2", 1, "PushEvent", "2026-11-20T18:05:00Z") + "]");
  };
  world.clock.advance(minutes(10));
  REQUIRE(world.run());
  CHECK(world.row("SELECT login FROM github_account").text(0) == "ada-lovelace");
  CHECK(world.client.paths.back() == "/users/ada-lovelace/events/public");
  CHECK(world.row("SELECT count(*) FROM activity").integer(0) == 2);
}

TEST_CASE("the events of whoever took over a login are not stored") {
  World world;
  world.client.answer = [](const std::string& path, const http::ClientRequest&) {
    return path == ada_events
               ? answer_of(200,
                           "[" + event_json("5", 99, "PushEvent", "2026-11-20T17:00:00Z") + "]")
               : answer_of(404);
  };
  world.link("UADA", 1, "ada");
  REQUIRE(world.run());
  CHECK(world.row("SELECT count(*) FROM activity").integer(0) == 0);
  CHECK_FALSE(world.row("SELECT gone_since FROM poll_state").is_null(0));
}

TEST_CASE("many answers are stored together and none is lost") {
  World world;
  world.client.answer = [](const std::string& path, const http::ClientRequest&) {
    const std::string number = path.substr(12, path.find('/', 8) - 12);
    return answer_of(
        200,
        "[" + event_json(number, std::stoll(number), "WatchEvent", "2026-11-20T17:00:00Z") + "]");
  };
  for (int i = 1; i <= 120; ++i) {
    world.link("U" + std::to_string(i), i, "user-" + std::to_string(i));
  }
  REQUIRE(world.run());
  CHECK(world.row("SELECT count(*) FROM activity").integer(0) == 120);
  CHECK(world.row("SELECT count(*) FROM poll_state WHERE etag = ''").integer(0) == 0);
  CHECK(world.polling.figures().linked == 120);
  CHECK(world.polling.figures().due == 0);
}

}  // namespace bb::github_activity

// Digests that are posted by themselves: what organizers say, what the days bring, and what happens
// when the service is not there for a while.
#include <boost/json.hpp>
#include <sstream>

#include "app/schedule_commands.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "tests/scenario/world.hpp"

namespace bb::tests {
namespace {

constexpr std::chrono::hours hour(1);

TimePoint at(std::string_view text) {
  return parse_rfc3339(text).value();
}

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// An admin, and a service that starts on Friday, November 20 at noon in Chicago.
struct ScheduleWorld : World {
  ScheduleWorld() {
    olga = slack->add_user("Olga");
    slack->make_admin(olga);
  }

  [[nodiscard]] std::string link() const { return "<#" + general + "|general>"; }

  // The time goes on to `time`; the service looks at it at every tenth minute of an hour.
  void run_until(TimePoint time) {
    constexpr std::chrono::minutes step(10);
    while (clock.now() < time) {
      clock.advance(step - clock.now().time_since_epoch() % step);
      app->tick();
      app->run_due();
    }
  }

  // When digests were posted to #general.
  [[nodiscard]] std::vector<std::string> posted_at() const {
    std::vector<std::string> times;
    for (const sim::SlackMessage& message : slack->messages(general)) {
      const auto seconds = parse_integer(message.ts.substr(0, message.ts.find('.'))).value();
      times.push_back(format_rfc3339(TimePoint(std::chrono::seconds(seconds))));
    }
    return times;
  }

  // Of the command line, at the time of the world.
  std::string list(app::ScheduleOptions options = {}) {
    std::ostringstream out;
    std::ostringstream err;
    auto database = storage::open(config.database_uri).value();
    CHECK(app::list_schedules(*database, options, clock, out, err) == 0);
    return out.str() + err.str();
  }

  std::string olga;
};

using Times = std::vector<std::string>;

}  // namespace

TEST_CASE("an admin schedules a digest in a direct message and it is posted every day") {
  ScheduleWorld world;
  const std::string ada = world.add_member("Ada", 1001, "ada-builds");
  world.start();
  world.connect(ada, "ada-builds");
  const std::string told =
      world.say(world.olga, "schedule digest " + world.link() + " 19:00 America/Chicago mon-fri");
  CHECK(has(told, "I post the digest in #general at 19:00 (America/Chicago), mon-fri."));
  CHECK(has(told, "The next one: Friday, November 20, 19:00 CST (01:00 UTC)."));
  world.github->add_event("ada-builds", sim::star("fmtlib/fmt"));
  world.run_until(at("2026-11-25T00:00:00Z"));
  CHECK((world.posted_at() ==
         Times{"2026-11-21T01:00:00Z", "2026-11-21T01:10:00Z", "2026-11-24T01:00:00Z"}));
  const auto messages = world.slack->messages(world.general);
  CHECK(has(messages[0].text, "GitHub activity, Friday, November 20, 2026"));
  CHECK(has(messages[1].blocks, "fmtlib/fmt"));
  const std::string list = world.say(world.olga, "schedule");
  CHECK(has(list,
            "#general: digest at 19:00 (America/Chicago), mon-fri. The next one: Tuesday, "
            "November 24, 19:00 CST (01:00 UTC)."));
  CHECK(has(list, "The last one, Monday, November 23, 19:00 CST (01:00 UTC): posted."));
}

TEST_CASE("a channel that refuses a digest before its post is disabled and its admin told once") {
  struct Refusal {
    const char* method;
    const char* word;
  };
  for (const auto& [method, word] : {Refusal{"conversations.info", "channel_not_found"},
                                     Refusal{"conversations.members", "channel_not_found"},
                                     Refusal{"conversations.members", "is_archived"},
                                     Refusal{"conversations.members", "not_in_channel"},
                                     Refusal{"conversations.members", "missing_scope"}}) {
    CAPTURE(std::string(method));
    CAPTURE(std::string(word));
    ScheduleWorld world;
    world.start();
    world.say(world.olga, "schedule digest " + world.link() + " 19:00 America/Chicago");
    sim::Fault refused = sim::error_word(word);
    refused.times = 1'000;
    world.slack->add_fault(method, refused);
    world.run_until(at("2026-11-22T02:00:00Z"));
    CHECK(world.posted_at().empty());
    CHECK(world.count("disabled_channel") == 1);
    CHECK(has(world.last_answer(world.olga), "I cannot post in #general any more"));
    const auto told = world.slack->dm_messages(world.olga).size();
    world.run_until(at("2026-11-23T02:00:00Z"));
    CHECK(world.slack->dm_messages(world.olga).size() == told);
    CHECK(has(world.list(), "disabled"));
  }
}

TEST_CASE("a digest that is due while the token is refused is posted when it works again") {
  ScheduleWorld world;
  world.start();
  world.say(world.olga, "schedule digest " + world.link() + " 19:00 America/Chicago");
  const auto refuse_token = [&] {
    for (const char* method : {"conversations.info", "auth.test"}) {
      sim::Fault dead = sim::error_word("invalid_auth");
      dead.times = 1'000;
      world.slack->add_fault(method, dead);
    }
  };
  refuse_token();
  world.run_until(at("2026-11-21T03:00:00Z"));
  CHECK(world.posted_at().empty());
  CHECK(world.get("/metrics").body.contains("busy_beaver_workspaces_paused 1\n"));
  world.slack->clear_faults();
  world.run_until(at("2026-11-21T03:30:00Z"));
  CHECK(world.posted_at().size() == 1);
  CHECK(world.get("/metrics").body.contains("busy_beaver_workspaces_paused 0\n"));
  // Too late is too late.
  refuse_token();
  world.run_until(at("2026-11-22T08:00:00Z"));
  world.slack->clear_faults();
  world.run_until(at("2026-11-22T09:00:00Z"));
  CHECK(world.posted_at().size() == 1);
  CHECK(has(world.list(), "more than 6 hours late"));
}

TEST_CASE("only admins may schedule and they hear what was not understood") {
  ScheduleWorld world;
  const std::string ada = world.add_member("Ada", 1001, "ada-builds");
  world.start();
  CHECK(has(world.say(ada, "schedule digest " + world.link() + " 19:00"),
            "is for admins and owners"));
  CHECK(has(world.say(world.olga, "schedule"), "Nothing is scheduled yet."));
  CHECK(has(world.say(world.olga, "schedule digest 19:00"), "Which channel?"));
  CHECK(has(world.say(world.olga, "schedule digest #nowhere 19:00"), "I see no channel"));
  CHECK(has(world.say(world.olga, "schedule " + world.link()), "At what time?"));
  CHECK(has(world.say(world.olga, "schedule " + world.link() + " 25:00"),
            "I do not know what '25:00' means"));
  CHECK(has(world.say(world.olga, "schedule " + world.link() + " 19:00 America/Springfield"),
            "'America/Springfield' is not a time zone such as America/Chicago. Say"));
  CHECK(has(world.say(world.olga, "schedule " + world.link() + " 7pm 8pm"), "One time"));
  CHECK(has(world.say(world.olga, "schedule off " + world.link()), "there is no such schedule"));
  CHECK(world.count("schedule") == 0);
}

TEST_CASE("a time without a zone is meant in the zone of who says it") {
  ScheduleWorld world;
  world.start();
  CHECK(has(world.say(world.olga, "Schedule the digest in #General at 7 pm on weekdays, please"),
            "I do not know what 'weekdays please' means"));
  CHECK(has(world.say(world.olga, "Schedule the digest in #General at 7 pm on weekdays."),
            "at 19:00 (America/Chicago), mon-fri"));
  CHECK(has(world.say(world.olga, "schedule " + world.link() + " Europe/London"),
            "at 19:00 (Europe/London), mon-fri"));
  CHECK(has(world.say(world.olga, "schedule " + world.link() + " every day 8:30am"),
            "at 08:30 (Europe/London), every day"));
}

TEST_CASE("a channel without the bot is scheduled with the advice to invite it") {
  ScheduleWorld world;
  world.slack->add_channel({.id = "C0RANDOM", .name = "random", .bot_is_member = false});
  world.start();
  CHECK(has(world.say(world.olga, "schedule digest <#C0RANDOM|random> 19:00"),
            "I am not in that channel yet: invite me"));
}

TEST_CASE("the local time stays while clocks change") {
  struct Row {
    const char* start;
    const char* said;
    Times posted;
  };
  const std::vector<Row> rows = {
      {"2026-10-31T12:00:00Z",
       "01:30 America/Chicago",
       {"2026-11-01T06:30:00Z", "2026-11-02T07:30:00Z"}},
      {"2026-03-07T12:00:00Z",
       "02:30 America/Chicago",
       {"2026-03-08T08:00:00Z", "2026-03-09T07:30:00Z"}},
      {"2026-03-28T12:00:00Z",
       "19:00 Europe/London",
       {"2026-03-28T19:00:00Z", "2026-03-29T18:00:00Z"}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.said);
    ScheduleWorld world;
    world.clock.advance(at(row.start) - world.clock.now());
    world.start();
    world.say(world.olga, "schedule digest " + world.link() + " " + row.said);
    world.run_until(at(row.start) + 46 * hour);
    CHECK((world.posted_at() == row.posted));
  }
}

TEST_CASE("after 5 hours without the service a digest comes late and after 7 hours it is skipped") {
  for (const int hours : {5, 7}) {
    CAPTURE(hours);
    ScheduleWorld world;
    world.start();
    world.say(world.olga, "schedule digest " + world.link() + " 19:00 America/Chicago");
    world.app.reset();
    world.clock.advance(at("2026-11-21T01:00:00Z") + hours * hour - world.clock.now());
    world.start();
    world.settle();
    CHECK(world.posted_at().size() == (hours == 5 ? 1U : 0U));
    CHECK(has(world.list(),
              "skipped  Fri 2026-11-20 19:00 CST  2026-11-21T01:00:00Z  more than 6 "
              "hours late") == (hours == 7));
    CHECK(has(world.list(), "last     Fri 2026-11-20 19:00 CST  2026-11-21T01:00:00Z  posted") ==
          (hours == 5));
    world.run_until(at("2026-11-22T02:00:00Z"));
    CHECK(world.posted_at().back() == "2026-11-22T01:00:00Z");
  }
}

TEST_CASE("a service that ends between the slot and its digest posts it once when it is back") {
  for (const int hours : {1, 7}) {
    CAPTURE(hours);
    ScheduleWorld world;
    world.start();
    world.say(world.olga, "schedule digest " + world.link() + " 19:00 America/Chicago");
    world.clock.advance(at("2026-11-21T01:00:00Z") - world.clock.now());
    world.app->tick();
    world.app.reset();
    world.clock.advance(hours * hour);
    world.start();
    world.settle();
    world.settle();
    CHECK(world.posted_at().size() == (hours == 1 ? 1U : 0U));
    CHECK(has(world.list(), "more than 6 hours late") == (hours == 7));
  }
}

TEST_CASE("two services on one database post one digest") {
  ScheduleWorld world;
  world.start();
  world.say(world.olga, "schedule digest " + world.link() + " 19:00 America/Chicago");
  SeededRandom random{77};
  auto second = app::App::start(world.config, world.clock, random).value();
  world.clock.advance(at("2026-11-21T01:00:00Z") - world.clock.now());
  for (int i = 0; i < 30; ++i) {
    second->tick();
    world.app->tick();
    second->run_due();
    world.app->run_due();
    world.clock.advance(std::chrono::seconds(1));
  }
  CHECK(world.posted_at().size() == 1);
}

TEST_CASE("a pause counts until the very moment of posting") {
  ScheduleWorld world;
  world.start();
  world.say(world.olga, "schedule digest " + world.link() + " 19:00 America/Chicago");
  world.clock.advance(at("2026-11-21T01:00:00Z") - world.clock.now());
  world.app->tick();  // the job is there
  app::ScheduleOptions options{.channel = "#general"};
  std::ostringstream out;
  std::ostringstream err;
  auto database = storage::open(world.config.database_uri).value();
  CHECK(app::change_schedule(*database, options, "pause", world.clock, out, err) == 0);
  world.settle();
  CHECK(world.posted_at().empty());
  CHECK(has(world.list(), "set by " + world.olga + ": paused\n"));
  CHECK(has(world.list(), "skipped  Fri 2026-11-20 19:00 CST  2026-11-21T01:00:00Z  paused"));
  CHECK(has(world.say(world.olga, "schedule resume " + world.link()),
            "The next one: Saturday, November 21"));
  world.run_until(at("2026-11-22T02:00:00Z"));
  CHECK((world.posted_at() == Times{"2026-11-22T01:00:00Z"}));
}

TEST_CASE("changes and the end of a schedule count at once") {
  ScheduleWorld world;
  world.start();
  world.say(world.olga, "schedule digest " + world.link() + " 19:00 America/Chicago");
  world.say(world.olga, "schedule " + world.link() + " 13:00");
  world.run_until(at("2026-11-21T02:00:00Z"));
  CHECK((world.posted_at() == Times{"2026-11-20T19:00:00Z"}));
  CHECK(has(world.say(world.olga, "schedule off " + world.link()), "no digest by itself"));
  world.run_until(at("2026-11-23T02:00:00Z"));
  CHECK(world.posted_at().size() == 1);
}

TEST_CASE("while Slack does not answer a scheduled digest waits for it") {
  ScheduleWorld world;
  world.start();
  world.say(world.olga, "schedule digest " + world.link() + " 19:00 America/Chicago");
  sim::Fault down = sim::server_error();
  down.times = 1'000;
  world.slack->add_fault("conversations.members", down);
  world.run_until(at("2026-11-21T05:00:00Z"));
  CHECK(world.posted_at().empty());
  CHECK(has(world.list(), "last     Fri 2026-11-20 19:00 CST  2026-11-21T01:00:00Z  being made: "));
  world.slack->clear_faults();
  world.run_until(at("2026-11-21T06:00:00Z"));
  CHECK(world.posted_at().size() == 1);
}

TEST_CASE("the variables set the schedule of a channel that people cannot change") {
  ScheduleWorld world;
  world.config.digest_schedule = app::DigestSchedule{
      .channel = "#general",
      .timetable = {.time_of_day = 19 * hour, .zone = TimeZone::find("America/Chicago").value()}};
  world.start();
  world.settle();
  CHECK(has(world.list(), "digest in #general (" + world.general +
                              ") at 19:00 America/Chicago, every day, set by DIGEST_CHANNEL\n"));
  for (const char* words : {"20:00", "off", "pause"}) {
    CHECK(has(world.say(world.olga, "schedule " + world.link() + " " + words),
              "this schedule is set by DIGEST_CHANNEL=#general"));
  }
  world.run_until(at("2026-11-21T02:00:00Z"));
  CHECK((world.posted_at() == Times{"2026-11-21T01:00:00Z"}));

  // A start with the same variables in the middle of a downtime does not lose the slot.
  world.clock.advance(at("2026-11-22T03:00:00Z") - world.clock.now());
  world.start();
  world.settle();
  CHECK(world.posted_at().size() == 2);

  world.config.digest_schedule.reset();
  world.start();
  world.settle();
  CHECK(has(world.list(), "Nothing is scheduled yet"));
}

TEST_CASE("a channel that the variables name and the bot does not see yet is tried every hour") {
  ScheduleWorld world;
  world.config.digest_schedule =
      app::DigestSchedule{.channel = "secrets", .timetable = {.time_of_day = 19 * hour}};
  world.start();
  world.settle();
  CHECK(world.count("schedule") == 0);
  world.slack->add_channel({.name = "secrets", .is_private = true});
  world.run_until(world.clock.now() + hour);
  CHECK(world.count("schedule") == 1);
}

TEST_CASE("a list shows the next runs as of a time and as JSON") {
  ScheduleWorld world;
  world.start();
  world.say(world.olga, "schedule digest " + world.link() + " 19:00 America/Chicago mon-fri");
  CHECK(has(world.list({.at = "2026-03-06T18:00:00Z"}),
            "  next     Fri 2026-03-06 19:00 CST  2026-03-07T01:00:00Z  \n"
            "  next     Mon 2026-03-09 19:00 CDT  2026-03-10T00:00:00Z  \n"
            "  next     Tue 2026-03-10 19:00 CDT  2026-03-11T00:00:00Z  \n"));
  world.run_until(at("2026-11-21T02:00:00Z"));
  const auto list = json::parse(world.list({.json = true})).value();
  const auto& schedule = json::array(list, "schedules")->at(0);
  CHECK(json::string(schedule, "timezone") == "America/Chicago");
  CHECK(json::string(schedule, "weekdays") == "mon-fri");
  CHECK(json::boolean(schedule, "enabled") == true);
  CHECK(json::string(schedule, "set_by") == world.olga);
  CHECK(json::string(json::array(schedule, "next")->at(0), "utc") == "2026-11-24T01:00:00Z");
  CHECK(json::string(json::array(schedule, "past")->at(0), "outcome") == "posted");
}

}  // namespace bb::tests

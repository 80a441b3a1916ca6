// What schedules promise, whatever the database.
#include "jobs/schedules.hpp"

#include <doctest/doctest.h>

#include <thread>

#include "jobs/disabled_channels.hpp"
#include "jobs/scheduler.hpp"
#include "storage/migrations.hpp"
#include "tests/databases/fresh_database.hpp"

namespace bb::jobs {
namespace {

constexpr std::chrono::hours hour(1);

const ScheduleKey general = {.workspace = {"w"}, .what = "digest", .channel = {"C1"}};

TimePoint at(std::string_view text) {
  return parse_rfc3339(text).value();
}

Timetable timetable(std::string_view time, std::string_view weekdays = "daily") {
  return {.time_of_day = parse_time_of_day(time).value(),
          .weekdays = parse_weekdays(weekdays).value(),
          .zone = TimeZone::find("America/Chicago").value()};
}

// One process: a connection of its own to the database of the world.
struct Process {
  Process(tests::FreshDatabase& fresh, const Clock& clock, Random& random)
      : database(fresh.open()),
        queue(*database, clock, random),
        scheduler(*database, queue, clock, {{.what = "digest", .job = job_of}}) {}

  static NewJob job_of(const Schedule& schedule, const Slot& slot) {
    return {.kind = "k",
            .payload = R"({"day":")" + format_day(slot.day) + R"("})",
            .workspace_id = schedule.key.workspace.value};
  }

  std::unique_ptr<storage::Database> database;
  Queue queue;
  Scheduler scheduler;
};

struct World {
  explicit World(tests::FreshDatabase& its_fresh) : fresh(its_fresh) {
    REQUIRE(storage::migrate(*process.database, storage::migrations(), clock).has_value());
  }

  auto write(auto work) { return process.database->write(work); }

  Result<Schedule> set(const NewSchedule& schedule) {
    return write([&](storage::Connection& connection) {
      return set_schedule(connection, schedule, clock.now());
    });
  }
  Result<Schedule> set(std::string_view time, std::string_view weekdays = "daily") {
    return set({.key = general,
                .channel_name = "general",
                .timetable = timetable(time, weekdays),
                .configured_by = {"U1"}});
  }
  std::optional<Schedule> find() {
    return write(
        [](storage::Connection& connection) { return find_schedule(connection, general); });
  }
  std::vector<PastSlot> slots() {
    return write(
        [](storage::Connection& connection) { return past_slots(connection, general, 10); });
  }
  std::int64_t jobs() {
    return write([](storage::Connection& connection) {
      return connection.query("SELECT count(*) FROM job").at(0).integer(0);
    });
  }
  // The dates that jobs were enqueued for while the time went on to `until`, a minute at a time.
  std::vector<std::string> run(TimePoint until) {
    std::vector<std::string> days;
    for (; clock.now() < until; clock.advance(std::chrono::minutes(1))) {
      if (process.scheduler.enqueue_due()) {
        days.push_back(format_day(slots().at(0).slot.day));
      }
    }
    return days;
  }

  tests::FreshDatabase& fresh;
  VirtualClock clock{at("2026-11-20T18:00:00Z")};  // Friday noon in Chicago
  SeededRandom random{1};
  Process process{fresh, clock, random};
};

template <class Test>
void on_every_database(Test test) {
  for (const tests::DatabaseKind& kind : tests::database_kinds()) {
    CAPTURE(std::string(kind.name));
    const auto fresh = kind.make();
    World world(*fresh);
    test(world);
  }
}

using Days = std::vector<std::string>;

}  // namespace

TEST_CASE("a schedule is found as it was set") {
  on_every_database([](World& world) {
    const Schedule set = world.set("19:00", "mon-fri").value();
    const Schedule found = world.find().value();
    CHECK(found.channel_name == "general");
    CHECK((found.timetable == timetable("19:00", "mon-fri")));
    CHECK(found.enabled);
    CHECK(found.configured_by.value == "U1");
    CHECK((found.next_at == at("2026-11-21T01:00:00Z")));
    CHECK((found.next_at == set.next_at));
    CHECK(world.write([](storage::Connection& connection) {
      return list_schedules(connection, {"other"}).size();
    }) == 0);
  });
}

TEST_CASE("each slot of a schedule becomes one job") {
  on_every_database([](World& world) {
    REQUIRE(world.set("19:00", "mon-fri"));
    CHECK((world.run(at("2026-11-25T00:00:00Z")) == Days{"2026-11-20", "2026-11-23"}));
    CHECK(world.jobs() == 2);
    const auto slots = world.slots();
    REQUIRE(slots.size() == 2);
    CHECK((slots[0].slot.at == at("2026-11-24T01:00:00Z")));
    CHECK(world.process.queue.status(slots[0].job).has_value());
    CHECK(slots[0].skipped.empty());
  });
}

TEST_CASE("a slot that comes before the schedule was set is none of it") {
  on_every_database([](World& world) {
    REQUIRE(world.set("11:59"));
    CHECK((world.run(at("2026-11-22T00:00:00Z")) == Days{"2026-11-21"}));
  });
}

TEST_CASE("a change counts at once and setting the same again changes nothing") {
  on_every_database([](World& world) {
    REQUIRE(world.set("19:00"));
    REQUIRE(world.set("13:00"));
    CHECK((world.run(at("2026-11-21T12:00:00Z")) == Days{"2026-11-20"}));
    REQUIRE(world.set("07:00"));
    const std::int64_t revision = world.find()->revision;
    world.clock.advance(3 * hour);  // nobody looked at 07:00
    REQUIRE(world.set("07:00"));
    CHECK(world.find()->revision == revision);
    CHECK((world.run(at("2026-11-21T15:01:00Z")) == Days{"2026-11-21"}));
  });
}

TEST_CASE("a date has one slot even if the schedule is moved or removed and set again") {
  on_every_database([](World& world) {
    REQUIRE(world.set("13:00"));
    CHECK((world.run(at("2026-11-20T20:00:00Z")) == Days{"2026-11-20"}));
    REQUIRE(world.set("15:00"));
    CHECK(world.run(at("2026-11-20T22:00:00Z")).empty());
    world.write([](storage::Connection& connection) {
      return remove_schedule(connection, general).value();
    });
    CHECK_FALSE(world.find());
    const Schedule again = world.set("17:00").value();
    CHECK(format_day(again.next(world.clock.now()).day) == "2026-11-21");
    CHECK(world.run(at("2026-11-21T06:00:00Z")).empty());
  });
}

TEST_CASE("a downtime of 5 hours is caught up and one of 7 hours is written down as skipped") {
  on_every_database([](World& world) {
    REQUIRE(world.set("19:00"));
    world.clock.advance(12 * hour);  // 5 hours late
    CHECK(world.process.scheduler.enqueue_due());
    CHECK(world.slots().at(0).skipped.empty());
    world.clock.advance(26 * hour);  // 7 hours late
    CHECK_FALSE(world.process.scheduler.enqueue_due());
    CHECK(world.slots().at(0).skipped == "more than 6 hours late");
    CHECK(world.slots().at(0).job.value.empty());
    CHECK(world.jobs() == 1);
    CHECK((world.run(at("2026-11-23T12:00:00Z")) == Days{"2026-11-22"}));
  });
}

TEST_CASE("nothing happens while paused and nothing is caught up afterwards") {
  on_every_database([](World& world) {
    REQUIRE(world.set("19:00"));
    world.write([&](storage::Connection& connection) {
      return pause_schedule(connection, general, world.clock.now()).value();
    });
    CHECK_FALSE(world.find()->enabled);
    CHECK(world.run(at("2026-11-21T02:00:00Z")).empty());
    const auto resumed = world.write([&](storage::Connection& connection) {
      return resume_schedule(connection, general, world.clock.now());
    });
    CHECK(resumed.value().enabled);
    CHECK(resumed.value().configured_by.value == "U1");
    CHECK((world.run(at("2026-11-22T02:00:00Z")) == Days{"2026-11-21"}));
  });
}

TEST_CASE("what the environment set is changed by it alone and ends with it") {
  on_every_database([](World& world) {
    REQUIRE(world.set("13:00"));
    NewSchedule of_environment = {.key = general,
                                  .channel_name = "general",
                                  .timetable = timetable("19:00"),
                                  .variable = "#general"};
    REQUIRE(world.set(of_environment));
    CHECK(world.find()->configured_by.value.empty());
    const auto refused = world.set("20:00");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().message.find("DIGEST_CHANNEL=#general") != std::string::npos);
    world.write([&](storage::Connection& connection) {
      CHECK_FALSE(remove_schedule(connection, general));
      CHECK_FALSE(pause_schedule(connection, general, world.clock.now()));
      CHECK_FALSE(resume_schedule(connection, general, world.clock.now()));
    });
    CHECK((world.find()->timetable == timetable("19:00")));
    of_environment.timetable = timetable("21:00");
    REQUIRE(world.set(of_environment));
    CHECK((world.find()->timetable == timetable("21:00")));
    world.write([&](storage::Connection& connection) {
      CHECK(remove_schedules_of_environment(connection, {"w"}, ChannelId{"C1"}) == 0);
      CHECK(remove_schedules_of_environment(connection, {"w"}, std::nullopt) == 1);
    });
    CHECK_FALSE(world.find());
  });
}

TEST_CASE("what is not there cannot be paused or resumed or removed") {
  on_every_database([](World& world) {
    world.write([&](storage::Connection& connection) {
      const TimePoint now = world.clock.now();
      CHECK((remove_schedule(connection, general).error().code == ErrorCode::not_found));
      CHECK((pause_schedule(connection, general, now).error().code == ErrorCode::not_found));
      CHECK((resume_schedule(connection, general, now).error().code == ErrorCode::not_found));
    });
  });
}

TEST_CASE("a job asks whether its slot is still wanted") {
  on_every_database([](World& world) {
    REQUIRE(world.set("13:00"));
    REQUIRE(world.run(at("2026-11-20T19:01:00Z")).size() == 1);
    const Slot slot = world.slots().at(0).slot;
    const auto reason = [&](TimePoint now) {
      return world.write([&](storage::Connection& connection) {
        return skip_if_unwanted(connection, general, slot, now).value_or("");
      });
    };
    CHECK(reason(slot.at + 6 * hour).empty());
    CHECK(reason(slot.at + 7 * hour) == "more than 6 hours late");
    CHECK(world.slots().at(0).skipped == "more than 6 hours late");
    world.write([&](storage::Connection& connection) {
      return pause_schedule(connection, general, world.clock.now()).value();
    });
    CHECK(reason(slot.at) == "paused");
    CHECK(world.slots().at(0).skipped == "paused");
    world.write([&](storage::Connection& connection) {
      return remove_schedule(connection, general).value();
    });
    CHECK(reason(slot.at) == "the schedule was removed");
  });
}

TEST_CASE("a schedule whose stored zone is unknown does not keep the others from running") {
  on_every_database([](World& world) {
    REQUIRE(world.set("13:00"));
    world.write([](storage::Connection& connection) {
      connection.execute("UPDATE schedule SET zone = 'Atlantis/Capital'");
    });
    CHECK_FALSE(world.find());
    ScheduleKey other = general;
    other.channel = {"C2"};
    REQUIRE(world.set({.key = other, .timetable = timetable("13:00")}));
    world.clock.advance(2 * hour);
    CHECK(world.process.scheduler.enqueue_due());
    CHECK(world.jobs() == 1);
  });
}

TEST_CASE("a clock that was days ahead stops a schedule for an hour at most") {
  on_every_database([](World& world) {
    REQUIRE(world.set("19:00"));
    world.clock.advance(72 * hour);
    CHECK_FALSE(world.process.scheduler.enqueue_due());
    CHECK(world.slots().size() == 3);
    world.clock.advance(-72 * hour);
    world.run(at("2026-11-21T02:00:00Z"));
    CHECK(world.jobs() == 1);
    CHECK(format_day(world.slots().at(2).slot.day) == "2026-11-20");
    CHECK(world.slots().at(2).skipped.empty());
  });
}

TEST_CASE(
    "a channel that was disabled is enabled when it is scheduled again, if nothing changed too") {
  on_every_database([](World& world) {
    const auto disable_general = [&] {
      return world.write([&](storage::Connection& connection) {
        return disable(connection, {.workspace = general.workspace,
                                    .channel = general.channel,
                                    .reason = "is_archived",
                                    .since = world.clock.now()});
      });
    };
    for (int i = 0; i < 2; ++i) {
      CHECK(disable_general());
      REQUIRE(world.set("19:00"));
    }
    CHECK(disable_general());  // it is not disabled any more
  });
}

TEST_CASE("the slot of a channel that is disabled is skipped and says why") {
  on_every_database([](World& world) {
    REQUIRE(world.set("19:00"));
    world.run(at("2026-11-21T02:00:00Z"));
    const PastSlot due = world.slots().at(0);
    const auto unwanted = [&] {
      return world.write([&](storage::Connection& connection) {
        return skip_if_unwanted(connection, general, due.slot, world.clock.now());
      });
    };
    CHECK_FALSE(unwanted());
    world.write([&](storage::Connection& connection) {
      return disable(connection, {.workspace = general.workspace,
                                  .channel = general.channel,
                                  .reason = "is_archived",
                                  .since = world.clock.now()});
    });
    CHECK(unwanted());
    CHECK(world.slots().at(0).skipped.contains("is_archived"));
  });
}

TEST_CASE("slots are forgotten when they are old") {
  on_every_database([](World& world) {
    REQUIRE(world.set("19:00"));
    world.run(at("2026-11-23T12:00:00Z"));
    REQUIRE(world.slots().size() == 3);
    CHECK(world.write([](storage::Connection& connection) {
      return clean_slots(connection, at("2026-11-22T12:00:00Z"));
    }) == 2);
    CHECK(world.slots().size() == 1);
  });
}

TEST_CASE("several processes at once enqueue each slot once") {
  on_every_database([](World& world) {
    constexpr int channels = 20;
    for (int i = 0; i < channels; ++i) {
      ScheduleKey key = general;
      key.channel = {"C" + std::to_string(i)};
      REQUIRE(world.set({.key = key, .timetable = timetable("19:00")}));
    }
    world.clock.advance(8 * hour);
    std::atomic<int> enqueued = 0;
    {
      std::vector<std::jthread> threads;
      for (int i = 0; i < 3; ++i) {
        threads.emplace_back([&world, &enqueued, i] {
          SeededRandom random(static_cast<std::uint64_t>(i) + 10);
          Process process(world.fresh, world.clock, random);
          while (process.scheduler.enqueue_due()) {
            ++enqueued;
          }
        });
      }
    }
    CHECK(enqueued >= 1);
    CHECK(world.jobs() == channels);
  });
}

}  // namespace bb::jobs

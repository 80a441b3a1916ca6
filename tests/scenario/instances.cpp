// Several instances of the real binary at one PostgreSQL.
#include <doctest/doctest.h>
#include <signal.h>

#include <array>
#include <map>

#include "base/text.hpp"
#include "tests/databases/postgres_server.hpp"
#include "tests/scenario/installation.hpp"

namespace bb::tests {
namespace {

struct Instances : Installation {
  PostgresServer server;
  PostgresDatabase database{server};
  std::vector<std::unique_ptr<Process>> running;

  [[nodiscard]] app::Environment settings() const {
    app::Environment settings = environment();
    settings["DATABASE_URI"] = database.uri();
    settings["SECRET_KEY"] = "the same for all instances";
    return settings;
  }

  // At once, so that they also make the tables at once.
  void start_three() {
    for (int i = 0; i < 3; ++i) {
      running.push_back(start(settings()));
    }
    for (const auto& process : running) {
      REQUIRE(process->wait_for(" base_url="));
    }
  }

  // Answers of the bot that each person got for what the bot had acknowledged, and what it wrote
  // without that.
  struct Person {
    std::size_t acknowledged = 0;
    std::size_t unclear = 0;
  };
  std::map<std::string, Person> people;

  void say(Process& through, const std::string& user) {
    deliver_to(through);
    const auto delivery = slack->say(user, "help");
    REQUIRE(delivery);
    ++(delivery->accepted ? people[user].acknowledged : people[user].unclear);
  }

  bool all_answered() {
    return std::ranges::all_of(people, [this](const auto& entry) {
      return by_bot(slack->dm_messages(entry.first)) >= entry.second.acknowledged;
    });
  }
};

}  // namespace

TEST_CASE("metrics are answered while the database is away") {
  Instances world;
  auto process = world.start(world.settings());
  const auto metrics = [&] {
    return world.browser->send({.url = Installation::address(*process, "/metrics")}).value();
  };
  CHECK(metrics().body.contains("busy_beaver_database_up 1\n"));
  world.server.execute("DROP DATABASE " + world.database.name() + " WITH (FORCE)");
  const http::Response without = metrics();
  CHECK(without.status == 200);
  CHECK(without.body.contains("busy_beaver_database_up 0\n"));
  CHECK(without.body.contains("busy_beaver_events_waiting 0\n"));
}

TEST_CASE("three instances answer and post once while one is killed and the database restarts") {
  Instances world;
  const std::string channel = world.slack->add_channel({.name = "general"});
  std::vector<std::string> users;
  for (int i = 0; i < 12; ++i) {
    users.push_back(world.slack->add_user("member-" + std::to_string(i)));
  }
  world.start_three();
  const Finished token =
      run({"token", "create", "--username", "admin"}, world.settings(), world.home());
  REQUIRE(token.code == 0);
  const std::string_view secret = split(trim(token.output), '\n').back();

  for (std::size_t i = 0; i < users.size(); ++i) {
    world.say(*world.running.at(i % 3), users[i]);
  }
  const auto requested =
      world.browser->send({.method = "POST",
                           .url = Instances::address(*world.running[0], "/github-summary"),
                           .headers = {{"Content-Type", "application/json"},
                                       {"Authorization", "token " + std::string(secret)}},
                           .body = R"({"channel": "general"})"});
  REQUIRE(requested);
  CHECK(requested->status == 202);
  world.running[0]->send_signal(SIGKILL);
  CHECK(world.running[0]->wait() == -SIGKILL);

  for (std::size_t i = 0; i < users.size(); ++i) {
    if (i == users.size() / 2) {
      world.server.restart();
    }
    world.say(*world.running.at(1 + i % 2), users[i]);
  }
  CHECK(world.wait_until(
      [&] { return world.all_answered() && !world.slack->messages(channel).empty(); }));
  for (std::size_t i = 1; i < 3; ++i) {
    world.running[i]->send_signal(SIGTERM);
    CHECK(world.running[i]->wait() == 0);
  }

  CHECK(Instances::by_bot(world.slack->messages(channel)) == 1);
  for (const auto& [user, person] : world.people) {
    const std::size_t answers = Instances::by_bot(world.slack->dm_messages(user));
    CHECK(answers >= person.acknowledged);
    CHECK(answers <= person.acknowledged + person.unclear);
  }
}

}  // namespace bb::tests

// Polling of many members of whom some are in trouble.
#include <algorithm>

#include "tests/scenario/world.hpp"

namespace bb::tests {
namespace {

using std::chrono::hours;

constexpr int members = 40;
constexpr int deleted = 4;   // the first ones
constexpr int renamed = 4;   // the next
constexpr int troubled = 2;  // the next: GitHub fails for them

std::string login_of(int member) {
  return "member-" + std::to_string(member);
}

std::vector<std::string> link_all(World& world) {
  std::vector<std::string> users;
  for (int i = 0; i < members; ++i) {
    users.push_back(world.add_member("Member " + std::to_string(i), 1001 + i, login_of(i)));
  }
  world.start();
  for (int i = 0; i < members; ++i) {
    world.connect(users[static_cast<std::size_t>(i)], login_of(i));
  }
  return users;
}

// How often the bot told the member that the account is gone.
std::ptrdiff_t times_told(const World& world, const std::string& user) {
  return std::ranges::count_if(world.slack->dm_messages(user), [](const auto& message) {
    return message.from_bot && message.text.find("does not show the account") != std::string::npos;
  });
}

void pass(World& world, hours time) {
  world.clock.advance(time);
  world.settle();
}

// The value of a metric without labels.
std::string metric(World& world, const std::string& name) {
  const std::string text = "\n" + world.get("/metrics").body;
  const std::string mark = "\nbusy_beaver_" + name + " ";
  const std::size_t at = text.find(mark);
  REQUIRE(at != std::string::npos);
  return text.substr(at + mark.size(), text.find('\n', at + 1) - at - mark.size());
}

}  // namespace

TEST_CASE("of forty members only those lose something whose accounts are in trouble") {
  World world;
  const std::vector<std::string> users = link_all(world);
  CHECK(metric(world, "github_accounts_linked") == "40");
  for (int i = 0; i < members; ++i) {
    if (i < deleted) {
      world.github->delete_user(login_of(i));
      continue;
    }
    world.github->add_event(login_of(i), sim::star("fmtlib/fmt"));
    if (i < deleted + renamed) {
      world.github->rename(login_of(i), "new-" + login_of(i));
    } else if (i < deleted + renamed + troubled) {
      sim::Fault fault = sim::server_error();
      fault.times = 1'000;
      world.github->add_fault("/users/" + login_of(i) + "/events/public", fault);
    }
  }
  pass(world, hours(8));
  CHECK(world.count("activity") == members - deleted - troubled);
  CHECK(metric(world, "github_accounts_gone") == "4");
  CHECK(metric(world, "github_events_stored_total") == "34");
  world.github->clear_faults();
  pass(world, hours(1));
  CHECK(world.count("activity") == members - deleted);

  for (const std::string& user : users) {
    CHECK(times_told(world, user) == 0);
  }
  for (int day = 0; day < 3; ++day) {
    pass(world, hours(28));
    for (std::size_t i = 0; i < users.size(); ++i) {
      CAPTURE(i);
      CHECK(times_told(world, users[i]) == (i < deleted ? 1 : 0));
    }
  }
}

TEST_CASE("somebody whose account comes back is shown again and told anew should it go again") {
  World world;
  const std::string ada = world.add_member("Ada", 1001, "ada-builds");
  world.start();
  world.connect(ada, "ada-builds");
  world.github->delete_user("ada-builds");
  for (int day = 0; day < 3; ++day) {
    pass(world, hours(28));
  }
  CHECK(times_told(world, ada) == 1);
  CHECK(metric(world, "github_accounts_gone") == "1");
  world.github->add_user(1001, "ada-builds");
  world.github->add_event("ada-builds", sim::star("fmtlib/fmt"));
  pass(world, hours(28));
  CHECK(metric(world, "github_accounts_gone") == "0");
  CHECK(world.count("activity") == 1);
  world.github->delete_user("ada-builds");
  for (int day = 0; day < 3; ++day) {
    pass(world, hours(28));
  }
  CHECK(times_told(world, ada) == 2);
}

TEST_CASE("a member who left is not told that the account is gone") {
  World world;
  const std::string ada = world.add_member("Ada", 1001, "ada-builds");
  world.start();
  world.connect(ada, "ada-builds");
  world.github->delete_user("ada-builds");
  pass(world, hours(28));
  world.say(ada, "disconnect");
  pass(world, hours(60));
  CHECK(times_told(world, ada) == 0);
  CHECK(world.count("poll_state") == 0);
}

TEST_CASE("a login that somebody else took over shows nothing of that person") {
  World world;
  const std::string ada = world.add_member("Ada", 1001, "ada-builds");
  world.start();
  world.connect(ada, "ada-builds");
  world.github->rename("ada-builds", "ada-ships");
  world.github->add_user(2002, "ada-builds");
  world.github->add_event("ada-builds", sim::star("somebody/elses"));
  world.github->add_event("ada-ships", sim::star("fmtlib/fmt"));
  pass(world, hours(8));
  world.summarise("general");
  const auto messages = world.slack->messages(world.general);
  REQUIRE(messages.size() == 2);
  CHECK(messages[1].blocks.find("fmtlib/fmt") != std::string::npos);
  CHECK(messages[1].blocks.find("somebody/elses") == std::string::npos);
}

TEST_CASE("metrics hold numbers and no names") {
  World world;
  const std::string ada = world.add_member("Ada", 1001, "ada-builds");
  world.start();
  world.connect(ada, "ada-builds");
  const http::Response response = world.get("/metrics");
  CHECK(response.status == 200);
  CHECK(response.headers.find("Content-Type").value_or("").starts_with("text/plain"));
  CHECK(response.body.find("busy_beaver_github_accounts_linked 1\n") != std::string::npos);
  CHECK(response.body.find("ada") == std::string::npos);
  CHECK(response.body.find(ada) == std::string::npos);
}

}  // namespace bb::tests

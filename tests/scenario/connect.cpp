// Members link and unlink their GitHub accounts.
#include <thread>

#include "tests/scenario/world.hpp"

namespace bb::tests {

TEST_CASE("a member connects by direct message and is told who they are linked as") {
  World world;
  const std::string ada = world.add_member("Ada", 1001, "ada-builds");
  world.start();
  const http::Response page = world.connect(ada, "ada-builds");
  CHECK(page.status == 200);
  CHECK(page.headers.find("Content-Type")->starts_with("text/html"));
  CHECK(page.body.find("linked as ada-builds") != std::string::npos);
  CHECK(world.last_answer(ada).find("now linked to the GitHub account") != std::string::npos);
  CHECK(world.count("github_account") == 1);
  CHECK(world.github->live_tokens() == 0);
}

TEST_CASE("an abandoned connect leaves nothing linked") {
  World world;
  const std::string ada = world.add_member("Ada", 1001, "ada-builds");
  world.start();
  world.say(ada, "connect");
  CHECK(world.count("github_account") == 0);
  CHECK(world.say(ada, "connect").find("Show GitHub who you are") != std::string::npos);
}

TEST_CASE("commands are understood in any case with spaces and a slash") {
  World world;
  const std::string ada = world.add_member("Ada", 1001, "ada-builds");
  world.start();
  for (const char* text : {"help", "  HELP ", "Help!", "/help"}) {
    CAPTURE(text);
    const std::string answer = world.say(ada, text);
    CHECK(answer.find("connect") != std::string::npos);
    CHECK(answer.find("disconnect") != std::string::npos);
  }
}

TEST_CASE("an unknown word gets a hint with the word that was probably meant") {
  World world;
  const std::string ada = world.add_member("Ada", 1001, "ada-builds");
  world.start();
  CHECK(world.say(ada, "conect").find("Did you mean connect?") != std::string::npos);
  CHECK(world.say(ada, "what is the meaning of life").find("Say help") != std::string::npos);
}

TEST_CASE("a member who is linked hears so and can reconnect to another account") {
  World world;
  const std::string ada = world.add_member("Ada", 1001, "ada-builds");
  world.github->add_user(1002, "ada-at-work");
  world.start();
  world.connect(ada, "ada-builds");
  CHECK(world.say(ada, "connect").find("already linked") != std::string::npos);
  world.say(ada, "reconnect");
  world.open(world.github->authorize(world.button_url(ada), "ada-at-work").value());
  world.settle();
  CHECK(world.last_answer(ada).find("ada-at-work") != std::string::npos);
  CHECK(world.count("github_account") == 1);
}

TEST_CASE("disconnect removes everything stored about the person at once") {
  World world;
  const std::string ada = world.add_member("Ada", 1001, "ada-builds");
  world.start();
  world.github->add_event("ada-builds", sim::star("fmtlib/fmt"));
  world.connect(ada, "ada-builds");
  REQUIRE(world.count("activity") == 1);
  CHECK(world.say(ada, "disconnect").find("gone") != std::string::npos);
  for (const char* table : {"github_account", "activity", "poll_state", "oauth_state"}) {
    CAPTURE(table);
    CHECK(world.count(table) == 0);
  }
  CHECK(world.count("job WHERE subject <> ''") == 0);
  CHECK(world.count("delivery WHERE subject <> ''") == 0);
  CHECK(world.count("delivery WHERE message <> ''") == 0);
  // Only the farewell is left of all that was said to the person.
  CHECK(world.count("delivery") == 1);
  CHECK(world.say(ada, "disconnect").find("nothing to remove") != std::string::npos);
}

TEST_CASE("a message that follows a disconnect at once is answered after it") {
  World world;
  const std::string ada = world.add_member("Ada", 1001, "ada-builds");
  world.start();
  world.connect(ada, "ada-builds");
  REQUIRE(world.slack->say(ada, "disconnect")->accepted);
  world.clock.advance(std::chrono::milliseconds(5));
  REQUIRE(world.slack->say(ada, "connect")->accepted);
  world.settle();
  CHECK(world.last_answer(ada).find("Show GitHub who you are") != std::string::npos);
  CHECK(world.count("github_account") == 0);
}

TEST_CASE("a GitHub account that two members link stays when one of them leaves") {
  World world;
  const std::string ada = world.add_member("Ada", 1001, "ada-builds");
  const std::string eve = world.add_member("Eve", 1002, "eve");
  world.start();
  world.github->add_event("ada-builds", sim::star("fmtlib/fmt"));
  world.connect(ada, "ada-builds");
  world.connect(eve, "ada-builds");
  CHECK(world.last_answer(eve).find("Another member") != std::string::npos);
  CHECK(world.last_answer(ada).find("Another member") == std::string::npos);
  world.say(eve, "disconnect");
  CHECK(world.count("github_account") == 1);
  CHECK(world.count("activity") == 1);
}

TEST_CASE("a member who says no at GitHub reads that nothing was linked") {
  World world;
  const std::string ada = world.add_member("Ada", 1001, "ada-builds");
  world.start();
  world.say(ada, "connect");
  const http::Response page = world.open(world.github->deny(world.button_url(ada)).value());
  world.settle();
  CHECK(page.body.find("You said no") != std::string::npos);
  CHECK(world.last_answer(ada).find("Nothing was linked") != std::string::npos);
  CHECK(world.count("github_account") == 0);
}

TEST_CASE("a state works once and for ten minutes and only if we made it") {
  World world;
  const std::string ada = world.add_member("Ada", 1001, "ada-builds");
  world.start();
  world.say(ada, "connect");
  const std::string url = world.button_url(ada);
  const std::string location = world.github->authorize(url, "ada-builds").value();
  CHECK(world.open(location).status == 200);
  const http::Response reused = world.open(location);
  CHECK(reused.status == 400);
  CHECK(reused.body.find("used already") != std::string::npos);

  const http::Response unknown = world.get("/github-integration?code=abc&state=made-up");
  CHECK(unknown.status == 400);
  CHECK(unknown.body.find("not known") != std::string::npos);
  CHECK(world.get("/github-integration?code=abc").status == 400);
  CHECK(world.get("/github-integration?state=abc").status == 400);
  CHECK(world.get("/github-integration").status == 400);

  world.say(ada, "reconnect");
  const std::string late = world.github->authorize(world.button_url(ada), "ada-builds").value();
  world.clock.advance(std::chrono::minutes(11));
  const http::Response expired = world.open(late);
  CHECK(expired.status == 400);
  CHECK(expired.body.find("expired") != std::string::npos);
  world.settle();
  CHECK(world.last_answer(ada).find("expired") != std::string::npos);
}

TEST_CASE("the state of a link belongs to the member who asked for it whoever opens it") {
  World world;
  const std::string ada = world.add_member("Ada", 1001, "ada-builds");
  const std::string ben = world.add_member("Ben", 1002, "ben");
  world.start();
  world.say(ada, "connect");
  world.say(ben, "connect");
  world.open(world.github->authorize(world.button_url(ada), "ben").value());
  world.settle();
  CHECK(world.last_answer(ada).find("linked to the GitHub account") != std::string::npos);
  CHECK(world.last_answer(ben).find("linked to the GitHub account") == std::string::npos);
  CHECK(world.say(ben, "connect").find("already") == std::string::npos);
}

TEST_CASE("a state is stored only as a hash") {
  World world;
  const std::string ada = world.add_member("Ada", 1001, "ada-builds");
  world.start();
  world.say(ada, "connect");
  const std::string url = world.button_url(ada);
  const std::size_t start = url.find("state=") + 6;
  const std::string state = url.substr(start, url.find('&', start) - start);
  REQUIRE(state.size() >= 43);
  CHECK(world.count("oauth_state WHERE state_hash = '" + state + "'") == 0);
  CHECK(world.count("oauth_state") == 1);
  CHECK(world.count("delivery WHERE message LIKE '%" + state + "%'") == 0);
  CHECK(world.count("job WHERE payload LIKE '%" + state + "%'") == 0);
}

TEST_CASE(
    "when GitHub fails during the sign-in the page and the message say so and nothing is linked") {
  for (const sim::Fault& fault : {sim::server_error(), sim::html_instead(), sim::cut_short(),
                                  sim::rate_limited(std::chrono::seconds(60))}) {
    for (const char* path : {"/login/oauth/access_token", "/user"}) {
      CAPTURE(path);
      World world;
      const std::string ada = world.add_member("Ada", 1001, "ada-builds");
      world.start();
      world.say(ada, "connect");
      const std::string location =
          world.github->authorize(world.button_url(ada), "ada-builds").value();
      world.github->add_fault(path, fault);
      const http::Response page = world.open(location);
      world.settle();
      CHECK(page.status == 502);
      CHECK(page.body.find("GitHub did not answer") != std::string::npos);
      CHECK(world.last_answer(ada).find("Nothing was linked") != std::string::npos);
      CHECK(world.count("github_account") == 0);
    }
  }
}

TEST_CASE("a member who disconnects while GitHub is asked stays unlinked") {
  World world;
  const std::string ada = world.add_member("Ada", 1001, "ada-builds");
  world.start();
  world.say(ada, "connect");
  const std::string location = world.github->authorize(world.button_url(ada), "ada-builds").value();
  world.github->add_fault("/user", sim::late_answer(std::chrono::milliseconds(2000)));
  http::Response page;
  std::jthread browser([&] { page = world.open(location); });
  while (world.github->requests("/user") == 0) {
    std::this_thread::yield();
  }
  REQUIRE(world.slack->say(ada, "disconnect")->accepted);
  world.app->run_due();
  browser.join();
  CHECK(page.body.find("You disconnected meanwhile") != std::string::npos);
  CHECK(world.count("github_account") == 0);
  CHECK(world.count("poll_state") == 0);
}

TEST_CASE("sign-ins that wait for GitHub do not hold up events and nobody loses a link") {
  World world;
  world.start();
  std::vector<std::string> members;
  std::vector<std::string> locations;
  for (int i = 0; i < 5; ++i) {
    const std::string login = "member-" + std::to_string(i);
    members.push_back(world.add_member("Member " + std::to_string(i), 2000 + i, login));
    world.say(members.back(), "connect");
    locations.push_back(world.github->authorize(world.button_url(members.back()), login).value());
  }
  sim::Fault slow = sim::late_answer(std::chrono::milliseconds(2000));
  slow.times = 2;
  world.github->add_fault("/login/oauth/access_token", slow);
  std::vector<int> statuses(locations.size());
  std::vector<std::jthread> browsers;
  for (std::size_t i = 0; i < locations.size(); ++i) {
    browsers.emplace_back([&, i] {
      const http::Response page = world.open(locations[i]);
      statuses[i] = page.status;
      CHECK(page.headers.find("Refresh").has_value() == (page.status == 503));
    });
  }
  while (world.github->requests("/login/oauth/access_token") < 2) {
    std::this_thread::yield();
  }
  const auto delivery = world.slack->say(members[0], "help");
  REQUIRE(delivery);
  CHECK(delivery->accepted);
  CHECK(delivery->attempts.size() == 1);
  browsers.clear();
  std::size_t linked = 0;
  for (std::size_t i = 0; i < locations.size(); ++i) {
    CHECK((statuses[i] == 200 || statuses[i] == 503));
    linked += statuses[i] == 200 || world.open(locations[i]).status == 200 ? 1U : 0U;
  }
  CHECK(linked == locations.size());
}

TEST_CASE("a code that GitHub refuses links nothing") {
  World world;
  const std::string ada = world.add_member("Ada", 1001, "ada-builds");
  world.start();
  world.say(ada, "connect");
  const std::string location = world.github->authorize(world.button_url(ada), "ada-builds").value();
  const std::size_t state = location.find("state=");
  const http::Response page =
      world.get("/github-integration?code=forged&" + location.substr(state));
  CHECK(page.status == 400);
  CHECK(page.body.find("did not accept") != std::string::npos);
  CHECK(world.count("github_account") == 0);
}

TEST_CASE("without a GitHub app connect says what the organizer has to do") {
  World world;
  const std::string ada = world.add_member("Ada", 1001, "ada-builds");
  world.config.github.client_id.clear();
  world.config.github.client_secret = Secret();
  world.start();
  CHECK(world.say(ada, "connect").find("GITHUB_APP_CLIENT_ID") != std::string::npos);
}

}  // namespace bb::tests

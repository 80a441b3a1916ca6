// The binary as an operator runs it: commands, exit codes, signals, SIGKILL.
#include <doctest/doctest.h>
#include <signal.h>

#include <filesystem>
#include <fstream>
#include <future>

#include "base/text.hpp"
#include "http/client.hpp"
#include "sim/github.hpp"
#include "sim/slack.hpp"
#include "sim/social.hpp"
#include "storage/database.hpp"
#include "tests/scenario/installation.hpp"
#include "tests/temporary_folder.hpp"

namespace bb::tests {
namespace {

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("an event that was acknowledged before SIGKILL is answered once after the restart") {
  Installation installation;
  const std::string ada = installation.slack->add_user("Ada");
  auto first = installation.serve();
  // Slack takes no post for now, so that the answer is still to be given when the process dies.
  sim::Fault down = sim::refused();
  down.times = 1000;
  installation.slack->add_fault("chat.postMessage", down);
  const auto delivery = installation.slack->say(ada, "help");
  REQUIRE(delivery);
  CHECK(delivery->accepted);
  first->send_signal(SIGKILL);
  CHECK(first->wait() == -SIGKILL);
  installation.slack->clear_faults();
  auto second = installation.serve();
  REQUIRE(installation.slack->say(ada, "help")->accepted);
  CHECK(installation.wait_for_answers(ada, 2));
  second->send_signal(SIGTERM);
  CHECK(second->wait() == 0);
  CHECK(installation.slack->dm_messages(ada).size() == 4);
}

TEST_CASE(
    "events that SIGKILL met before their commit are not acknowledged and taken the next time") {
  Installation installation;
  const std::string ada = installation.slack->add_user("Ada");
  auto first = installation.serve();
  std::vector<std::string> bodies;
  std::vector<std::future<bool>> deliveries;
  const auto deliver = [&](const std::string& body) {
    http::Headers headers = installation.slack->signed_headers(body);
    headers.set("Content-Type", "application/json");
    const auto response = installation.slack->deliver_raw(body, headers);
    return response && response->status == 200;
  };
  const auto waiting = [&] {
    const auto metrics = installation.browser->send(
        {.url = "http://127.0.0.1:" + std::to_string(first->port()) + "/metrics"});
    return metrics && !has(metrics->body, "busy_beaver_events_waiting 0\n");
  };
  // The first one is with the thread that stores, which this lock holds up; the next ones wait.
  const auto other = storage::open("sqlite:" + installation.folder.path("data/busy-beaver.db"));
  REQUIRE(other);
  (*other)->write([&](storage::Connection& connection) {
    connection.execute("DELETE FROM inbox");
    while (!waiting() && bodies.size() < 100) {
      const std::string number = std::to_string(bodies.size());
      bodies.push_back(R"({"type":"event_callback","team_id":"T0CEDAR01","event_id":"Ev)" + number +
                       R"(","event":{"type":"message","channel_type":"im","channel":"D0000001",)"
                       R"("user":")" +
                       ada + R"(","ts":")" + number + R"(.1","text":"help"}})");
      deliveries.push_back(std::async(std::launch::async, deliver, bodies.back()));
    }
    first->send_signal(SIGKILL);
    CHECK(first->wait() == -SIGKILL);
  });
  for (std::future<bool>& acknowledged : deliveries) {
    CHECK_FALSE(acknowledged.get());
  }
  auto second = installation.serve();
  for (const std::string& body : bodies) {
    CHECK(deliver(body));
    CHECK(deliver(body));
  }
  second->send_signal(SIGTERM);
  CHECK(second->wait() == 0);
  (*other)->read([&](storage::Connection& connection) {
    for (const char* sql :
         {"SELECT count(*) FROM inbox", "SELECT count(*) FROM job WHERE kind = 'chat.message'"}) {
      CHECK(connection.query(sql).at(0).integer(0) == static_cast<std::int64_t>(bodies.size()));
    }
  });
}

TEST_CASE("SIGTERM and SIGINT end the service in good order") {
  Installation installation;
  for (const int signal : {SIGTERM, SIGINT}) {
    auto process = installation.serve();
    process->send_signal(signal);
    CHECK(process->wait() == 0);
    CHECK(has(process->output(), " stopped"));
  }
}

TEST_CASE("a second process does not serve the same SQLite file") {
  Installation installation;
  const std::string ada = installation.slack->add_user("Ada");
  auto first = installation.serve();
  const Finished second = run({"serve"}, installation.environment(), installation.home());
  CHECK(second.code == 1);
  CHECK(has(second.output, "another process serves this database already"));
  first->send_signal(SIGKILL);
  first->wait();
  auto third = installation.serve();
  REQUIRE(installation.slack->say(ada, "help")->accepted);
  CHECK(installation.wait_for_answers(ada, 1));
}

TEST_CASE("a command that looks at a database makes none") {
  const TemporaryFolder folder;
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"jobs", "list"}, {"schedule", "list"}, {"channels", "list"}}) {
    CAPTURE(command[0]);
    const Finished finished = run(command, {}, folder.path("."));
    CHECK(finished.code == 2);
    CHECK(has(finished.output, "there is no database data/busy-beaver.db"));
    CHECK_FALSE(std::filesystem::exists(folder.path("data")));
  }
}

TEST_CASE("what is said while the token is refused is answered once it is accepted") {
  Installation installation;
  const std::string ada = installation.slack->add_user("Ada");
  app::Environment wrong = installation.environment();
  wrong["SLACK_BOTUSER_OAUTH_TOKEN"] = "xoxb-of-another-day";
  CHECK(run({"serve"}, wrong, installation.home()).code == 1);  // it never knew its workspace
  auto first = installation.serve();
  first->send_signal(SIGTERM);
  CHECK(first->wait() == 0);

  auto second = installation.start(wrong);
  installation.deliver_to(*second);
  CHECK(installation.slack->say(ada, "help")->accepted);
  CHECK(second->wait_for("workspace_paused"));
  second->send_signal(SIGTERM);
  CHECK(second->wait() == 0);
  CHECK(installation.answers(ada) == 0);

  auto third = installation.serve();
  CHECK(installation.wait_for_answers(ada, 1));
}

TEST_CASE("a database is served with the key that it was begun with until that is forgotten") {
  Installation installation;
  app::Environment other = installation.environment();
  other["SECRET_KEY"] = "not the one of the file";
  auto first = installation.serve();
  first->send_signal(SIGTERM);
  CHECK(first->wait() == 0);
  const Finished refused = run({"serve"}, other, installation.home());
  CHECK(refused.code != 0);
  CHECK(has(refused.output, "busy-beaver db forget-key"));
  CHECK(run({"db", "forget-key"}, other, installation.home()).code == 0);
  auto second = installation.start(other);
  CHECK(second->wait_for(" base_url="));
}

TEST_CASE("a schedule is set and listed from the command line") {
  Installation installation;
  const std::string channel = installation.slack->add_channel({.name = "general"});
  const auto process = installation.serve();
  process->port();
  const auto schedule = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "schedule");
    return run(arguments, installation.environment(), installation.home());
  };
  const Finished set = schedule({"set", "digest", "--channel", "#general", "--time", "19:00",
                                 "--timezone", "America/Chicago", "--weekdays", "mon-fri"});
  CAPTURE(set.output);
  CHECK(set.code == 0);
  const Finished listed = schedule({"list"});
  CHECK(
      has(listed.output, "digest in #general (" + channel + ") at 19:00 America/Chicago, mon-fri"));
  CHECK(has(listed.output, " 19:00 C"));
  CHECK(schedule({"set", "digest", "--channel", "#general", "--time", "25:00"}).code == 2);
  CHECK(schedule({"pause", "digest", "--channel", "general"}).code == 0);
  CHECK(has(schedule({"list"}).output, ": paused"));
  CHECK(schedule({"remove", "digest", "--channel", channel}).code == 0);
  CHECK_FALSE(has(schedule({"list"}).output, "#general"));
}

TEST_CASE("a Slack that does not answer neither holds up the end nor gets a message twice") {
  Installation installation;
  const std::string ada = installation.slack->add_user("Ada");
  auto first = installation.serve();
  installation.slack->add_fault("chat.postMessage", sim::no_answer());  // but it is posted
  REQUIRE(installation.slack->say(ada, "help")->accepted);
  REQUIRE(installation.wait_for_answers(ada, 1));
  first->send_signal(SIGTERM);
  CHECK(first->wait() == 0);
  auto second = installation.serve();
  REQUIRE(installation.slack->say(ada, "help")->accepted);
  CHECK(installation.wait_for_answers(ada, 2));
  second->send_signal(SIGTERM);
  CHECK(second->wait() == 0);
  CHECK(installation.slack->dm_messages(ada).size() == 4);
}

TEST_CASE("no secret of the configuration is ever in the log") {
  Installation installation;
  const std::string ada = installation.slack->add_user("Ada");
  app::Environment environment = installation.environment();
  environment["LOG_LEVEL"] = "debug";
  environment["SECRET_KEY"] = "a-very-secret-key-of-the-test";
  environment["GITHUB_OAUTH_TOKEN"] = "ghp_secret_token_of_the_test";
  Process process({"serve"}, environment, installation.home());
  installation.slack->deliver_to("http://127.0.0.1:" + std::to_string(process.port()) +
                                 "/slack/events");
  installation.slack->add_fault("chat.postMessage", sim::error_word("invalid_auth"));
  REQUIRE(installation.slack->say(ada, "connect")->accepted);
  CHECK(installation.wait_for_answers(ada, 1));
  process.send_signal(SIGTERM);
  CHECK(process.wait() == 0);
  for (const char* name : {"SLACK_BOTUSER_OAUTH_TOKEN", "SLACK_SIGNING_SECRET", "SECRET_KEY",
                           "GITHUB_APP_CLIENT_SECRET", "GITHUB_OAUTH_TOKEN"}) {
    CAPTURE(name);
    CHECK_FALSE(has(process.output(), environment.at(name)));
  }
}

TEST_CASE("a log line is one JSON object when asked") {
  Installation installation;
  app::Environment environment = installation.environment();
  environment["LOG_FORMAT"] = "json";
  Process process({"serve"}, environment, installation.home());
  REQUIRE(process.wait_for("\"event\":\"serving\""));
  process.send_signal(SIGTERM);
  CHECK(process.wait() == 0);
  const std::string output = process.output();
  for (const std::string_view line : split(trim(output), '\n')) {
    CAPTURE(line);
    CHECK(line.starts_with("{\"time\":\""));
    CHECK(line.ends_with("}"));
  }
}

TEST_CASE("serve without its variables names them and ends with code 2") {
  const TemporaryFolder folder;
  const Finished finished = run({"serve"}, {}, folder.path("."));
  CHECK(finished.code == 2);
  CHECK(has(finished.output, "SLACK_BOTUSER_OAUTH_TOKEN"));
  CHECK(has(finished.output, "SLACK_SIGNING_SECRET"));
}

TEST_CASE("variables of an env file count and those of the environment win") {
  Installation installation;
  std::ofstream(installation.folder.path(".env")) << "LOG_LEVEL=loud\n";
  const Finished refused = run({"serve"}, installation.environment(), installation.home());
  CHECK(refused.code == 2);
  CHECK(has(refused.output, "LOG_LEVEL"));
  app::Environment environment = installation.environment();
  environment["LOG_LEVEL"] = "info";
  Process process({"serve"}, environment, installation.home());
  CHECK(process.wait_for(" serving "));
}

TEST_CASE("every command explains itself with an example") {
  const TemporaryFolder folder;
  const std::vector<std::vector<std::string>> commands = {{},
                                                          {"serve"},
                                                          {"demo"},
                                                          {"migrate"},
                                                          {"digest", "preview"},
                                                          {"feeds", "preview"},
                                                          {"token", "create"},
                                                          {"token", "list"},
                                                          {"token", "revoke"}};
  for (std::vector<std::string> words : commands) {
    words.emplace_back("--help");
    const Finished finished = run(words, {}, folder.path("."));
    CAPTURE(finished.output);
    CHECK(finished.code == 0);
    CHECK(has(finished.output, "xample"));
  }
  CHECK(run({"--version"}, {}, folder.path(".")).output.starts_with("busy-beaver "));
}

TEST_CASE("wrong usage ends with code 2 and says what is possible") {
  const TemporaryFolder folder;
  CHECK(run({}, {}, folder.path(".")).code == 2);
  CHECK(run({"dance"}, {}, folder.path(".")).code == 2);
  CHECK(run({"token", "create"}, {}, folder.path(".")).code == 2);
  CHECK(run({"digest", "preview", "--format", "pdf"}, {}, folder.path(".")).code == 2);
}

TEST_CASE("feeds preview needs no account and ends with code 2 where it refuses") {
  const TemporaryFolder folder;
  const SystemClock clock;
  SystemRandom random;
  const auto social = sim::Social::start(clock, random);
  REQUIRE(social.has_value());
  const auto preview = [&](const std::string& address) {
    return run({"feeds", "preview", address}, {{"FEED_ALLOWED_HOSTS", "127.0.0.1"}},
               folder.path("."));
  };
  for (const auto network : {sim::Network::rss, sim::Network::atom, sim::Network::json_feed}) {
    (*social)->add_post(network, "ada", {.text = "It is open.", .title = "A new café"});
    for (const std::string& address :
         {(*social)->address(network, "ada"), (*social)->page_address(network, "ada")}) {
      const Finished finished = preview(address);
      CAPTURE(finished.output);
      CHECK(finished.code == 0);
      CHECK(has(finished.output, "A new café"));
    }
  }
  std::ofstream(folder.path("page.html")) << "<!DOCTYPE html><title>Hello</title>";
  const Finished refused = preview("page.html");
  CHECK(refused.code == 2);
  CHECK(has(refused.output, "this is a web page, not a feed"));
  const Finished inside = preview("http://localhost:1/");
  CHECK(inside.code == 2);
  CHECK(has(inside.output, "is not an address of the public Internet"));
  CHECK_FALSE(std::filesystem::exists(folder.path("data")));
}

TEST_CASE("tokens are created and listed and revoked at the command line") {
  const TemporaryFolder folder;
  const std::string home = folder.path(".");
  CHECK(run({"token", "list"}, {}, home).code == 2);  // there is no database yet
  CHECK(run({"token", "create", "--username", "admin"}, {}, home).code == 0);
  CHECK(run({"token", "create", "--username", "admin"}, {}, home).code == 1);
  CHECK(has(run({"token", "list"}, {}, home).output, "active"));
  CHECK(run({"token", "revoke", "--username", "admin"}, {}, home).code == 0);
  CHECK(has(run({"token", "list"}, {}, home).output, "revoked"));
  CHECK(run({"token", "revoke", "--username", "admin"}, {}, home).code == 1);
}

TEST_CASE("migrate brings a new database up to date and then finds nothing to do") {
  const TemporaryFolder folder;
  const Finished first = run({"migrate"}, {}, folder.path("."));
  CHECK(first.code == 0);
  CHECK(has(first.output, "applied 0001_jobs"));
  const Finished second = run({"migrate"}, {}, folder.path("."));
  CHECK(second.code == 0);
  CHECK_FALSE(has(second.output, "applied"));
  CHECK(std::filesystem::exists(folder.path("data/busy-beaver.db")));
}

TEST_CASE("a database that cannot be opened ends a command with code 1 or 2 and advice") {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder.path("folder.db"));
  const Finished finished =
      run({"migrate"}, {{"DATABASE_URI", "sqlite:folder.db"}}, folder.path("."));
  CHECK(finished.code != 0);
  CHECK(has(finished.output, "folder.db"));
  const Finished postgres =
      run({"migrate"}, {{"DATABASE_URI", "postgresql://u:secret@h/db?host=/nowhere"}},
          folder.path("."));
  CHECK(postgres.code == 1);
  CHECK(has(postgres.output, "postgresql:///nowhere/db"));
  CHECK_FALSE(has(postgres.output, "secret"));
}

TEST_CASE("the demo tells its story without network or account") {
  const TemporaryFolder folder;
  const Finished finished = run({"demo", "--once"}, {}, folder.path("."));
  CAPTURE(finished.output);
  CHECK(finished.code == 0);
  CHECK(has(finished.output, "You are now linked to the GitHub account maya-cf"));
  CHECK(has(finished.output, "otter-parse v0.3.0"));
  CHECK_FALSE(has(finished.output, "<@"));
  CHECK_FALSE(has(finished.output, ":interrobang:"));
}

}  // namespace bb::tests

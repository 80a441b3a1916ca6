// The real App between a simulated Slack and a simulated GitHub, in virtual time. Nothing runs by
// itself: a test says what happens next.
#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

#include "app/api_tokens.hpp"
#include "app/app.hpp"
#include "base/time.hpp"
#include "sim/github.hpp"
#include "sim/slack.hpp"
#include "tests/databases/fresh_database.hpp"
#include "tests/temporary_folder.hpp"

namespace bb::tests {

inline const std::string base_url = "http://beaver.test";

class World {
 public:
  World() {
    github->add_redirect_uri(base_url + "/github-integration");
    general = slack->add_channel({.name = "general"});
    config.database_uri = installation->uri();
    config.secret_key = Secret("a key of sixteen characters");
    config.slack = {.api_url = slack->url(),
                    .bot_token = slack->options().bot_token,
                    .signing_secret = slack->options().signing_secret};
    config.github = {.api_url = github->api_url(),
                     .web_url = github->web_url(),
                     .client_id = github->options().client_id,
                     .client_secret = github->options().client_secret};
    config.base_url = base_url;
    config.listen_address = "127.0.0.1";
    config.port = 0;
    config.job_workers = 0;
  }

  void start() {
    auto started = app::App::start(config, clock, app_random, limits);
    REQUIRE_MESSAGE(started, (started ? "" : started.error().message));
    app = *std::move(started);
    slack->deliver_to(address("/slack-event-subscription"));
  }

  // A person who is in #general and has a GitHub account.
  std::string add_member(const std::string& name, std::int64_t github_id,
                         const std::string& login) {
    const std::string user = slack->add_user(name);
    slack->change_channel(general,
                          [&](sim::SlackChannel& channel) { channel.members.push_back(user); });
    github->add_user(github_id, login);
    return user;
  }

  // The member writes, the bot works and answers: the last message of the conversation.
  std::string say(const std::string& user, std::string_view text) {
    const auto delivery = slack->say(user, text);
    REQUIRE(delivery);
    REQUIRE(delivery->accepted);
    settle();
    return last_answer(user);
  }

  // Runs all jobs, through the seconds that posts to one channel are apart.
  void settle() {
    for (int i = 0; i < 30; ++i) {
      app->tick();
      app->run_due();
      clock.advance(std::chrono::seconds(1));
    }
  }

  [[nodiscard]] std::string last_answer(const std::string& user) const {
    const auto messages = slack->dm_messages(user);
    return messages.empty() || !messages.back().from_bot ? "" : messages.back().text;
  }

  // The address behind the button of the last answer, as a browser opens it.
  [[nodiscard]] std::string button_url(const std::string& user) const;

  // Says connect, presses the button, presses Authorize at GitHub, comes back.
  http::Response connect(const std::string& user, const std::string& login) {
    say(user, "connect");
    const auto location = github->authorize(button_url(user), login);
    REQUIRE(location);
    http::Response page = open(*location);
    settle();
    return page;
  }

  // GET of an address that GitHub redirects the browser to.
  http::Response open(const std::string& location) {
    REQUIRE(location.starts_with(base_url));
    return get(location.substr(base_url.size()));
  }

  http::Response get(const std::string& path, const http::Headers& headers = {}) {
    const auto response = browser->send({.url = address(path), .headers = headers});
    REQUIRE(response);
    return *response;
  }

  http::Response post(const std::string& path, const std::string& body,
                      http::Headers headers = {}) {
    if (!headers.find("Content-Type")) {
      headers.set("Content-Type", "application/json");
    }
    const auto response =
        browser->send({.method = "POST", .url = address(path), .headers = headers, .body = body});
    REQUIRE(response);
    return *response;
  }

  // The headers of an API user, whose token is made on first use.
  http::Headers api_headers() {
    if (token_.empty()) {
      auto database = storage::open(config.database_uri);
      REQUIRE(database);
      token_ = app::create_token(**database, "admin", "admin", clock, app_random).value().reveal();
    }
    return {{"Authorization", "token " + token_}};
  }

  // POST /github-summary and all that follows: the id of the job.
  std::string summarise(const std::string& channel);

  // What GET /jobs/{id} says.
  std::string job(const std::string& id) { return get("/jobs/" + id, api_headers()).body; }

  // Rows of one table of the bot's database.
  std::int64_t count(const std::string& table) {
    auto database = storage::open(config.database_uri);
    REQUIRE(database);
    return (*database)->read([&](storage::Connection& connection) {
      return connection.query("SELECT count(*) FROM " + table)[0].integer(0);
    });
  }

  // "table.column" of every column of the bot's database where some row has `text` within it.
  std::vector<std::string> rows_with(const std::string& text);

  [[nodiscard]] std::string address(const std::string& path) const {
    return "http://127.0.0.1:" + std::to_string(app->port()) + path;
  }

  TemporaryFolder folder;
  std::unique_ptr<FreshDatabase> installation = database_of_this_run();
  VirtualClock clock{parse_rfc3339("2026-11-20T18:00:00Z").value()};
  SeededRandom random{42};
  SeededRandom app_random{43};  // apart, so that it does not depend on what the simulators draw
  std::unique_ptr<sim::Slack> slack = sim::Slack::start(clock, random).value();
  std::unique_ptr<sim::GitHub> github = sim::GitHub::start(clock, random).value();
  std::unique_ptr<http::Client> browser = http::make_curl_client({.user_agent = "scenario"});
  std::string general;
  app::Config config;
  http::ServerLimits limits;
  std::unique_ptr<app::App> app;

 private:
  std::string token_;
};

}  // namespace bb::tests

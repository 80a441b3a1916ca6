// The real binary between a simulated Slack and a simulated GitHub, in real time.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "http/client.hpp"
#include "sim/github.hpp"
#include "sim/slack.hpp"
#include "tests/scenario/process.hpp"
#include "tests/temporary_folder.hpp"

namespace bb::tests {

struct Installation {
  TemporaryFolder folder;
  SystemClock clock;
  SystemRandom random;
  std::unique_ptr<sim::Slack> slack = sim::Slack::start(clock, random).value();
  std::unique_ptr<sim::GitHub> github = sim::GitHub::start(clock, random).value();
  std::unique_ptr<http::Client> browser = http::make_curl_client({.user_agent = "scenario"});
  std::mutex mutex;
  std::condition_variable answered;

  Installation() {
    slack->on_message([this](const sim::SlackMessage&) {
      const std::lock_guard lock(mutex);
      answered.notify_all();
    });
  }

  app::Environment environment() {
    return {{"SLACK_BOTUSER_OAUTH_TOKEN", slack->options().bot_token.reveal()},
            {"SLACK_SIGNING_SECRET", slack->options().signing_secret.reveal()},
            {"SLACK_API_URL", slack->url()},
            {"GITHUB_APP_CLIENT_ID", github->options().client_id},
            {"GITHUB_APP_CLIENT_SECRET", github->options().client_secret.reveal()},
            {"GITHUB_API_URL", github->api_url() + "/"},
            {"GITHUB_WEB_URL", github->web_url() + "/"},
            {"PORT", "0"}};
  }

  // With `more` added to its environment.
  std::unique_ptr<Process> serve(const app::Environment& more = {}) {
    app::Environment its = environment();
    its.insert(more.begin(), more.end());
    auto process = std::make_unique<Process>(std::vector<std::string>{"serve"}, its, home());
    slack->deliver_to("http://127.0.0.1:" + std::to_string(process->port()) + "/slack/events");
    return process;
  }

  std::string home() { return folder.path("."); }

  // How often the bot has written to the person.
  std::size_t answers(const std::string& user) {
    std::size_t count = 0;
    for (const sim::SlackMessage& message : slack->dm_messages(user)) {
      count += message.from_bot ? 1 : 0;
    }
    return count;
  }

  // Waits until the bot has written to the person `count` times.
  bool wait_for_answers(const std::string& user, std::size_t count) {
    std::unique_lock lock(mutex);
    return answered.wait_for(lock, std::chrono::seconds(60),
                             [&] { return answers(user) >= count; });
  }
};

}  // namespace bb::tests

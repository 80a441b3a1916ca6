// The real binary between a simulated Slack and a simulated GitHub, in real time.
#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "app/config.hpp"
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

  [[nodiscard]] app::Environment environment() const {
    return {{"SLACK_BOTUSER_OAUTH_TOKEN", slack->options().bot_token.reveal()},
            {"SLACK_SIGNING_SECRET", slack->options().signing_secret.reveal()},
            {"SLACK_API_URL", slack->url()},
            {"GITHUB_APP_CLIENT_ID", github->options().client_id},
            {"GITHUB_APP_CLIENT_SECRET", github->options().client_secret.reveal()},
            {"GITHUB_API_URL", github->api_url() + "/"},
            {"GITHUB_WEB_URL", github->web_url() + "/"},
            // These tests run in real time.
            {"POST_SETTLE_SECONDS", "2"},
            {"PORT", "0"}};
  }

  // With `more` added to its environment.
  std::unique_ptr<Process> serve(const app::Environment& more = {}) {
    app::Environment its = environment();
    its.insert(more.begin(), more.end());
    auto process = start(its);
    deliver_to(*process);
    return process;
  }

  [[nodiscard]] std::unique_ptr<Process> start(const app::Environment& settings) const {
    return std::make_unique<Process>(std::vector<std::string>{"serve"}, settings, home());
  }

  void deliver_to(Process& process) { slack->deliver_to(address(process, "/slack/events")); }

  static std::string address(Process& process, const std::string& path) {
    return "http://127.0.0.1:" + std::to_string(process.port()) + path;
  }

  [[nodiscard]] std::string home() const { return folder.path("."); }

  // Waits until the bot has written to the person `count` times.
  bool wait_for_answers(const std::string& user, std::size_t count) {
    return wait_until([&] { return answers(user) >= count; });
  }

  // How often the bot has written to the person.
  std::size_t answers(const std::string& user) { return by_bot(slack->dm_messages(user)); }

  static std::size_t by_bot(const std::vector<sim::SlackMessage>& messages) {
    return static_cast<std::size_t>(std::ranges::count_if(messages, &sim::SlackMessage::from_bot));
  }

  // Looks after each message; longer than a lease of a job.
  template <class Condition>
  bool wait_until(Condition is_so) {
    std::unique_lock lock(mutex);
    return answered.wait_for(lock, std::chrono::seconds(90), is_so);
  }
};

}  // namespace bb::tests

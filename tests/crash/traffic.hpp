// What people and scripts send to the bot while it comes and goes, as persistent as Slack is, and
// what they may expect in return.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "base/secret.hpp"
#include "http/client.hpp"
#include "sim/slack.hpp"
#include "tests/crash/tally.hpp"

namespace bb::crash {

class Traffic {
 public:
  struct Figures {
    std::size_t events = 0;    // acknowledged with 200
    std::size_t attempts = 0;  // that were not: refused, reset, without an answer
    std::size_t repeated = 0;  // acknowledged events that were sent again all the same
    std::size_t digests = 0;   // acknowledged with 202
    std::size_t feed_runs = 0;
  };

  Traffic(sim::Slack& slack, const Clock& clock, std::uint64_t seed);
  ~Traffic();
  Traffic(const Traffic&) = delete;
  Traffic& operator=(const Traffic&) = delete;

  // Where the bot listens from now on; nothing: nowhere.
  void aim(const std::optional<std::string>& base_url);

  // A member writes to the bot, which is sent until it is acknowledged; `mark` is in each answer.
  void say(const std::string& user, const std::string& text, const std::string& mark,
           std::size_t answers = 1);

  // A script asks for a digest in a channel that sees no other one, once: whether the bot has heard
  // of it is known only if it answers.
  void request_digest(const std::string& channel, std::size_t messages, const Secret& token);

  // A script has the feeds of a channel read and posted, once. What they have does not depend on
  // it.
  void run_feeds(const std::string& channel, const Secret& token);

  // What is not sent and acknowledged yet.
  [[nodiscard]] std::size_t waiting();

  [[nodiscard]] std::vector<Expected> expected();
  [[nodiscard]] Figures figures();

 private:
  struct Item {
    std::string path;
    http::Headers headers = {};  // of a script; those of Slack are made for each attempt
    std::string body;
    std::optional<Expected> expected = {};
    int retry = 0;
    std::string reason = {};
    bool was_accepted = false;
  };

  void send_all(const std::stop_token& stop);
  std::optional<Item> take(const std::stop_token& stop, std::string& base_url);
  void send(const std::string& base_url, Item item);
  void note_event(Item item, bool is_accepted, std::string_view reason);
  void note_request(Item item, bool is_accepted);
  void request(Item item, const Secret& token);
  std::string event(const std::string& user, const std::string& text);

  sim::Slack& slack_;
  const Clock& clock_;
  SeededRandom random_;
  std::unique_ptr<http::Client> client_;
  std::mutex mutex_;  // of all that follows
  std::condition_variable_any changed_;
  std::optional<std::string> base_url_;
  std::deque<Item> waiting_;
  std::size_t under_way_ = 0;
  std::uint64_t numbers_ = 0;
  std::vector<Expected> expected_;
  Figures figures_;
  std::vector<std::jthread> senders_;
};

}  // namespace bb::crash

// One installation of the bot between a simulated Slack, GitHub and social networks: the real
// binary is started, killed and started again while people write to it and publish, and in the end
// everything is counted.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "base/secret.hpp"
#include "sim/github.hpp"
#include "sim/slack.hpp"
#include "tests/crash/faults.hpp"
#include "tests/crash/publishers.hpp"
#include "tests/crash/tally.hpp"
#include "tests/crash/traffic.hpp"
#include "tests/scenario/process.hpp"

namespace bb::crash {

struct Lives {
  std::size_t started = 0;
  std::size_t killed_at_start = 0;  // before it served
  std::size_t killed = 0;           // while it served
  std::size_t database_restarts = 0;
};

class World {
 public:
  struct Database {
    std::string uri;
    std::function<void()> restart;  // empty: it has no life of its own
  };

  // The bot's log, and its files, are in `folder`.
  World(Database database, std::filesystem::path folder, std::uint64_t seed);

  // A new installation, killed at any moment while it makes its database.
  void round_of_installation();

  // Without disturbance: members link their accounts, feeds are added and read for the first time,
  // a first digest tells what digests consist of.
  void set_up();

  // A digest by schedule, at the next full minute.
  void schedule_digest();

  // `count` instances more that stay, while the one that people write to comes and goes.
  void add_companions(std::size_t count);

  // People write and publish, Slack and the sources of feeds fail, the bot dies.
  void round();

  // Without disturbance, until everything is answered or nothing moves any more; started once more,
  // nothing may follow.
  Tally settle();

  [[nodiscard]] const Lives& lives() const { return lives_; }
  [[nodiscard]] Traffic::Figures traffic() { return traffic_.figures(); }
  [[nodiscard]] Publishers::Figures published() const { return publishers_.figures(); }
  [[nodiscard]] const Faults& faults() const { return faults_; }

 private:
  struct Member {
    std::string user;
    std::string login;
    std::size_t said = 0;
  };

  // What happens when, after the start.
  using Plan = std::multimap<std::chrono::milliseconds, std::function<void()>>;

  void add_members();
  void make_token();
  void add_feeds(const std::string& base_url);
  void make_first_digest(const std::string& base_url);
  // Asks for it and waits until the job is done.
  void run_job(const std::string& url, const std::string& channel);
  std::string add_channel();
  void write_to_bot();
  void add_feed_by_message();
  void add_traffic_of_feeds(Plan& plan, std::uint64_t length);
  void restart_database();
  void ask_for_digest();
  void run_all_feeds();
  std::chrono::milliseconds draw_lifetime();
  // What ends it before it is killed is a finding, unless the database went away under it.
  void live(std::chrono::milliseconds lifetime, const Plan& plan);
  std::unique_ptr<tests::Process> start();
  void stop(tests::Process& process);
  void keep_log(tests::Process& process, std::string_view title);
  [[nodiscard]] app::Environment environment() const;
  [[nodiscard]] Tally tally();

  std::filesystem::path folder_;
  Database database_;
  SystemClock clock_;
  SeededRandom random_;      // of rounds
  SystemRandom sim_random_;  // of ids and tokens
  std::unique_ptr<sim::Slack> slack_;
  std::unique_ptr<sim::GitHub> github_;
  std::unique_ptr<http::Client> client_;
  Faults faults_;
  Proxy proxy_;
  Traffic traffic_;
  Publishers publishers_;
  std::vector<Member> members_;
  Secret token_;
  std::size_t digest_messages_ = 0;
  std::chrono::milliseconds time_to_serve_{};  // on this machine, as busy as it is
  std::vector<Expected> scheduled_;
  TimePoint last_schedule_{};
  std::map<std::string, std::size_t> answered_before_;  // messages of the bot by channel
  std::vector<std::string> channels_;                   // that are counted
  std::vector<std::unique_ptr<tests::Process>> companions_;
  Lives lives_;
  std::vector<std::string> unexpected_ends_;
};

}  // namespace bb::crash

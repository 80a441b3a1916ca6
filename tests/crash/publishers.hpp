// Accounts and blogs that publish while the bot comes and goes, and what their channels have to get
// of it.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "app/config.hpp"
#include "base/clock.hpp"
#include "base/random.hpp"
#include "sim/slack.hpp"
#include "sim/social.hpp"
#include "tests/crash/tally.hpp"

namespace bb::crash {

class Publishers {
 public:
  struct Figures {
    std::size_t items = 0;  // that have to be posted
    std::size_t edited = 0;
    std::size_t deleted = 0;  // before their time came
    std::size_t copied = 0;   // to all three networks
    std::size_t moves = 0;    // of a feed to another address
  };

  struct Feed {
    sim::Network network;
    std::string name;
    std::string channel = {};
    std::size_t moves = 0;
  };

  // A feed that a person adds while it has items already, the newest of which are posted.
  struct LateFeed {
    std::string address;
    std::string settings;
  };

  Publishers(sim::Slack& slack, const Clock& clock, Random& sim_random, std::uint64_t seed);

  [[nodiscard]] sim::Social& social() { return *social_; }
  [[nodiscard]] app::Environment environment() const;

  // Of the feeds that stand from the beginning, each of another kind; each has something old.
  [[nodiscard]] const std::vector<Feed>& feeds() const { return feeds_; }
  [[nodiscard]] std::string address_of(const Feed& feed);
  [[nodiscard]] static std::vector<std::string> settings();
  // Those of networks share one, as copies of a post have to.
  void set_channels(const std::string& of_networks, const std::string& of_web);

  LateFeed add_late_feed(const std::string& channel);

  // One publishes, or one post appears in all networks, or a feed moves.
  void publish();
  // Whoever has just published something edits or deletes it, before its time comes.
  void think_again();

  [[nodiscard]] const std::vector<std::string>& channels() const { return channels_; }
  [[nodiscard]] std::vector<Expected> expected() const;
  [[nodiscard]] Figures figures() const;

  // False for what is asked once and for all: a fault there is an answer that counts.
  [[nodiscard]] static bool may_fail(std::string_view path);

 private:
  struct Post {
    std::size_t feed;
    std::string id;
    std::string mark;
    TimePoint at;
    bool is_alone = true;
  };

  std::string next_mark();
  [[nodiscard]] bool is_full(const Feed& feed, std::size_t place) const;
  Post add_post(std::size_t feed, const std::string& mark);
  void copy_post();
  void move(Feed& feed);

  sim::Slack& slack_;
  const Clock& clock_;
  SeededRandom random_;
  std::unique_ptr<sim::Social> social_;
  std::vector<Feed> feeds_;
  std::vector<Post> posts_;  // that have to stand; of a copy the first one
  std::vector<Expected> late_items_;
  std::vector<std::string> channels_;
  std::size_t numbers_ = 0;
  std::size_t late_feeds_ = 0;
  Figures figures_;
};

}  // namespace bb::crash

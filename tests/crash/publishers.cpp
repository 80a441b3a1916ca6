#include "tests/crash/publishers.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace bb::crash {
namespace {

using sim::Network;
using std::chrono::milliseconds;

constexpr std::string_view late_name = "late-";
// Feeds of the web have 15 items; what falls off the end before it was read is nobody's loss.
constexpr std::size_t most_unread = 8;
// As an item waits five seconds, and dates of feeds have no milliseconds.
constexpr milliseconds time_to_think_again{2'500};

bool is_of_web(Network network) {
  return network != Network::x && network != Network::mastodon && network != Network::bluesky;
}

}  // namespace

Publishers::Publishers(sim::Slack& slack, const Clock& clock, Random& sim_random,
                       std::uint64_t seed)
    : slack_(slack),
      clock_(clock),
      random_(seed),
      social_(sim::Social::start(clock, sim_random).value()),
      feeds_({{.network = Network::x, .name = "ada"},
              {.network = Network::mastodon, .name = "ada"},
              {.network = Network::bluesky, .name = "ada.example.org"},
              {.network = Network::rss, .name = "news"},
              {.network = Network::atom, .name = "blog"},
              {.network = Network::json_feed, .name = "notes"}}) {
  for (const Feed& feed : feeds_) {
    social_->add_post(feed.network, feed.name,
                      {.text = "This was there before the feed was added.",
                       .title = is_of_web(feed.network) ? "Old" : "",
                       .at = clock_.now() - std::chrono::hours(1)});
  }
}

app::Environment Publishers::environment() const {
  return {{"TWITTER_CONSUMER_KEY", social_->options().x_consumer_key},
          {"TWITTER_CONSUMER_SECRET", social_->options().x_consumer_secret.reveal()},
          {"X_API_URL", social_->x_api_url()},
          {"X_MONTHLY_BUDGET_USD", "1000"},
          {"BLUESKY_API_URL", social_->bluesky_api_url()},
          {"FEED_ALLOWED_HOSTS", "127.0.0.1"}};
}

std::string Publishers::address_of(const Feed& feed) {
  return social_->address(feed.network, feed.name);
}

std::vector<std::string> Publishers::settings() {
  return {"delay=5s", "spacing=0", "burst=20"};
}

void Publishers::set_channels(const std::string& of_networks, const std::string& of_web) {
  channels_ = {of_networks, of_web};
  for (Feed& feed : feeds_) {
    feed.channel = is_of_web(feed.network) ? of_web : of_networks;
  }
}

Publishers::LateFeed Publishers::add_late_feed(const std::string& channel) {
  constexpr int there = 4;
  constexpr int wanted = 2;
  const Network kinds[] = {Network::rss, Network::atom, Network::json_feed};
  const Network network = kinds[random_.below(std::size(kinds))];
  const std::string name = fmt::format("{}{}", late_name, ++late_feeds_);
  for (int number = 0; number < there; ++number) {
    const std::string mark = next_mark();
    social_->add_post(network, name,
                      {.text = "What was there, " + mark,
                       .title = "Article",
                       .at = clock_.now() - std::chrono::hours(there - number)});
    if (number >= there - wanted) {
      late_items_.push_back({.channel = channel, .mark = mark});
      ++figures_.items;
    }
  }
  channels_.push_back(channel);
  return {.address = social_->address(network, name),
          .settings = fmt::format("newest={} spacing=0 burst=20", wanted)};
}

std::string Publishers::next_mark() {
  return fmt::format("n{:05}.", ++numbers_);
}

bool Publishers::is_full(const Feed& feed, std::size_t place) const {
  const std::vector<sim::SlackMessage> messages = slack_.messages(feed.channel);
  const auto is_unread = [&](const Post& post) {
    return (post.feed == place || (!post.is_alone && feed.channel == feeds_[post.feed].channel)) &&
           std::ranges::none_of(messages, [&](const sim::SlackMessage& message) {
             return message.text.find(post.mark) != std::string::npos;
           });
  };
  return static_cast<std::size_t>(std::ranges::count_if(posts_, is_unread)) >= most_unread;
}

Publishers::Post Publishers::add_post(std::size_t feed, const std::string& mark) {
  const Feed& to = feeds_[feed];
  const TimePoint now = clock_.now();
  return {.feed = feed,
          .id = social_->add_post(to.network, to.name,
                                  {.text = "There is something to tell you: " + mark,
                                   .title = is_of_web(to.network) ? "Article" : "",
                                   .at = now}),
          .mark = mark,
          .at = now};
}

void Publishers::publish() {
  constexpr std::uint64_t posts_per_copy = 8;
  constexpr std::uint64_t posts_per_move = 20;
  constexpr std::size_t most_moves = 4;
  const std::size_t place = random_.below(feeds_.size());
  Feed& feed = feeds_[place];
  if (is_full(feed, place)) {
    return;
  }
  if (is_of_web(feed.network) && feed.moves < most_moves && random_.below(posts_per_move) == 0) {
    move(feed);
  }
  if (!is_of_web(feed.network) && random_.below(posts_per_copy) == 0) {
    copy_post();
    return;
  }
  posts_.push_back(add_post(place, next_mark()));
  ++figures_.items;
}

void Publishers::copy_post() {
  const std::string mark = next_mark();
  std::vector<Post> copies;
  for (std::size_t place = 0; place < feeds_.size(); ++place) {
    if (!is_of_web(feeds_[place].network)) {
      copies.push_back(add_post(place, mark));
    }
  }
  copies.front().is_alone = false;
  posts_.push_back(std::move(copies.front()));
  ++figures_.items;
  ++figures_.copied;
}

void Publishers::move(Feed& feed) {
  const std::string name = fmt::format("{}-{}", feed.name, ++feed.moves);
  social_->move_feed(feed.network, feed.name, name);
  feed.name = name;
  ++figures_.moves;
}

void Publishers::think_again() {
  if (posts_.empty() || !posts_.back().is_alone ||
      clock_.now() - posts_.back().at > time_to_think_again) {
    return;
  }
  Post& post = posts_.back();
  const Feed& feed = feeds_[post.feed];
  if (random_.below(2) == 0) {
    social_->delete_post(feed.network, feed.name, post.id);
    posts_.pop_back();
    --figures_.items;
    ++figures_.deleted;
    return;
  }
  post.mark = next_mark();
  social_->edit_post(feed.network, feed.name, post.id, "What I wanted to tell you: " + post.mark);
  ++figures_.edited;
}

std::vector<Expected> Publishers::expected() const {
  std::vector<Expected> expected = late_items_;
  for (const Post& post : posts_) {
    expected.push_back({.channel = feeds_[post.feed].channel, .mark = post.mark});
  }
  return expected;
}

Publishers::Figures Publishers::figures() const {
  return figures_;
}

bool Publishers::may_fail(std::string_view path) {
  return !path.starts_with("/items/") && path.find(late_name) == std::string_view::npos;
}

}  // namespace bb::crash

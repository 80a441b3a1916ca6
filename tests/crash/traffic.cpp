#include "tests/crash/traffic.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <chrono>
#include <utility>

namespace bb::crash {
namespace {

constexpr std::size_t sender_count = 4;
constexpr std::chrono::milliseconds answer_time{3'000};  // what Slack gives
constexpr std::chrono::milliseconds between_attempts{20};
constexpr std::string_view events_path = "/slack/events";

std::string naming(const std::string& channel) {
  return boost::json::serialize(boost::json::object{{"channel", channel}});
}

}  // namespace

Traffic::Traffic(sim::Slack& slack, const Clock& clock, std::uint64_t seed)
    : slack_(slack),
      clock_(clock),
      random_(seed),
      client_(http::make_curl_client({.user_agent = "Slackbot 1.0", .total_time = answer_time})) {
  for (std::size_t i = 0; i < sender_count; ++i) {
    senders_.emplace_back([this](const std::stop_token& stop) { send_all(stop); });
  }
}

Traffic::~Traffic() {
  for (std::jthread& sender : senders_) {
    sender.request_stop();
  }
}

void Traffic::aim(const std::optional<std::string>& base_url) {
  const std::lock_guard lock(mutex_);
  base_url_ = base_url;
  changed_.notify_all();
}

std::string Traffic::event(const std::string& user, const std::string& text) {
  const auto now = std::chrono::floor<std::chrono::seconds>(clock_.now()).time_since_epoch();
  const std::uint64_t number = ++numbers_;
  const boost::json::object message = {
      {"type", "message"},
      {"channel_type", "im"},
      {"channel", slack_.direct_channel(user)},
      {"user", user},
      {"ts", fmt::format("{}.{:06}", now.count(), number % 1'000'000)},
      {"text", text}};
  return boost::json::serialize(boost::json::object{{"type", "event_callback"},
                                                    {"team_id", slack_.options().team_id},
                                                    {"api_app_id", slack_.options().app_id},
                                                    {"event_id", fmt::format("Ev{:09}", number)},
                                                    {"event", message}});
}

void Traffic::say(const std::string& user, const std::string& text, const std::string& mark,
                  std::size_t answers) {
  const std::string channel = slack_.direct_channel(user);
  const std::lock_guard lock(mutex_);
  waiting_.push_back({.path = std::string(events_path),
                      .body = event(user, text),
                      .expected = Expected{.channel = channel, .mark = mark, .messages = answers}});
  changed_.notify_all();
}

void Traffic::request_digest(const std::string& channel, std::size_t messages,
                             const Secret& token) {
  request({.path = "/github-summary",
           .body = naming(channel),
           .expected =
               Expected{.channel = channel, .mark = "", .messages = messages, .certain = false}},
          token);
}

void Traffic::run_feeds(const std::string& channel, const Secret& token) {
  request({.path = "/poll-twitter", .body = naming(channel)}, token);
}

void Traffic::request(Item item, const Secret& token) {
  item.headers = {{"Content-Type", "application/json"},
                  {"Authorization", "token " + token.reveal()}};
  const std::lock_guard lock(mutex_);
  waiting_.push_back(std::move(item));
  changed_.notify_all();
}

std::size_t Traffic::waiting() {
  const std::lock_guard lock(mutex_);
  return waiting_.size() + under_way_;
}

std::vector<Expected> Traffic::expected() {
  const std::lock_guard lock(mutex_);
  return expected_;
}

Traffic::Figures Traffic::figures() {
  const std::lock_guard lock(mutex_);
  return figures_;
}

void Traffic::send_all(const std::stop_token& stop) {
  std::string base_url;
  while (std::optional<Item> item = take(stop, base_url)) {
    send(base_url, *std::move(item));
  }
}

std::optional<Traffic::Item> Traffic::take(const std::stop_token& stop, std::string& base_url) {
  std::unique_lock lock(mutex_);
  if (!changed_.wait(lock, stop, [this] { return base_url_ && !waiting_.empty(); })) {
    return std::nullopt;
  }
  base_url = *base_url_;
  Item item = std::move(waiting_.front());
  waiting_.pop_front();
  ++under_way_;
  return item;
}

void Traffic::send(const std::string& base_url, Item item) {
  const bool is_event = item.path == events_path;
  http::Headers headers = is_event ? slack_.signed_headers(item.body) : item.headers;
  if (item.retry > 0) {
    headers.set("X-Slack-Retry-Num", std::to_string(item.retry));
    headers.set("X-Slack-Retry-Reason", item.reason);
  }
  const Result<http::Response> response = client_->send(
      {.method = "POST", .url = base_url + item.path, .headers = headers, .body = item.body});
  const bool is_accepted = response && response->status == (is_event ? 200 : 202);
  std::unique_lock lock(mutex_);
  --under_way_;
  figures_.attempts += is_accepted ? 0 : 1;
  if (!is_event) {
    note_request(std::move(item), is_accepted);
    return;
  }
  note_event(std::move(item), is_accepted, response ? "http_error" : "http_timeout");
  if (!is_accepted) {
    // A bot that is dying is not asked as fast as the machine can.
    changed_.wait_for(lock, between_attempts, [] { return false; });
  }
}

// Some acknowledged events come again, as if the answer had been lost on its way to Slack; and some
// under a new event id, as Slack has been seen to do.
void Traffic::note_event(Item item, bool is_accepted, std::string_view reason) {
  constexpr std::uint64_t repeated_of_100 = 15;
  if (item.was_accepted) {
    figures_.repeated += is_accepted ? 1 : 0;
    return;
  }
  item.reason = reason;
  ++item.retry;
  if (is_accepted) {
    ++figures_.events;
    expected_.push_back(*item.expected);
    if (random_.below(100) >= repeated_of_100) {
      return;
    }
    item.was_accepted = true;
    if (random_.below(3) == 0) {
      const std::size_t id = item.body.find("\"Ev") + 3;
      item.body.replace(id, 1, "A");
    }
  }
  waiting_.push_back(std::move(item));
}

void Traffic::note_request(Item item, bool is_accepted) {
  if (!item.expected) {
    figures_.feed_runs += is_accepted ? 1 : 0;
    return;
  }
  figures_.digests += is_accepted ? 1 : 0;
  item.expected->certain = is_accepted;
  expected_.push_back(*std::move(item.expected));
}

}  // namespace bb::crash

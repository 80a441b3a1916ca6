#include "tests/crash/world.hpp"

#include <fmt/format.h>
#include <signal.h>

#include <algorithm>
#include <boost/json.hpp>
#include <fstream>
#include <stdexcept>
#include <thread>

#include "base/json.hpp"
#include "base/text.hpp"
#include "base/time.hpp"

namespace bb::crash {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t member_count = 12;
constexpr std::string_view bot_url = "http://bot.test";  // what BASE_URL says; nobody asks there
constexpr milliseconds between_looks{50};
constexpr seconds longest_set_up{60};
// Longer than a lease and than the longest wait after a failure that is likely.
constexpr seconds longest_standstill{100};
constexpr seconds between_runs{4};   // of feeds, while they are waited for
constexpr seconds time_for_more{2};  // in which something too much would show

void wait_until(std::string_view what, const std::function<bool()>& is_so) {
  const auto end = SteadyClock::now() + longest_set_up;
  while (!is_so()) {
    if (SteadyClock::now() > end) {
      throw std::runtime_error(fmt::format("waited in vain: {}", what));
    }
    std::this_thread::sleep_for(between_looks);
  }
}

std::vector<std::string> texts_of_bot(const sim::Slack& slack, const std::string& channel) {
  std::vector<std::string> texts;
  for (const sim::SlackMessage& message : slack.messages(channel)) {
    if (message.from_bot) {
      texts.push_back(message.text);
    }
  }
  return texts;
}

// The address behind the first button of the bot's last message.
std::string button_url(const sim::Slack& slack, const std::string& channel) {
  const auto blocks = json::parse(slack.messages(channel).back().blocks).value();
  for (const boost::json::value& block : blocks.as_array()) {
    if (const boost::json::array* elements = json::array(block, "elements")) {
      if (const auto url = json::string(elements->at(0), "url")) {
        return *url;
      }
    }
  }
  throw std::runtime_error("the answer to connect has no button");
}

// Of an address such as http://127.0.0.1:PORT/api.
std::uint16_t port_of(std::string_view url) {
  const std::size_t start = url.rfind(':') + 1;
  return static_cast<std::uint16_t>(
      parse_integer(url.substr(start, url.find('/', start) - start)).value());
}

std::string base_url_of(tests::Process& process) {
  return "http://127.0.0.1:" + std::to_string(process.port());
}

}  // namespace

World::World(Database database, std::filesystem::path folder, std::uint64_t seed)
    : folder_(std::move(folder)),
      database_(std::move(database)),
      random_(seed),
      slack_(sim::Slack::start(clock_, sim_random_).value()),
      github_(sim::GitHub::start(clock_, sim_random_).value()),
      client_(http::make_curl_client({.user_agent = "crash"})),
      faults_(seed + 1),
      proxy_(port_of(slack_->url()),
             [this](std::string_view request) { return faults_.draw_fate(request); }),
      traffic_(*slack_, clock_, seed + 2),
      publishers_(*slack_, clock_, sim_random_, seed + 3) {
  constexpr std::int64_t unlimited = 1'000'000;
  std::filesystem::create_directories(folder_);
  github_->set_limits(unlimited, unlimited);
  github_->add_redirect_uri(std::string(bot_url) + "/github-integration");
  slack_->draw_faults([this](std::string_view method) { return faults_.draw(method); });
  publishers_.social().draw_faults([this](std::string_view path) {
    return Publishers::may_fail(path) ? faults_.draw_of_source() : std::nullopt;
  });
  add_members();
}

void World::add_members() {
  for (std::size_t i = 0; i < member_count; ++i) {
    const std::string login = fmt::format("member-{:02}", i);
    github_->add_user(static_cast<std::int64_t>(1000 + i), login);
    // Enough for a digest of several messages.
    for (int number = 1; number <= 20; ++number) {
      const std::string title = fmt::format("{} {} {:.<70}", login, number, "what is wrong here");
      github_->add_event(login, sim::issue_opened("crash/project", number, title));
      github_->add_event(login, sim::star(fmt::format("{}/starred-project-{}", login, number)));
    }
    members_.push_back({.user = slack_->add_user(login), .login = login});
  }
}

app::Environment World::environment() const {
  app::Environment variables = {
      {"SLACK_BOTUSER_OAUTH_TOKEN", slack_->options().bot_token.reveal()},
      {"SLACK_SIGNING_SECRET", slack_->options().signing_secret.reveal()},
      {"SLACK_API_URL", fmt::format("http://127.0.0.1:{}/api", proxy_.port())},
      {"GITHUB_APP_CLIENT_ID", github_->options().client_id},
      {"GITHUB_APP_CLIENT_SECRET", github_->options().client_secret.reveal()},
      {"GITHUB_API_URL", github_->api_url()},
      {"GITHUB_WEB_URL", github_->web_url()},
      {"BASE_URL", std::string(bot_url)},
      {"DATABASE_URI", database_.uri},
      {"SECRET_KEY", "the same in every life of the bot"},
      // Longer than a call is kept before it is applied.
      {"POST_SETTLE_SECONDS", "5"},
      {"PORT", "0"}};
  variables.merge(publishers_.environment());
  return variables;
}

std::unique_ptr<tests::Process> World::start() {
  ++lives_.started;
  return std::make_unique<tests::Process>(std::vector<std::string>{"serve"}, environment(),
                                          folder_.string());
}

void World::keep_log(tests::Process& process, std::string_view title) {
  std::ofstream(folder_ / "serve.log", std::ios::app)
      << fmt::format("--- life {}, {}\n", lives_.started, title) << process.output();
}

void World::stop(tests::Process& process) {
  process.send_signal(SIGTERM);
  const int code = process.wait();
  keep_log(process, "stopped");
  if (code != 0) {
    unexpected_ends_.push_back(
        fmt::format("life {} ended with {} after SIGTERM", lives_.started, code));
  }
}

void World::live(milliseconds lifetime, const Plan& plan) {
  const auto born = SteadyClock::now();
  const std::size_t restarts = lives_.database_restarts;
  const std::unique_ptr<tests::Process> process = start();
  const bool serves = process->wait_for(" base_url=", lifetime);
  if (serves) {
    traffic_.aim(base_url_of(*process));
  }
  for (const auto& [moment, act] : plan) {
    std::this_thread::sleep_until(std::min(born + moment, born + lifetime));
    act();
  }
  std::this_thread::sleep_until(born + lifetime);
  process->send_signal(SIGKILL);
  const int code = process->wait();
  traffic_.aim(std::nullopt);
  ++(serves ? lives_.killed : lives_.killed_at_start);
  keep_log(*process, fmt::format("killed after {} ms", lifetime.count()));
  if (code != -SIGKILL && restarts == lives_.database_restarts) {
    unexpected_ends_.push_back(fmt::format("life {} ended by itself: {}", lives_.started, code));
  }
}

void World::round_of_installation() {
  constexpr std::uint64_t longest = 120;  // ms: about what it takes
  live(milliseconds(random_.below(longest)), {});
}

void World::set_up() {
  const auto born = SteadyClock::now();
  const std::unique_ptr<tests::Process> process = start();
  const std::string base_url = base_url_of(*process);
  time_to_serve_ = std::chrono::duration_cast<milliseconds>(SteadyClock::now() - born);
  slack_->deliver_to(base_url + "/slack/events");
  for (const Member& member : members_) {
    slack_->say(member.user, "connect").value();
  }
  for (const Member& member : members_) {
    const std::string channel = slack_->direct_channel(member.user);
    wait_until("the answer to connect", [&] { return texts_of_bot(*slack_, channel).size() == 1; });
    const std::string location =
        github_->authorize(button_url(*slack_, channel), member.login).value();
    client_->send({.url = base_url + location.substr(bot_url.size())}).value();
  }
  for (const Member& member : members_) {
    const std::string channel = slack_->direct_channel(member.user);
    wait_until("the account is linked", [&] { return texts_of_bot(*slack_, channel).size() == 2; });
    answered_before_[channel] = 2;
    channels_.push_back(channel);
  }
  make_token();
  add_feeds(base_url);
  make_first_digest(base_url);
  stop(*process);
}

void World::schedule_digest() {
  constexpr seconds time_to_set(5);
  last_schedule_ = std::chrono::ceil<std::chrono::minutes>(clock_.now() + time_to_set);
  const std::string channel = add_channel();
  const std::string time = TimeZone::utc().format(last_schedule_, "%H:%M");
  const tests::Finished set = tests::run(
      {"schedule", "set", "digest", "--channel", channel, "--time", time, "--timezone", "UTC"},
      environment(), folder_.string());
  if (set.code != 0) {
    throw std::runtime_error("a schedule cannot be set: " + set.output);
  }
  scheduled_.push_back({.channel = channel, .mark = "", .messages = digest_messages_});
}

void World::add_companions(std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    companions_.push_back(start());
    base_url_of(*companions_.back());
  }
}

void World::make_token() {
  const tests::Finished made =
      tests::run({"token", "create", "--username", "crash"}, environment(), folder_.string());
  token_ = Secret(std::string(split(trim(made.output), '\n').back()));
}

void World::run_job(const std::string& url, const std::string& channel) {
  const http::Headers headers = {{"Content-Type", "application/json"},
                                 {"Authorization", "token " + token_.reveal()}};
  const auto asked = client_->send({.method = "POST",
                                    .url = url,
                                    .headers = headers,
                                    .body = fmt::format(R"({{"channel": "{}"}})", channel)});
  const std::string job =
      json::required_string(json::parse(asked.value().body).value(), "data.job_id").value();
  const std::string status_url = url.substr(0, url.rfind('/')) + "/jobs/" + job;
  wait_until(url, [&] {
    const auto status = client_->send({.url = status_url, .headers = headers});
    return status.value().body.find("\"state\":\"done\"") != std::string::npos;
  });
}

// What is published from then on is new to the bot: feeds of the web have dates in seconds.
void World::add_feeds(const std::string& base_url) {
  publishers_.set_channels(add_channel(), add_channel());
  for (const Publishers::Feed& feed : publishers_.feeds()) {
    std::vector<std::string> arguments = {"feeds", "add", publishers_.address_of(feed), "--channel",
                                          feed.channel};
    std::ranges::copy(Publishers::settings(), std::back_inserter(arguments));
    const tests::Finished added = tests::run(arguments, environment(), folder_.string());
    if (added.code != 0) {
      throw std::runtime_error("a feed cannot be added: " + added.output);
    }
  }
  const TimePoint next_second = std::chrono::ceil<seconds>(clock_.now());
  for (const std::string& channel : publishers_.channels()) {
    run_job(base_url + "/poll-twitter", channel);
  }
  wait_until("the next second", [&] { return clock_.now() > next_second; });
}

void World::make_first_digest(const std::string& base_url) {
  const std::string channel = add_channel();
  run_job(base_url + "/github-summary", channel);
  digest_messages_ = texts_of_bot(*slack_, channel).size();
  answered_before_[channel] = digest_messages_;
}

std::string World::add_channel() {
  std::vector<std::string> users;
  for (const Member& member : members_) {
    users.push_back(member.user);
  }
  channels_.push_back(slack_->add_channel(
      {.name = fmt::format("digest-{}", channels_.size()), .members = std::move(users)}));
  return channels_.back();
}

void World::ask_for_digest() {
  traffic_.request_digest(add_channel(), digest_messages_, token_);
}

void World::run_all_feeds() {
  for (const std::string& channel : publishers_.channels()) {
    traffic_.run_feeds(channel, token_);
  }
}

void World::restart_database() {
  ++lives_.database_restarts;
  database_.restart();
}

void World::write_to_bot() {
  if (random_.below(2) == 0) {
    // Somebody who writes just this once: there is one answer then, whatever it says.
    const char* const words[] = {"help", "connect", "status", "good morning"};
    const std::string user = slack_->add_user(fmt::format("stranger-{}", channels_.size()));
    channels_.push_back(slack_->direct_channel(user));
    traffic_.say(user, words[random_.below(std::size(words))], "");
    return;
  }
  // The answer names the repository, whichever of two messages comes first.
  Member& member = members_[random_.below(members_.size())];
  const std::string repository = fmt::format("crash/n{:04}", ++member.said);
  traffic_.say(member.user, (member.said % 2 == 0 ? "hide " : "show ") + repository, repository);
}

void World::add_feed_by_message() {
  const std::string user = slack_->add_user(fmt::format("admin-{}", channels_.size()));
  slack_->make_admin(user);
  channels_.push_back(slack_->direct_channel(user));
  const std::string channel = add_channel();
  const Publishers::LateFeed feed = publishers_.add_late_feed(channel);
  // One answer at once, one when it has been looked at.
  traffic_.say(user,
               fmt::format("feeds add {} <#{}|feeds> {}", feed.address, channel, feed.settings), "",
               2);
}

void World::add_traffic_of_feeds(Plan& plan, std::uint64_t length) {
  constexpr std::uint64_t most_items = 6;
  constexpr std::uint64_t shortest_thought = 200;  // ms
  constexpr std::uint64_t longest_thought = 2'000;
  constexpr std::uint64_t most_runs = 4;
  constexpr std::uint64_t rounds_per_late_feed = 8;
  for (std::uint64_t i = random_.below(most_items + 1); i > 0; --i) {
    const milliseconds moment(random_.below(length));
    plan.emplace(moment, [this] { publishers_.publish(); });
    if (random_.below(4) == 0) {
      // The bot is to know it as it was.
      plan.emplace(moment, [this] { run_all_feeds(); });
      plan.emplace(moment + milliseconds(shortest_thought + random_.below(longest_thought)),
                   [this] { publishers_.think_again(); });
    }
  }
  for (std::uint64_t i = random_.below(most_runs + 1); i > 0; --i) {
    const std::string& channel =
        publishers_.channels()[random_.below(publishers_.channels().size())];
    plan.emplace(milliseconds(random_.below(length)),
                 [this, channel] { traffic_.run_feeds(channel, token_); });
  }
  if (random_.below(rounds_per_late_feed) == 0) {
    plan.emplace(milliseconds(random_.below(length)), [this] { add_feed_by_message(); });
  }
}

// While it starts, while it works, and sometimes later.
milliseconds World::draw_lifetime() {
  const std::uint64_t kind = random_.below(10);
  const auto moment = static_cast<std::int64_t>(random_.below(1000));
  if (kind < 3) {
    return time_to_serve_ * moment / 1000;
  }
  return time_to_serve_ + milliseconds(kind < 9 ? moment * 6 / 5 : 1200 + moment * 2);
}

void World::round() {
  constexpr std::uint64_t most_messages = 12;
  constexpr std::uint64_t rounds_per_digest = 4;
  constexpr std::uint64_t rounds_per_restart = 8;
  constexpr std::uint64_t last_moment = 12;  // ms: about what a request takes
  faults_.turn(true);
  const milliseconds lifetime = draw_lifetime();
  const auto length = static_cast<std::uint64_t>(lifetime.count()) + 1;
  Plan plan;
  for (std::uint64_t i = random_.below(most_messages + 1); i > 0; --i) {
    // Every other one so late that the kill may hit it.
    const std::uint64_t before_end =
        i % 2 == 0 ? random_.below(length) : std::min(length - 1, random_.below(last_moment));
    plan.emplace(milliseconds(length - 1 - before_end), [this] { write_to_bot(); });
  }
  if (database_.restart && random_.below(rounds_per_restart) == 0) {
    plan.emplace(milliseconds(random_.below(length)), [this] { restart_database(); });
  }
  if (random_.below(rounds_per_digest) == 0) {
    plan.emplace(milliseconds(random_.below(length)), [this] { ask_for_digest(); });
  }
  add_traffic_of_feeds(plan, length);
  live(lifetime, plan);
}

Tally World::settle() {
  faults_.turn(false);
  std::unique_ptr<tests::Process> process = start();
  traffic_.aim(base_url_of(*process));
  std::size_t lost = 0;
  auto moved_at = SteadyClock::now();
  auto feeds_ran_at = SteadyClock::time_point();
  while (SteadyClock::now() - moved_at < longest_standstill) {
    if (SteadyClock::now() - feeds_ran_at >= between_runs) {
      run_all_feeds();
      feeds_ran_at = SteadyClock::now();
    }
    std::this_thread::sleep_for(between_looks * 10);
    const std::size_t still_lost = tally().lost;
    if (traffic_.waiting() == 0 && still_lost == 0 && clock_.now() > last_schedule_) {
      break;
    }
    if (still_lost != lost) {
      lost = still_lost;
      moved_at = SteadyClock::now();
    }
  }
  std::this_thread::sleep_for(time_for_more);
  stop(*process);
  for (const auto& companion : companions_) {
    stop(*companion);
  }
  process = start();
  traffic_.aim(base_url_of(*process));
  run_all_feeds();
  std::this_thread::sleep_for(time_for_more);
  stop(*process);
  Tally counted = tally();
  std::ranges::copy(unexpected_ends_, std::back_inserter(counted.findings));
  if (const std::size_t waiting = traffic_.waiting(); waiting > 0) {
    counted.findings.push_back(fmt::format("{} events were never acknowledged", waiting));
  }
  return counted;
}

Tally World::tally() {
  Standing standing;
  for (const std::string& channel : channels_) {
    std::vector<std::string> texts = texts_of_bot(*slack_, channel);
    texts.erase(texts.begin(),
                texts.begin() + static_cast<std::ptrdiff_t>(answered_before_[channel]));
    standing.emplace(channel, std::move(texts));
  }
  std::vector<Expected> expected = traffic_.expected();
  std::ranges::copy(scheduled_, std::back_inserter(expected));
  std::ranges::copy(publishers_.expected(), std::back_inserter(expected));
  return count(expected, standing);
}

}  // namespace bb::crash

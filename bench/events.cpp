// Measures the acknowledgement of signed Slack events, for bench/run.sh:
//   events busy-beaver URI WORKERS      our App with so many job workers (0: it acknowledges only)
//   events bolt NODE_APP                a Bolt for JavaScript app
//     closed loop: acknowledged per second, p99 ms; open loop at 2,000 a second: acknowledged per
//     second, p50, p99 and max ms; then resident memory in KiB, how many were refused,
//     and CPU microseconds for each event of the closed loop
//   events single URI                   one transaction for each event, without HTTP: events per
//     second
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

#include "app/app.hpp"
#include "base/log.hpp"
#include "bench/child.hpp"
#include "bench/event_load.hpp"
#include "sim/slack.hpp"
#include "storage/migrations.hpp"

namespace bb {
namespace {

using namespace std::chrono_literals;
using Time = std::chrono::steady_clock;

constexpr auto warm_up = 1s;
constexpr auto closed_loop = 3s;
constexpr auto open_loop = 3s;
constexpr double open_rate = 2'000;
constexpr auto single_time = 2s;

int measure(const bench::ServingChild& server, const sim::SlackOptions& slack) {
  const bench::EventTarget target{.port = server.port(),
                                  .team_id = slack.team_id,
                                  .signing_secret = slack.signing_secret,
                                  .connections = 32};
  bench::send_events(target, std::nullopt, warm_up);
  const double cpu = bench::cpu_seconds(server.process());
  const bench::LoadResult closed = bench::send_events(target, std::nullopt, closed_loop);
  const double used = bench::cpu_seconds(server.process()) - cpu;
  const bench::LoadResult open = bench::send_events(target, open_rate, open_loop);
  std::cout << closed.acknowledged_per_second << " " << closed.p99_ms << " "
            << open.acknowledged_per_second << " " << open.p50_ms << " " << open.p99_ms << " "
            << open.max_ms << " " << bench::resident_kib(server.process()) << " "
            << closed.refused + open.refused << " "
            << used * 1e6 / static_cast<double>(closed.acknowledged) << "\n";
  return 0;
}

int measure_busy_beaver(const std::string& uri, const std::string& workers) {
  const SystemClock clock;
  SystemRandom random;
  const auto slack = sim::Slack::start(clock, random);
  if (!slack) {
    throw std::runtime_error(slack.error().message);
  }
  const bench::ServingChild server({"/proc/self/exe", "serve", uri, workers, (*slack)->url()}, {});
  return measure(server, (*slack)->options());
}

int measure_bolt(const std::string& app) {
  const sim::SlackOptions slack;
  const bench::ServingChild server({"node", app},
                                   {"PATH=/usr/local/bin:/usr/bin:/bin",
                                    "SLACK_SIGNING_SECRET=" + slack.signing_secret.reveal()});
  return measure(server, slack);
}

// The child of `busy-beaver`: an App until it is killed.
int serve(const std::string& uri, const std::string& workers, const std::string& slack_url) {
  const SystemClock clock;
  SystemRandom random;
  const log::Writer silent({.level = log::Level::off});
  const sim::SlackOptions slack;
  app::Config config;
  config.database_uri = uri;
  config.secret_key = Secret("a key for the benchmark");
  config.slack = {
      .api_url = slack_url, .bot_token = slack.bot_token, .signing_secret = slack.signing_secret};
  config.base_url = "http://127.0.0.1";
  config.listen_address = "127.0.0.1";
  config.job_workers = std::stoul(workers);
  const auto app = app::App::start(config, clock, random);
  if (!app) {
    throw std::runtime_error(app.error().message);
  }
  std::cerr << "port=" << (*app)->port() << std::endl;
  pause();
  return 0;
}

int measure_single(const std::string& uri) {
  const SystemClock clock;
  SystemRandom random;
  const auto database = storage::open(uri);
  if (!database || !storage::migrate(**database, storage::migrations(), clock)) {
    throw std::runtime_error("the database cannot be made");
  }
  jobs::Queue queue(**database, clock, random);
  const Time::time_point begin = Time::now();
  std::int64_t count = 0;
  for (; Time::now() < begin + single_time; ++count) {
    const chat::IncomingMessage message{.event_id = "Ev" + std::to_string(count),
                                        .team_id = "T1",
                                        .channel = {"D1"},
                                        .user = {"U" + std::to_string(count % 1'000)},
                                        .timestamp = std::to_string(count),
                                        .text = "help"};
    const chat::Receipt receipt = chat::receipt_of({"W1"}, message);
    (*database)->write([&](storage::Connection& connection) {
      chat::accept(connection, std::span(&receipt, 1), clock.now());
      queue.enqueue(connection, {.kind = "chat.message",
                                 .payload = R"({"text":"help"})",
                                 .workspace_id = "W1",
                                 .subject = message.user});
    });
  }
  const std::chrono::duration<double> taken = Time::now() - begin;
  std::cout << static_cast<double>(count) / taken.count() << "\n";
  return 0;
}

}  // namespace
}  // namespace bb

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  try {
    if (arguments.size() == 3 && arguments[0] == "busy-beaver") {
      return bb::measure_busy_beaver(arguments[1], arguments[2]);
    }
    if (arguments.size() == 2 && arguments[0] == "bolt") {
      return bb::measure_bolt(arguments[1]);
    }
    if (arguments.size() == 2 && arguments[0] == "single") {
      return bb::measure_single(arguments[1]);
    }
    if (arguments.size() == 4 && arguments[0] == "serve") {
      return bb::serve(arguments[1], arguments[2], arguments[3]);
    }
  } catch (const std::exception& error) {
    std::cerr << "events: " << error.what() << "\n";
    return 1;
  }
  std::cerr << "usage: events busy-beaver URI WORKERS | bolt NODE_APP | single URI\n";
  return 2;
}

// Measures a binary from outside, for bench/run.sh:
//   measure serve BINARY FOLDER   milliseconds from start to ready on an empty database, idle
//   memory in KiB measure run COMMAND...        seconds and peak memory in KiB of a command; its
//   output is thrown away
#include <sys/resource.h>
#include <sys/wait.h>

#include <chrono>
#include <iostream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "bench/child.hpp"
#include "http/client.hpp"
#include "sim/slack.hpp"

namespace {

using namespace std::chrono_literals;
using Time = std::chrono::steady_clock;

constexpr auto idle_time = 2s;

int measure_serve(const std::string& binary, const std::string& folder) {
  const bb::SystemClock clock;
  bb::SystemRandom random;
  const auto slack = bb::sim::Slack::start(clock, random);
  if (!slack) {
    throw std::runtime_error(slack.error().message);
  }
  const Time::time_point begin = Time::now();
  const bb::bench::ServingChild server(
      {binary, "serve"},
      {"PORT=0", "LOG_FORMAT=text", "DATABASE_URI=sqlite:" + folder + "/bench.db",
       "SLACK_API_URL=" + (*slack)->url(),
       "SLACK_BOTUSER_OAUTH_TOKEN=" + (*slack)->options().bot_token.reveal(),
       "SLACK_SIGNING_SECRET=" + (*slack)->options().signing_secret.reveal()});
  const auto client = bb::http::make_curl_client({.user_agent = "busy-beaver bench"});
  const auto answer =
      client->send({.url = "http://127.0.0.1:" + std::to_string(server.port()) + "/readyz"});
  const auto ready = std::chrono::duration_cast<std::chrono::milliseconds>(Time::now() - begin);
  std::this_thread::sleep_for(idle_time);
  std::cout << ready.count() << " " << bb::bench::resident_kib(server.process()) << "\n";
  return answer && answer->status == 200 ? 0 : 1;
}

int measure_run(const std::vector<std::string>& arguments) {
  const Time::time_point begin = Time::now();
  const pid_t child = bb::bench::start(arguments, {}, -1);
  int status = 0;
  rusage usage{};
  wait4(child, &status, 0, &usage);
  const std::chrono::duration<double> taken = Time::now() - begin;
  std::cout << taken.count() << " " << usage.ru_maxrss << "\n";
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  try {
    if (arguments.size() == 3 && arguments[0] == "serve") {
      return measure_serve(arguments[1], arguments[2]);
    }
    if (arguments.size() > 1 && arguments[0] == "run") {
      return measure_run({arguments.begin() + 1, arguments.end()});
    }
  } catch (const std::exception& error) {
    std::cerr << "measure: " << error.what() << "\n";
    return 1;
  }
  std::cerr << "usage: measure serve BINARY FOLDER | measure run COMMAND...\n";
  return 2;
}

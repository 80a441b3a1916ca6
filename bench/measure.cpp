// Measures a binary from outside, for bench/run.sh:
//   measure serve BINARY FOLDER   milliseconds from start to ready on an empty database, idle
//   memory in KiB measure run COMMAND...        seconds and peak memory in KiB of a command; its
//   output is thrown away
#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "http/client.hpp"
#include "sim/slack.hpp"

namespace {

using namespace std::chrono_literals;
using Time = std::chrono::steady_clock;

constexpr auto start_limit = 10s;
constexpr auto idle_time = 2s;

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (std::string& text : texts) {
    result.push_back(text.data());
  }
  result.push_back(nullptr);
  return result;
}

// Starts a program; its standard error goes to `error_file`, its output nowhere. No environment
// means ours.
pid_t start(std::vector<std::string> arguments, std::vector<std::string> environment,
            int error_file) {
  const std::vector<char*> argv = pointers(arguments);
  const std::vector<char*> envp = pointers(environment);
  const pid_t child = fork();
  if (child != 0) {
    return child;
  }
  const int nowhere = open("/dev/null", O_RDWR);
  dup2(nowhere, STDIN_FILENO);
  dup2(nowhere, STDOUT_FILENO);
  dup2(error_file >= 0 ? error_file : nowhere, STDERR_FILENO);
  if (environment.empty()) {
    execvp(argv[0], argv.data());
  } else {
    execve(argv[0], argv.data(), envp.data());
  }
  _exit(127);
}

// Reads until `wanted` was seen, the end, or for `limit`; returns what was read.
std::string read_until(int file, std::string_view wanted, std::chrono::milliseconds limit) {
  std::string seen;
  const Time::time_point end = Time::now() + limit;
  while (wanted.empty() || seen.find(wanted) == std::string::npos) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Time::now());
    pollfd source{.fd = file, .events = POLLIN, .revents = 0};
    if (left <= 0ms || poll(&source, 1, static_cast<int>(left.count())) <= 0) {
      break;
    }
    std::array<char, 4096> buffer{};
    const ssize_t count = read(file, buffer.data(), buffer.size());
    if (count <= 0) {
      break;
    }
    seen.append(buffer.data(), static_cast<std::size_t>(count));
  }
  return seen;
}

std::string resident_kib(pid_t process) {
  std::ifstream status("/proc/" + std::to_string(process) + "/status");
  std::string word;
  while (status >> word) {
    if (word == "VmRSS:") {
      status >> word;
      return word;
    }
  }
  return "unknown";
}

int measure_serve(const std::string& binary, const std::string& folder) {
  const bb::SystemClock clock;
  bb::SystemRandom random;
  const auto slack = bb::sim::Slack::start(clock, random);
  if (!slack) {
    throw std::runtime_error(slack.error().message);
  }
  std::array<int, 2> pipe_ends{};
  if (pipe2(pipe_ends.data(), O_CLOEXEC) != 0) {
    throw std::runtime_error("no pipe");
  }
  const Time::time_point begin = Time::now();
  const pid_t child =
      start({binary, "serve"},
            {"PORT=0", "LOG_FORMAT=text", "DATABASE_URI=sqlite:" + folder + "/bench.db",
             "SLACK_API_URL=" + (*slack)->url(),
             "SLACK_BOTUSER_OAUTH_TOKEN=" + (*slack)->options().bot_token.reveal(),
             "SLACK_SIGNING_SECRET=" + (*slack)->options().signing_secret.reveal()},
            pipe_ends[1]);
  close(pipe_ends[1]);
  std::string log = read_until(pipe_ends[0], " base_url=", start_limit);
  const std::size_t port = log.find(" port=");
  if (port == std::string::npos) {
    kill(child, SIGKILL);
    throw std::runtime_error("serve did not start: " + log);
  }
  const std::string address = "http://127.0.0.1:" + std::to_string(std::stoi(log.substr(port + 6)));
  const auto client = bb::http::make_curl_client({.user_agent = "busy-beaver bench"});
  const auto answer = client->send({.url = address + "/readyz"});
  const auto ready = std::chrono::duration_cast<std::chrono::milliseconds>(Time::now() - begin);
  const bool good = answer && answer->status == 200;
  read_until(pipe_ends[0], "", idle_time);
  std::cout << ready.count() << " " << resident_kib(child) << "\n";
  kill(child, SIGTERM);
  waitpid(child, nullptr, 0);
  return good ? 0 : 1;
}

int measure_run(const std::vector<std::string>& arguments) {
  const Time::time_point begin = Time::now();
  const pid_t child = start(arguments, {}, -1);
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

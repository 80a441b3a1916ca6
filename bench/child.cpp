#include "bench/child.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace bb::bench {
namespace {

using namespace std::chrono_literals;
using Time = std::chrono::steady_clock;

constexpr auto start_limit = 20s;

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (std::string& text : texts) {
    result.push_back(text.data());
  }
  result.push_back(nullptr);
  return result;
}

}  // namespace

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
    execvpe(argv[0], argv.data(), envp.data());
  }
  _exit(127);
}

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

long resident_kib(pid_t process) {
  std::ifstream status("/proc/" + std::to_string(process) + "/status");
  std::string word;
  while (status >> word) {
    if (word == "VmRSS:") {
      long kib = 0;
      status >> kib;
      return kib;
    }
  }
  return 0;
}

double cpu_seconds(pid_t process) {
  std::ifstream file("/proc/" + std::to_string(process) + "/stat");
  std::string text;
  std::getline(file, text);
  // The second field is a name in brackets, which may have spaces; the 14th and 15th are wanted.
  std::istringstream fields(text.substr(text.rfind(')') + 1));
  std::string skipped;
  for (int field = 3; field < 14; ++field) {
    fields >> skipped;
  }
  double user = 0;
  double system = 0;
  fields >> user >> system;
  return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

Fork::Fork(const std::function<void(const Tell& tell)>& serve) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) {
    throw std::runtime_error("no pipe");
  }
  process_ = fork();
  if (process_ == 0) {
    close(ends[0]);
    serve([out = ends[1]](const std::string& line) {
      const std::string told = line + "\n";
      if (write(out, told.data(), told.size()) < 0) {
        throw std::runtime_error("nobody can be told");
      }
      pause();
    });
    _exit(0);
  }
  close(ends[1]);
  for (char c = 0; read(ends[0], &c, 1) == 1 && c != '\n';) {
    told_ += c;
  }
  close(ends[0]);
}

Fork::~Fork() {
  kill(process_, SIGKILL);
  waitpid(process_, nullptr, 0);
}

ServingChild::ServingChild(std::vector<std::string> arguments,
                           std::vector<std::string> environment) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) {
    throw std::runtime_error("no pipe");
  }
  process_ = start(std::move(arguments), std::move(environment), ends[1]);
  close(ends[1]);
  log_ = ends[0];
  std::string told = read_until(log_, "port=", start_limit);
  const std::size_t port = told.find("port=");
  if (port != std::string::npos && told.find('\n', port) == std::string::npos) {
    told += read_until(log_, "\n", start_limit);
  }
  if (port == std::string::npos) {
    kill(process_, SIGKILL);
    throw std::runtime_error("it does not serve: " + told);
  }
  port_ = static_cast<std::uint16_t>(std::stoi(told.substr(port + 5)));
}

ServingChild::~ServingChild() {
  kill(process_, SIGKILL);
  waitpid(process_, nullptr, 0);
  close(log_);
}

}  // namespace bb::bench

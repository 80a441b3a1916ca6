#include "tests/scenario/process.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <stdexcept>

#include "base/text.hpp"

namespace bb::tests {

Process::Process(const std::vector<std::string>& arguments, const app::Environment& environment,
                 const std::string& folder) {
  std::vector<std::string> words = {BB_BINARY};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<std::string> settings;
  for (const auto& [name, value] : environment) {
    settings.push_back(name + "=" + value);
  }
  std::vector<char*> argv;
  for (std::string& word : words) {
    argv.push_back(word.data());
  }
  argv.push_back(nullptr);
  std::vector<char*> envp;
  for (std::string& setting : settings) {
    envp.push_back(setting.data());
  }
  envp.push_back(nullptr);

  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) {
    throw std::runtime_error("pipe2 failed");
  }
  pid_ = fork();
  if (pid_ < 0) {
    throw std::runtime_error("fork failed");
  }
  if (pid_ == 0) {
    const int nothing = open("/dev/null", O_RDONLY);
    dup2(nothing, STDIN_FILENO);
    dup2(ends[1], STDOUT_FILENO);
    dup2(ends[1], STDERR_FILENO);
    if (chdir(folder.c_str()) == 0) {
      execve(argv[0], argv.data(), envp.data());
    }
    _exit(127);
  }
  close(ends[1]);
  pipe_ = ends[0];
  reader_ = std::jthread([this] { read(); });
}

Process::~Process() {
  if (!code_) {
    kill(pid_, SIGKILL);
    wait();
  }
  reader_.join();
  close(pipe_);
}

void Process::read() {
  char buffer[4096];
  while (true) {
    const ssize_t got = ::read(pipe_, buffer, sizeof buffer);
    const std::lock_guard lock(mutex_);
    if (got <= 0) {
      ended_ = true;
      changed_.notify_all();
      return;
    }
    output_.append(buffer, static_cast<std::size_t>(got));
    changed_.notify_all();
  }
}

bool Process::wait_for(const std::string& text, std::chrono::milliseconds at_most) {
  std::unique_lock lock(mutex_);
  const auto found = [&] { return output_.find(text) != std::string::npos; };
  changed_.wait_for(lock, at_most, [&] { return found() || ended_; });
  return found();
}

std::uint16_t Process::port() {
  if (!wait_for(" serving ")) {
    throw std::runtime_error("it does not serve: " + output());
  }
  wait_for(" base_url=");
  const std::string text = output();
  const std::size_t start = text.find(" port=") + 6;
  const std::string_view digits =
      std::string_view(text).substr(start, text.find(' ', start) - start);
  return static_cast<std::uint16_t>(parse_integer(digits).value());
}

void Process::send_signal(int signal) const {
  kill(pid_, signal);
}

int Process::wait() {
  if (!code_) {
    int status = 0;
    waitpid(pid_, &status, 0);
    code_ = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, longest_wait, [this] { return ended_; });
  return *code_;
}

std::string Process::output() {
  const std::lock_guard lock(mutex_);
  return output_;
}

Finished run(const std::vector<std::string>& arguments, const app::Environment& environment,
             const std::string& folder) {
  Process process(arguments, environment, folder);
  const int code = process.wait();
  return {.code = code, .output = process.output()};
}

}  // namespace bb::tests

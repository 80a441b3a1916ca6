// The real binary as a child process, with an environment of its own.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "app/config.hpp"

namespace bb::tests {

class Process {
 public:
  static constexpr std::chrono::seconds longest_wait{60};  // sanitizers on a busy machine are slow

  // Starts the binary in `folder` with nothing but `environment`.
  Process(const std::vector<std::string>& arguments, const app::Environment& environment,
          const std::string& folder);
  ~Process();  // kills it if it still runs
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  // Waits until the standard output or error has `text`; false if it ended or took too long.
  bool wait_for(const std::string& text, std::chrono::milliseconds at_most = longest_wait);

  // The number after "port=" in the log.
  std::uint16_t port();

  void send_signal(int signal) const;

  // The exit code, or minus the number of the signal that killed it.
  int wait();

  // All that it has written so far, output and errors together.
  std::string output();

 private:
  void read();

  pid_t pid_ = -1;
  int pipe_ = -1;
  std::optional<int> code_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::string output_;
  bool ended_ = false;
  std::jthread reader_;
};

struct Finished {
  int code = 0;
  std::string output;
};

// Runs it to its end.
Finished run(const std::vector<std::string>& arguments, const app::Environment& environment,
             const std::string& folder);

}  // namespace bb::tests

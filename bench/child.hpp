// Programs that are measured from outside.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace bb::bench {

// Starts a program; its standard error goes to `error_file` (-1: nowhere), its output nowhere. No
// environment means ours.
pid_t start(std::vector<std::string> arguments, std::vector<std::string> environment,
            int error_file);

// Reads until `wanted` was seen, the end, or for `limit`; returns what was read.
std::string read_until(int file, std::string_view wanted, std::chrono::milliseconds limit);

long resident_kib(pid_t process);

// That the process has used so far, all threads together.
double cpu_seconds(pid_t process);

// A copy of this process that serves, killed when this ends.
class Fork {
 public:
  // Tells the first process one line, and waits to be killed.
  using Tell = std::function<void(const std::string& line)>;

  // Waits until `serve` has told; what it serves with lives as long as the copy.
  explicit Fork(const std::function<void(const Tell& tell)>& serve);
  ~Fork();
  Fork(const Fork&) = delete;
  Fork& operator=(const Fork&) = delete;

  [[nodiscard]] const std::string& told() const { return told_; }

 private:
  pid_t process_ = 0;
  std::string told_;
};

// A program that serves a port, killed when this ends.
class ServingChild {
 public:
  // Waits until it has written "port=NUMBER" and an end of line to its standard error.
  ServingChild(std::vector<std::string> arguments, std::vector<std::string> environment);
  ~ServingChild();
  ServingChild(const ServingChild&) = delete;
  ServingChild& operator=(const ServingChild&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] pid_t process() const { return process_; }

 private:
  pid_t process_ = 0;
  int log_ = -1;
  std::uint16_t port_ = 0;
};

}  // namespace bb::bench

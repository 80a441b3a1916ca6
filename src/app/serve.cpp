#include "app/serve.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <system_error>

#include "app/app.hpp"
#include "app/version.hpp"
#include "base/log.hpp"
#include "storage/database.hpp"

namespace bb::app {
namespace {

// Blocks the signals that end the process in this thread and those that it starts, so that wait()
// gets them.
class EndSignals {
 public:
  EndSignals() {
    sigemptyset(&signals_);
    sigaddset(&signals_, SIGTERM);
    sigaddset(&signals_, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
  }

  [[nodiscard]] int wait() const {
    int received = 0;
    sigwait(&signals_, &received);
    return received;
  }

 private:
  sigset_t signals_{};
};

// Whoever serves an SQLite file takes over what a killed process left running. Two at a time would
// run the same jobs, so one of them holds this lock until it ends, however it does (flock(2)).
class ServingLock {
 public:
  explicit ServingLock(const std::string& database_uri) {
    const Result<std::string> file = storage::sqlite_file(database_uri);
    if (!file) {
      return;
    }
    std::error_code ignored;  // opening the database says what is wrong with its folder
    std::filesystem::create_directories(std::filesystem::path(*file).parent_path(), ignored);
    file_ = ::open((*file + ".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    is_taken_ = file_ >= 0 && ::flock(file_, LOCK_EX | LOCK_NB) != 0;
  }
  ~ServingLock() {
    if (file_ >= 0) {
      ::close(file_);
    }
  }
  ServingLock(const ServingLock&) = delete;
  ServingLock& operator=(const ServingLock&) = delete;

  [[nodiscard]] bool is_taken() const { return is_taken_; }

 private:
  int file_ = -1;
  bool is_taken_ = false;
};

}  // namespace

Result<void> serve(const Config& config) {
  const EndSignals signals;
  const log::Writer writer(config.log);
  const SystemClock clock;
  SystemRandom random;
  const ServingLock lock(config.database_uri);
  if (lock.is_taken()) {
    return fail(ErrorCode::conflict,
                "another process serves this database already: stop it first, or use PostgreSQL, "
                "which any number of instances can share (docs/operations.md)");
  }
  auto app = App::start(config, clock, random);
  if (!app) {
    return fail(app.error());
  }
  if (config.github.client_id.empty()) {
    log::warning("github_not_configured", {{"effect",
                                            "members cannot connect: set GITHUB_APP_CLIENT_ID and "
                                            "GITHUB_APP_CLIENT_SECRET"}});
  }
  log::info("serving", {{"version", version},
                        {"address", config.listen_address},
                        {"port", (*app)->port()},
                        {"base_url", config.base_url},
                        {"workspace", (*app)->workspace().name}});
  const int signal = signals.wait();
  log::info("stopping", {{"signal", signal == SIGTERM ? "SIGTERM" : "SIGINT"}});
  (*app)->stop();
  log::info("stopped");
  return {};
}

}  // namespace bb::app

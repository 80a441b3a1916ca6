#include "app/serve.hpp"

#include <csignal>

#include "app/app.hpp"
#include "app/version.hpp"
#include "base/log.hpp"

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

}  // namespace

Result<void> serve(const Config& config) {
  const EndSignals signals;
  const log::Writer writer(config.log);
  const SystemClock clock;
  SystemRandom random;
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

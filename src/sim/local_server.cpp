#include "sim/local_server.hpp"

#include <fmt/format.h>

namespace bb::sim {

Result<void> LocalServer::start(std::string_view name, Handler handler) {
  http::ServerLimits limits;
  limits.workers = workers_;
  auto server =
      http::Server::start("127.0.0.1", 0, limits, {.handle = std::move(handler)}, clock_, random_);
  if (!server) {
    return fail(server.error().within(fmt::format("starting the simulated {}", name)));
  }
  server_ = std::move(*server);
  return {};
}

std::string LocalServer::url() const {
  return fmt::format("http://127.0.0.1:{}", server_->port());
}

void LocalServer::stop() {
  hold_.release();
  if (server_) {
    server_->stop();
  }
}

}  // namespace bb::sim

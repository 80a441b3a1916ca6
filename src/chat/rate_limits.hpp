// How long the platform wants methods to be left alone, known to all that call them for the same
// workspace, in this process and in others.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string_view>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "storage/database.hpp"

namespace bb::chat {

class RateLimits {
 public:
  // `workspace` is asked at each call: a platform is made before it says whose it is.
  RateLimits(storage::Database& database, const Clock& clock,
             std::function<WorkspaceId()> workspace)
      : database_(database), clock_(clock), workspace_(std::move(workspace)) {}

  // How long `method` is not to be called; nothing if it may be called now.
  std::optional<std::chrono::seconds> wait(std::string_view method);

  // The platform said how long to wait. A longer wait that is known stays.
  void store(std::string_view method, std::chrono::seconds wait);

 private:
  storage::Database& database_;
  const Clock& clock_;
  std::function<WorkspaceId()> workspace_;
};

}  // namespace bb::chat

// The command `serve`.
#pragma once

#include "app/config.hpp"
#include "base/result.hpp"

namespace bb::app {

// Runs the bot until SIGTERM or SIGINT, then stops in good order.
Result<void> serve(const Config& config);

}  // namespace bb::app

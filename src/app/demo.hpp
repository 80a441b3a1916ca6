// The command `demo`: the real bot in a simulated Slack and GitHub, told as a story at the
// terminal.
#pragma once

#include <istream>
#include <ostream>

#include "base/log.hpp"
#include "base/result.hpp"

namespace bb::app {

struct DemoOptions {
  bool once = false;   // end after the story
  bool color = false;  // ANSI escapes
  log::Settings log;
};

// Needs neither network nor account; keeps nothing after it ends.
Result<void> demo(const DemoOptions& options, std::istream& in, std::ostream& out);

}  // namespace bb::app

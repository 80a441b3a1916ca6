// What waits for the log's writer thread, apart from what everybody who logs includes.
#pragma once

#include <cstddef>

namespace bb::log {

struct Backlog {
  std::size_t waiting = 0;  // lines
  std::size_t dropped = 0;  // pushed out unwritten since the start
};
Backlog backlog();

}  // namespace bb::log

// Events from files of any size: a JSON array, JSON lines, single documents, each also
// gzip-compressed.
#pragma once

#include <cstdint>
#include <functional>
#include <istream>
#include <string>

#include "base/result.hpp"
#include "github/event.hpp"

namespace bb::github {

struct StreamCounts {
  std::uint64_t events = 0;    // read
  std::uint64_t rejected = 0;  // reported through on_rejected
};

struct StreamHandlers {
  std::function<void(Event)> on_event;
  // `position` is for people: "line 17" or "element 17 (offset 20480)".
  std::function<void(const std::string& position, const Error& error)> on_rejected;
  // Octets taken from the input so far; called now and then.
  std::function<void(std::uint64_t octets)> on_progress = {};
};

// Reads to the end of `in`, whose format and compression are detected from its first octets. Memory
// stays bounded (one event at a time; an event above 8 MiB is rejected). A damaged element is
// reported and skipped; a damaged rest (truncated gzip, an array that ends early) is reported once,
// and what came before it counts.
StreamCounts read_events(std::istream& in, const StreamHandlers& handlers);

}  // namespace bb::github

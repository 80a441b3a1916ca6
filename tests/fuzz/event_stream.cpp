// Any octets as a file of events: reading ends, and what is read can be stored.
#include <cstdint>
#include <sstream>
#include <string>

#include "github/event_stream.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::istringstream in(std::string(data, data + size));
  bb::github::read_events(
      in, {.on_event = [](const bb::github::Event& event) { bb::github::to_json(event.facts); },
           .on_rejected = [](const std::string&, const bb::Error&) {}});
  return 0;
}

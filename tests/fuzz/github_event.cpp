// Any JSON value as an event, and each element of an array, as GitHub answers with: it may be
// refused but must not crash, and its facts can be stored.
#include <boost/json.hpp>
#include <cstdint>
#include <cstdlib>

#include "github/event.hpp"

namespace {

void check(const boost::json::value& value) {
  const auto event = bb::github::parse_event(value);
  if (event && bb::github::parse_facts(bb::github::to_json(event->facts)) != event->facts) {
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  boost::json::parse_options options;
  options.allow_invalid_utf8 = true;
  boost::system::error_code error;
  const boost::json::value value = boost::json::parse(text, error, {}, options);
  check(value);
  if (const boost::json::array* events = value.if_array()) {
    for (const boost::json::value& event : *events) {
      check(event);
    }
  }
  return 0;
}

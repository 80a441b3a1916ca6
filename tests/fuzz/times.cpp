// Dates, times, spans and zone names of any content; what is read can be written and read again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/time.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto time = bb::parse_rfc3339(text)) {
    const auto again = bb::parse_rfc3339(bb::format_rfc3339(*time));
    if (again && *again > *time) {
      std::abort();
    }
  }
  (void)bb::parse_http_date(text);
  (void)bb::parse_span(text);
  if (const auto day = bb::parse_day(text)) {
    (void)bb::TimeZone::utc().start_of(*day);
  }
  (void)bb::TimeZone::find(text);
  return 0;
}

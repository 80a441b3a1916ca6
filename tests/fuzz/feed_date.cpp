// Any octets as the date of an item: what is read can be written and means the same.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/time.hpp"
#include "features/feeds/formats/date.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto time = bb::feeds::parse_date({reinterpret_cast<const char*>(data), size});
  if (time) {
    const auto again = bb::feeds::parse_date(bb::format_rfc3339(*time));
    if (again && *again > *time) {
      std::abort();
    }
  }
  return 0;
}

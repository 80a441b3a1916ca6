// Any octets as a time of day, as days, and as what an admin says after `schedule`; what is read is
// read again from how it is written.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "app/schedule_words.hpp"
#include "jobs/schedule.hpp"

namespace {

template <class T>
bool is_stable(const T& value, bb::Result<T> (*parse)(std::string_view)) {
  const auto again = parse(bb::jobs::to_text(value));
  return again && *again == value;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto time = bb::jobs::parse_time_of_day(text);
  const auto weekdays = bb::jobs::parse_weekdays(text);
  if ((time && !is_stable(*time, &bb::jobs::parse_time_of_day)) ||
      (weekdays && !is_stable(*weekdays, &bb::jobs::parse_weekdays))) {
    std::abort();
  }
  const auto wish = bb::app::parse_schedule_wish(text);
  if (wish && wish->weekdays == bb::jobs::Weekdays{}) {
    std::abort();
  }
  return 0;
}

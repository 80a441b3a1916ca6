// Dates as feeds write them.
#pragma once

#include <optional>
#include <string_view>

#include "base/clock.hpp"

namespace bb::feeds {

// RFC 3339 and RFC 822 and what is written in their place: without seconds, zone or time of day,
// with a wrong weekday, years of two digits, names of months and zones in full or in other
// languages, Unix times. Without a zone it is UTC. Nothing where day, month and year are not clear,
// such as 01/02/2003.
std::optional<TimePoint> parse_date(std::string_view text);

}  // namespace bb::feeds

// Rows for a terminal, and the same as JSON.
#pragma once

#include <boost/json/fwd.hpp>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"

namespace bb::app {

// Columns of equal width, the first row being their names. What a terminal would obey is escaped,
// and the last column is cut to one line.
void print_table(const std::vector<std::vector<std::string>>& rows, std::ostream& out);

// "name:   value" lines, without those whose value is empty.
using Fields = std::vector<std::pair<std::string_view, std::string>>;
void print_fields(const Fields& fields, std::ostream& out);

// RFC 3339, or empty.
std::string to_text(const std::optional<TimePoint>& time);
boost::json::value to_json(const std::optional<TimePoint>& time);  // null for none

}  // namespace bb::app

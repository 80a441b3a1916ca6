#include "app/table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <ostream>

#include "base/text.hpp"
#include "base/time.hpp"

namespace bb::app {
namespace {

constexpr std::size_t longest_last_column = 100;

}  // namespace

void print_table(const std::vector<std::vector<std::string>>& rows, std::ostream& out) {
  std::vector<std::size_t> widths;
  for (const std::vector<std::string>& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], escape_control(row[i]).size());
    }
  }
  for (const std::vector<std::string>& row : rows) {
    std::string line;
    for (std::size_t i = 0; i + 1 < row.size(); ++i) {
      line += fmt::format("{:<{}}  ", escape_control(row[i]), widths[i]);
    }
    line += truncate(escape_control(row.back()), longest_last_column);
    line.erase(line.find_last_not_of(' ') + 1);
    out << line << "\n";
  }
}

void print_fields(const Fields& fields, std::ostream& out) {
  std::size_t width = 0;
  for (const auto& [name, value] : fields) {
    width = std::max(width, name.size());
  }
  for (const auto& [name, value] : fields) {
    if (!value.empty()) {
      out << fmt::format("{:<{}}  {}\n", fmt::format("{}:", name), width + 1,
                         escape_control(value));
    }
  }
}

std::string to_text(const std::optional<TimePoint>& time) {
  return time ? format_rfc3339(*time) : "";
}

boost::json::value to_json(const std::optional<TimePoint>& time) {
  return time ? boost::json::value(format_rfc3339(*time)) : boost::json::value();
}

}  // namespace bb::app

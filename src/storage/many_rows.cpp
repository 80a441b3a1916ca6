#include "storage/many_rows.hpp"

#include <algorithm>
#include <bit>
#include <iterator>
#include <stdexcept>

namespace bb::storage {

ManyRows::ManyRows(std::string_view before, std::size_t columns, std::string_view after)
    : columns_(columns) {
  static_assert(std::bit_width(most_rows) == std::tuple_size_v<decltype(texts_)>);
  for (std::size_t i = 0; i < texts_.size(); ++i) {
    std::string& sql = texts_[i];
    sql = before;
    for (std::size_t row = 0; row < std::size_t{1} << i; ++row) {
      sql += row == 0 ? " (" : ", (";
      for (std::size_t column = 1; column <= columns; ++column) {
        sql += (column == 1 ? "$" : ", $") + std::to_string(row * columns + column);
      }
      sql += ")";
    }
    sql.append(" ").append(after);
  }
}

template <class Run>
void ManyRows::for_each_statement(std::span<const Value> values, Run run) const {
  if (values.size() % columns_ != 0) {
    throw std::logic_error("not a whole number of rows for: " + texts_[0]);
  }
  while (!values.empty()) {
    const std::size_t rows = std::min(most_rows, std::bit_floor(values.size() / columns_));
    run(texts_.at(static_cast<std::size_t>(std::countr_zero(rows))), values.first(rows * columns_));
    values = values.subspan(rows * columns_);
  }
}

std::int64_t ManyRows::execute(Connection& connection, std::span<const Value> values) const {
  std::int64_t changed = 0;
  for_each_statement(values, [&](const std::string& sql, std::span<const Value> some) {
    changed += connection.execute(sql, some);
  });
  return changed;
}

Rows ManyRows::query(Connection& connection, std::span<const Value> values) const {
  Rows rows;
  for_each_statement(values, [&](const std::string& sql, std::span<const Value> some) {
    std::ranges::move(connection.query(sql, some), std::back_inserter(rows));
  });
  return rows;
}

}  // namespace bb::storage

// A statement over many rows: INSERT ... VALUES (...), (...), or IN (VALUES ...).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "storage/database.hpp"

namespace bb::storage {

// Runs as few statements as it takes, so that a database behind a network is asked rarely. Their
// numbers of rows are powers of two, so that few texts are prepared. Made once, as a static.
class ManyRows {
 public:
  // The SQL before the rows ("INSERT INTO t (a, b) VALUES"), and after them ("ON CONFLICT DO
  // NOTHING").
  ManyRows(std::string_view before, std::size_t columns, std::string_view after);

  // `values` are those of all rows, one row after the other; without any, nothing is asked. Returns
  // the number of changed rows.
  std::int64_t execute(Connection& connection, std::span<const Value> values) const;

  // Returns the rows of all statements. Those of RETURNING come in no certain order.
  Rows query(Connection& connection, std::span<const Value> values) const;

 private:
  static constexpr std::size_t most_rows = 64;

  // Calls run(sql, values) for each statement.
  template <class Run>
  void for_each_statement(std::span<const Value> values, Run run) const;

  std::size_t columns_;
  std::array<std::string, 7> texts_;  // of 1, 2, 4, ... most_rows rows
};

}  // namespace bb::storage

#include "jobs/clean.hpp"

namespace bb::jobs {
namespace {

constexpr std::int64_t batch_rows = 500;

}  // namespace

std::int64_t delete_in_batches(storage::Database& database, std::string_view sql,
                               TimePoint before) {
  std::int64_t removed = 0;
  std::int64_t batch = batch_rows;
  while (batch == batch_rows) {
    batch = database.write(
        [&](storage::Connection& connection) {
          return connection.execute(sql, {before, batch_rows});
        },
        storage::Isolation::read_committed);
    removed += batch;
  }
  return removed;
}

}  // namespace bb::jobs

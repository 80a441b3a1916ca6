#include "features/feeds/paid_reads.hpp"

#include "base/time.hpp"

namespace bb::feeds {
namespace {

std::string month_of(TimePoint time) {
  return TimeZone::utc().format(time, "%Y-%m");
}

}  // namespace

std::int64_t paid_reads(storage::Connection& connection, std::string_view source, TimePoint now) {
  const auto rows = connection.query(
      "SELECT reads FROM paid_reads WHERE source = $1 AND month = $2", {source, month_of(now)});
  return rows.empty() ? 0 : rows[0].integer(0);
}

void count_paid_reads(storage::Connection& connection, std::string_view source, std::int64_t reads,
                      TimePoint now) {
  connection.execute(
      "INSERT INTO paid_reads (source, month, reads) VALUES ($1, $2, $3) ON CONFLICT (source, "
      "month) DO UPDATE SET reads = paid_reads.reads + excluded.reads",
      {source, month_of(now), reads});
}

void clean_paid_reads(storage::Connection& connection, TimePoint before) {
  connection.execute("DELETE FROM paid_reads WHERE month < $1", {month_of(before)});
}

}  // namespace bb::feeds

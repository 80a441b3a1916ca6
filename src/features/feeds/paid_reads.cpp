#include "features/feeds/paid_reads.hpp"

#include "base/time.hpp"

namespace bb::feeds {
namespace {

// Before it is looked whether there is a new month, or a greater budget.
constexpr std::chrono::hours budget_wait(1);

std::string month_of(TimePoint time) {
  return TimeZone::utc().format(time, "%Y-%m");
}

}  // namespace

std::int64_t paid_reads(storage::Connection& connection, std::string_view source, TimePoint now) {
  const auto rows = connection.query(
      "SELECT reads FROM paid_reads WHERE source = $1 AND month = $2", {source, month_of(now)});
  return rows.empty() ? 0 : rows[0].integer(0);
}

Result<void> check_budget(storage::Connection& connection, const ReadBudget& budget,
                          std::string_view source, TimePoint now) {
  const auto most = budget.find(source);
  const std::int64_t reads = most == budget.end() ? 0 : paid_reads(connection, source, now);
  if (most == budget.end() || reads < most->second) {
    return {};
  }
  if (most->second <= 0) {
    return fail(Error{.code = ErrorCode::rate_limited,
                      .message = "nothing may be read, as X_MONTHLY_BUDGET_USD is 0",
                      .retry_after = budget_wait});
  }
  return fail(Error{.code = ErrorCode::rate_limited,
                    .message = "the budget of this month is used up: " + std::to_string(reads) +
                               " of " + std::to_string(most->second) +
                               " posts were read; see X_MONTHLY_BUDGET_USD",
                    .retry_after = budget_wait});
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

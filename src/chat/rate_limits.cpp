#include "chat/rate_limits.hpp"

namespace bb::chat {

std::optional<std::chrono::seconds> RateLimits::wait(std::string_view method) {
  const auto rows = database_.read([&](storage::Connection& connection) {
    return connection.query("SELECT until FROM rate_limit WHERE workspace_id = $1 AND method = $2",
                            {workspace_(), method});
  });
  const TimePoint now = clock_.now();
  if (rows.empty() || rows[0].time(0) <= now) {
    return std::nullopt;
  }
  return std::chrono::ceil<std::chrono::seconds>(rows[0].time(0) - now);
}

void RateLimits::store(std::string_view method, std::chrono::seconds wait) {
  const TimePoint until = clock_.now() + wait;
  database_.write([&](storage::Connection& connection) {
    connection.execute(
        "INSERT INTO rate_limit (workspace_id, method, until) VALUES ($1, $2, $3) "
        "ON CONFLICT (workspace_id, method) DO UPDATE SET until = excluded.until "
        "WHERE excluded.until > rate_limit.until",
        {workspace_(), method, until});
  });
}

}  // namespace bb::chat

#include "jobs/delivery_rows.hpp"

#include <algorithm>
#include <vector>

#include "jobs/workspace_pauses.hpp"

namespace bb::jobs {
namespace {

constexpr std::chrono::minutes longest_queue_wait{1};

std::string_view word(chat::Form form) {
  switch (form) {
    case chat::Form::rich:
      return "rich";
    case chat::Form::plain:
      return "plain";
  }
  return "";
}

}  // namespace

std::optional<OpenDelivery> DeliveryRows::load(const DeliveryId& id) {
  const auto rows = database_.read([&](storage::Connection& connection) {
    return connection.query(
        "SELECT workspace_id, channel, sequence, message, audience, state, attempted_at, unclear, "
        "created_at, thread_of, thread, form, retried_at, unclear_since, marked FROM delivery "
        "WHERE id = $1 AND state IN ('pending', 'sending')",
        {id});
  });
  if (rows.empty()) {
    return std::nullopt;
  }
  const storage::Row& row = rows[0];
  return OpenDelivery{.id = id,
                      .workspace_id = row.text(0),
                      .channel = {row.text(1)},
                      .sequence = row.integer(2),
                      .sealed = row.text(3),
                      .audience = row.text(4) == "person" ? Audience::person : Audience::channel,
                      .sending = row.text(5) == "sending",
                      .attempted_at = row.optional_time(6),
                      .unclear = row.integer(7),
                      .created_at = row.time(8),
                      .thread_of = row.text(9),
                      .thread = row.text(10),
                      .form = row.text(11) == "plain" ? chat::Form::plain : chat::Form::rich,
                      .retried_at = row.optional_time(12),
                      .unclear_since = row.optional_time(13),
                      .is_marked = row.integer(14) != 0};
}

std::optional<TimePoint> DeliveryRows::turn(const OpenDelivery& delivery) {
  const TimePoint now = clock_.now();
  return database_.read([&](storage::Connection& connection) -> std::optional<TimePoint> {
    const auto older = connection.query(
        "SELECT count(*), min(job.run_at) FROM delivery "
        "LEFT JOIN job ON job.unique_key = 'deliver:' || delivery.id AND job.state = 'ready' "
        "WHERE delivery.workspace_id = $1 AND delivery.channel = $2 "
        "AND delivery.state IN ('pending', 'sending') "
        "AND (delivery.sequence < $3 OR (delivery.sequence = $3 AND delivery.id < $4))",
        {delivery.workspace_id, delivery.channel, delivery.sequence, delivery.id});
    if (const std::int64_t count = older.at(0).integer(0); count > 0) {
      const TimePoint next = std::max(now, older[0].optional_time(1).value_or(now));
      return std::min<TimePoint>(next + pace * count, now + longest_queue_wait);
    }
    const auto last = connection.query(
        "SELECT max(finished_at) FROM delivery WHERE workspace_id = $1 AND channel = $2",
        {delivery.workspace_id, delivery.channel});
    const auto finished_at = last.at(0).optional_time(0);
    if (finished_at && *finished_at <= now && *finished_at + pace > now) {
      return *finished_at + pace;
    }
    return std::nullopt;
  });
}

Obstacles DeliveryRows::obstacles(const OpenDelivery& delivery) {
  const WorkspaceId workspace{delivery.workspace_id};
  return database_.read([&](storage::Connection& connection) {
    return Obstacles{.pause = chat::pause_of(connection, workspace),
                     .disabled = find_disabled(connection, workspace, delivery.channel)};
  });
}

void DeliveryRows::pause_workspace(const OpenDelivery& delivery, const std::string& reason) {
  WorkspacePauses::begin(database_, {delivery.workspace_id}, reason, clock_.now());
}

// The platform's id of the message under which this one is posted; empty: in the channel itself.
std::string DeliveryRows::thread_for(const OpenDelivery& delivery) {
  if (delivery.thread_of.empty()) {
    return "";
  }
  const auto parents = database_.read([&](storage::Connection& connection) {
    return connection.query(
        "SELECT CASE WHEN thread <> '' THEN thread ELSE platform_timestamp END FROM delivery "
        "WHERE idempotency_key = $1 AND workspace_id = $2 AND channel = $3 AND state = 'sent' "
        "AND platform_timestamp IS NOT NULL",
        {delivery.thread_of, delivery.workspace_id, delivery.channel});
  });
  return parents.empty() ? "" : parents[0].text(0);
}

std::optional<OpenDelivery> DeliveryRows::begin(const OpenDelivery& delivery) {
  OpenDelivery begun = delivery;
  begun.sending = true;
  begun.thread = thread_for(delivery);
  begun.thread_of = begun.thread.empty() ? "" : delivery.thread_of;
  begun.attempted_at = clock_.now();
  if (delivery.attempted_at) {
    begun.attempted_at =
        std::max(*begun.attempted_at, *delivery.attempted_at + std::chrono::milliseconds(1));
  }
  begun.unclear_since = delivery.unclear_since ? delivery.unclear_since : begun.attempted_at;
  const bool changed = update(
      "UPDATE delivery SET state = 'sending', attempted_at = $4, thread_of = $5, thread = $6, "
      "unclear_since = $7 WHERE id = $1 AND state = $2 AND coalesce(attempted_at, 0) = $3",
      delivery, {*begun.attempted_at, begun.thread_of, begun.thread, *begun.unclear_since});
  return changed ? std::optional(std::move(begun)) : std::nullopt;
}

std::optional<OpenDelivery> DeliveryRows::put_back(const OpenDelivery& delivery,
                                                   std::string_view error) {
  return put_back_as(
      delivery,
      {.form = delivery.form, .thread_of = delivery.thread_of, .is_marked = delivery.is_marked},
      error);
}

std::optional<OpenDelivery> DeliveryRows::put_back_as(const OpenDelivery& delivery,
                                                      const SecondTry& next,
                                                      std::string_view error) {
  OpenDelivery pending = delivery;
  if (delivery.unclear_since == delivery.attempted_at) {
    pending.unclear_since.reset();
  }
  const bool changed = update(
      "UPDATE delivery SET state = 'pending', form = $4, thread_of = $5, error = $6, marked = $7, "
      "unclear_since = $8 WHERE id = $1 AND state = $2 AND coalesce(attempted_at, 0) = $3",
      delivery,
      {word(next.form), next.thread_of, error, next.is_marked ? 1 : 0,
       pending.unclear_since ? storage::Value(*pending.unclear_since) : storage::Value()});
  if (!changed) {
    return std::nullopt;
  }
  pending.sending = false;
  pending.form = next.form;
  pending.thread_of = next.thread_of;
  pending.is_marked = next.is_marked;
  return pending;
}

bool DeliveryRows::count_unclear(const OpenDelivery& delivery, std::string_view error) {
  return update(
      "UPDATE delivery SET unclear = unclear + 1, error = $4 "
      "WHERE id = $1 AND state = $2 AND coalesce(attempted_at, 0) = $3",
      delivery, {error});
}

bool DeliveryRows::mark_sent(const OpenDelivery& delivery, std::string_view timestamp,
                             const Consequence& consequence) {
  return update(
      "UPDATE delivery SET state = 'sent', platform_timestamp = $4, message = '', subject = '', "
      "error = '', finished_at = $5 "
      "WHERE id = $1 AND state = $2 AND coalesce(attempted_at, 0) = $3",
      delivery, {timestamp, clock_.now()}, consequence);
}

bool DeliveryRows::mark_failed(const OpenDelivery& delivery, std::string_view error, Posted posted,
                               const Consequence& consequence) {
  return update(
      "UPDATE delivery SET state = 'failed', error = $4, finished_at = $5, perhaps_posted = $6, "
      "unclear_since = CASE WHEN CAST($6 AS BIGINT) = 1 THEN unclear_since END "
      "WHERE id = $1 AND state = $2 AND coalesce(attempted_at, 0) = $3",
      delivery, {error, clock_.now(), posted == Posted::perhaps ? 1 : 0}, consequence);
}

// Changes the row only if it is still as `known`. The time of the call is the fencing token, so it
// differs from that of every earlier call.
bool DeliveryRows::update(std::string_view sql, const OpenDelivery& known,
                          std::initializer_list<storage::Value> values,
                          const Consequence& consequence) {
  std::vector<storage::Value> parameters{known.id, known.sending ? "sending" : "pending",
                                         known.attempted_at.value_or(TimePoint{})};
  parameters.insert(parameters.end(), values.begin(), values.end());
  return database_.write(
      [&](storage::Connection& connection) {
        const bool changed = connection.execute(sql, parameters) == 1;
        if (changed && consequence) {
          consequence(connection);
        }
        return changed;
      },
      consequence ? storage::Isolation::serializable : storage::Isolation::read_committed);
}

}  // namespace bb::jobs

#include "jobs/delivery_control.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "jobs/deliver.hpp"

namespace bb::jobs {
namespace {

// SQL: what record_of() reads.
constexpr std::string_view columns =
    "id, idempotency_key, workspace_id, channel, audience, state, form, message, "
    "coalesce(platform_timestamp, ''), error, unclear, created_at, attempted_at, retried_at, "
    "finished_at";

DeliveryRecord record_of(const storage::Row& row) {
  return {.id = {row.text(0)},
          .idempotency_key = row.text(1),
          .workspace_id = row.text(2),
          .channel = {row.text(3)},
          .audience = row.text(4),
          .state = row.text(5),
          .form = row.text(6),
          .sealed = row.text(7),
          .platform_timestamp = row.text(8),
          .error = row.text(9),
          .unclear = row.integer(10),
          .created_at = row.time(11),
          .attempted_at = row.optional_time(12),
          .retried_at = row.optional_time(13),
          .finished_at = row.optional_time(14)};
}

Result<DeliveryRecord> required_delivery(storage::Connection& connection, const DeliveryId& id) {
  std::optional<DeliveryRecord> delivery = find_delivery(connection, id);
  if (!delivery) {
    return fail(ErrorCode::not_found,
                fmt::format("there is no delivery '{}'", truncate(escape_control(id.value), 60)));
  }
  return *std::move(delivery);
}

}  // namespace

std::vector<DeliveryRecord> list_deliveries(storage::Connection& connection,
                                            const DeliveryFilter& filter) {
  std::vector<DeliveryRecord> deliveries;
  for (const storage::Row& row : connection.query(
           fmt::format("SELECT {} FROM delivery WHERE ($1 = '' OR state = $1) "
                       "AND ($2 = '' OR channel = $2) ORDER BY created_at DESC, id DESC LIMIT $3",
                       columns),
           {filter.state, filter.channel, filter.limit})) {
    deliveries.push_back(record_of(row));
  }
  return deliveries;
}

std::optional<DeliveryRecord> find_delivery(storage::Connection& connection, const DeliveryId& id) {
  const storage::Rows rows =
      connection.query(fmt::format("SELECT {} FROM delivery WHERE id = $1", columns), {id});
  return rows.empty() ? std::nullopt : std::optional(record_of(rows[0]));
}

Result<void> retry_delivery(storage::Connection& connection, Queue& queue, const DeliveryId& id,
                            TimePoint now) {
  const Result<DeliveryRecord> delivery = required_delivery(connection, id);
  if (!delivery) {
    return fail(delivery.error());
  }
  const bool changed =
      connection.execute(
          "UPDATE delivery SET state = CASE WHEN perhaps_posted = 0 THEN 'pending' ELSE 'sending' "
          "END, form = 'rich', marked = CASE WHEN perhaps_posted = 0 THEN 1 ELSE marked END, "
          "unclear = 0, finished_at = NULL, retried_at = $2, sequence = "
          "(SELECT max(other.sequence) + 1 FROM delivery AS other WHERE other.workspace_id = "
          "delivery.workspace_id AND other.channel = delivery.channel) "
          "WHERE id = $1 AND state = 'failed' AND message <> ''",
          {id, now}) == 1;
  if (!changed) {
    return fail(ErrorCode::conflict,
                delivery->state == "failed"
                    ? "its message is not stored any more"
                    : fmt::format("only a failed delivery can be tried again, and this one is {}",
                                  delivery->state));
  }
  // A worker may still be about to write down that the old job has failed.
  connection.execute("DELETE FROM job WHERE unique_key = $1", {"deliver:" + id.value});
  enqueue_posting(connection, queue, id, delivery->workspace_id,
                  delivery->audience == "person" ? Priority::answer : Priority::delivery);
  return {};
}

Result<std::string> skip_delivery(storage::Connection& connection, const DeliveryId& id,
                                  TimePoint now) {
  const Result<DeliveryRecord> delivery = required_delivery(connection, id);
  if (!delivery) {
    return fail(delivery.error());
  }
  const std::string error =
      "skipped by an operator" + (delivery->error.empty() ? "" : ": " + delivery->error);
  if (connection.execute("UPDATE delivery SET state = 'skipped', message = '', subject = '', "
                         "error = $2, finished_at = $3 "
                         "WHERE id = $1 AND state IN ('pending', 'sending', 'failed')",
                         {id, error, now}) == 0) {
    return fail(ErrorCode::conflict, fmt::format("the delivery is {} already", delivery->state));
  }
  connection.execute(
      "UPDATE job SET state = 'discarded', payload = '{}', finished_at = $2 "
      "WHERE unique_key = $1 AND state IN ('ready', 'failed')",
      {"deliver:" + id.value, now});
  return delivery->state;
}

}  // namespace bb::jobs

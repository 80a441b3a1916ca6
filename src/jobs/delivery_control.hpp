// What an operator can see of deliveries and do about them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"
#include "jobs/queue.hpp"
#include "storage/database.hpp"

namespace bb::jobs {

struct DeliveryRecord {
  DeliveryId id;
  std::string idempotency_key;
  std::string workspace_id;
  ChannelId channel;
  std::string audience;  // channel, person
  std::string state;     // pending, sending, sent, failed, skipped
  std::string form;      // rich, plain
  std::string sealed;    // empty: the message is not stored any more
  std::string platform_timestamp;
  std::string error;
  std::int64_t unclear = 0;  // calls after which nobody could tell whether it was posted
  TimePoint created_at;
  std::optional<TimePoint> attempted_at;
  std::optional<TimePoint> retried_at;
  std::optional<TimePoint> finished_at;
};

struct DeliveryFilter {
  std::string state = {};    // empty: all
  std::string channel = {};  // empty: all
  std::int64_t limit = 50;
};

// The newest first.
std::vector<DeliveryRecord> list_deliveries(storage::Connection& connection,
                                            const DeliveryFilter& filter);

std::optional<DeliveryRecord> find_delivery(storage::Connection& connection, const DeliveryId& id);

// A failed delivery is tried again, after those that wait for its channel, also where the channel
// is disabled; if there was a call for it, it is looked for first. Errors: not_found, conflict (it
// has not failed, or its message is not stored any more).
Result<void> retry_delivery(storage::Connection& connection, Queue& queue, const DeliveryId& id,
                            TimePoint now);

// It is not posted (any more) and its message is forgotten. Errors: not_found, conflict (it was
// posted or skipped). The state that it had is returned: one in `sending` may have been posted.
Result<std::string> skip_delivery(storage::Connection& connection, const DeliveryId& id,
                                  TimePoint now);

}  // namespace bb::jobs

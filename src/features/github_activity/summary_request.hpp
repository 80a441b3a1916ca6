// What the job of a summary is asked for: by a person through the REST API, or by a schedule.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "jobs/outbox.hpp"
#include "jobs/queue.hpp"
#include "jobs/schedules.hpp"
#include "storage/database.hpp"

namespace bb::github_activity {

// ScheduleKey::what of summaries.
inline constexpr std::string_view scheduled_digest = "digest";

struct SummaryRequest {
  std::string channel;                            // name or id, looked up when the job runs
  std::optional<TimeZone> zone = std::nullopt;    // nothing: DIGEST_TIMEZONE
  std::optional<jobs::Slot> slot = std::nullopt;  // of the channel's schedule
};

// The payload of a job of kind "github.summary".
std::string to_payload(const SummaryRequest& request);
Result<SummaryRequest> parse_payload(std::string_view payload);

// The job of a slot.
jobs::NewJob scheduled_job(const jobs::Schedule& schedule, const jobs::Slot& slot);

// Who scheduled the digests of a channel, if it was a person.
std::optional<jobs::SetUp> configured_by(storage::Connection& connection,
                                         const WorkspaceId& workspace, const ChannelId& channel);

// The key prefix of the deliveries that a summary job made (next_window() knows it, too).
std::string delivery_prefix(const JobId& job);

// What became of a job, for people: "posted", "being made", "failed: ...".
std::string outcome_text(storage::Connection& connection, const JobId& job);

}  // namespace bb::github_activity

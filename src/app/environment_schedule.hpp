// The schedule that DIGEST_CHANNEL, DIGEST_TIME, DIGEST_WEEKDAYS and DIGEST_TIMEZONE set, for an
// installation that is configured by its environment alone.
#pragma once

#include <optional>

#include "app/config.hpp"
#include "app/environment_job.hpp"
#include "base/clock.hpp"
#include "chat/platform.hpp"
#include "storage/database.hpp"

namespace bb::app {

// The job kind "schedule.environment".
EnvironmentJob::Setting environment_schedule(storage::Database& database, chat::Platform& platform,
                                             const Clock& clock,
                                             std::optional<DigestSchedule> wanted);

}  // namespace bb::app

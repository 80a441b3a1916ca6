// Removing what is finished, without keeping other writers waiting.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/clock.hpp"
#include "storage/database.hpp"

namespace bb::jobs {

// Runs `sql`, which deletes at most $2 rows that finished before $1, one batch per transaction
// until nothing is left; returns how many were deleted.
std::int64_t delete_in_batches(storage::Database& database, std::string_view sql, TimePoint before);

}  // namespace bb::jobs

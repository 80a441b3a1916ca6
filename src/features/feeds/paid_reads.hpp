// What reading costs, where a source charges for it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "storage/database.hpp"

namespace bb::feeds {

// How many reads a month the budget allows, by the name of the source; other sources are free.
using ReadBudget = std::map<std::string, std::int64_t, std::less<>>;

inline constexpr std::int64_t most_reads_of_a_poll = 100;  // a page of X
inline constexpr std::int64_t reads_of_a_name = 2;         // an account costs as much as two posts

// In the month of `now` (UTC).
std::int64_t paid_reads(storage::Connection& connection, std::string_view source, TimePoint now);

// rate_limited if the budget of the month is used up.
Result<void> check_budget(storage::Connection& connection, const ReadBudget& budget,
                          std::string_view source, TimePoint now);

void count_paid_reads(storage::Connection& connection, std::string_view source, std::int64_t reads,
                      TimePoint now);

// Forgets the months before that of `before`.
void clean_paid_reads(storage::Connection& connection, TimePoint before);

}  // namespace bb::feeds

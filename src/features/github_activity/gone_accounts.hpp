// What members are told when GitHub does not show their account any more.
#pragma once

#include <chrono>
#include <cstdint>

#include "chat/platform.hpp"
#include "features/github_activity/poll_state.hpp"
#include "jobs/outbox.hpp"
#include "storage/database.hpp"

namespace bb::github_activity {

// How often GitHub is asked about an account that it does not show (deleted, suspended, blocked).
inline constexpr std::chrono::hours gone_interval(24);

// An outage, or a wrong GITHUB_API_URL, must not write to thousands: nobody is told before.
inline constexpr std::chrono::hours gone_before_telling(24);

// Tells whoever linked the account by direct message, in the transaction that remembers it.
void tell_gone(storage::Connection& connection, jobs::Outbox& outbox, chat::Renderer render,
               std::int64_t github_id, TimePoint now);

}  // namespace bb::github_activity

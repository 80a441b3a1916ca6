// The table poll_state: whom to ask GitHub about, when, and how the last time went.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "github/api.hpp"
#include "storage/database.hpp"

namespace bb::github_activity {

// next_poll_at of those who are not asked about: all members who linked the account have paused.
inline constexpr TimePoint never{std::chrono::milliseconds(253'402'300'799'000)};

// An account that is about to be asked about.
struct PollTarget {
  std::int64_t github_id = 0;
  github::EventsRequest request;
  std::optional<TimePoint> newest_event = std::nullopt;
  int failures = 0;                                       // in a row
  std::optional<TimePoint> claimed_until = std::nullopt;  // it was due, and is not until then
  bool is_gone = false;                                   // GitHub did not show it the last time
};

// Takes up to `most` accounts that are due, which makes them due again at `until`.
struct Claim {
  TimePoint now;
  TimePoint until;
  std::size_t most = 0;
};
std::vector<PollTarget> claim_due(storage::Connection& connection, const Claim& claim);

// The account, unless it is not linked, paused, or GitHub does not want to be asked about it yet.
std::optional<PollTarget> find_allowed(storage::Connection& connection, std::int64_t github_id,
                                       TimePoint now);

// Due again for whoever comes next; nothing for one that was not due.
void give_back(storage::Connection& connection, const PollTarget& target, TimePoint now);

struct NextPoll {
  TimePoint at;
  TimePoint allowed_at;                   // not before: X-Poll-Interval
  std::chrono::milliseconds interval{0};  // as wanted, before it is stretched and spread
};

// GitHub answered. False if nobody wants to be asked about any more (unlinked or paused while the
// request was under way): then nothing of the answer may be stored.
bool store_answered(storage::Connection& connection, const PollTarget& target,
                    const std::string& etag, const NextPoll& next, TimePoint now);

void store_failed(storage::Connection& connection, const PollTarget& target,
                  std::string_view message, const NextPoll& next);
// The same where the failure is not the account's: its count of failures stays.
void store_put_off(storage::Connection& connection, const PollTarget& target,
                   std::string_view message, const NextPoll& next);

// The account exists (again).
void store_found(storage::Connection& connection, std::int64_t github_id);

// Has another login today; due at once.
void store_renamed(storage::Connection& connection, const github::Account& account, TimePoint now);

struct Gone {
  TimePoint since;
  bool is_told = false;
};
// GitHub knows the account no more; nothing where it was unlinked meanwhile.
std::optional<Gone> store_gone(storage::Connection& connection, const PollTarget& target,
                               TimePoint again_at, TimePoint now);

// Too many accounts, with `more` of them, were lost within a day for all of them to be gone: GitHub
// or what lies between is out of order, or GITHUB_API_URL is wrong.
bool looks_like_outage(storage::Connection& connection, std::size_t more, TimePoint now);

// How often all accounts together are to be polled in an hour.
std::int64_t polls_per_hour(storage::Connection& connection);

}  // namespace bb::github_activity

// What linked members did in public, as the database keeps it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/clock.hpp"
#include "github/event.hpp"
#include "storage/database.hpp"

namespace bb::github_activity {

struct StoredActivity {
  std::size_t events = 0;         // that were not stored before
  std::size_t unknown_types = 0;  // of these: of a type that GitHub does not document
  bool operator==(const StoredActivity&) const = default;
};

// Stores those public events of the account that are new, whatever their type, and what they tell
// besides: titles of pull requests (from comments) and the account's first pull request. Events of
// somebody else, without an id, or older than activity is kept are left out.
StoredActivity store_activity(storage::Connection& connection, std::int64_t github_id,
                              std::span<const github::Event> events, TimePoint now);

// https://docs.github.com/en/rest/using-the-rest-api/github-event-types
bool is_documented_type(std::string_view type);

}  // namespace bb::github_activity

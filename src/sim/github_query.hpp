// The GraphQL queries that the simulated GitHub understands: rateLimit{...}, and under an alias
// each repository(owner, name) with pullRequest(number){title} or releases{totalCount}. Internal to
// the simulator.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace bb::sim {

struct QuerySubject {
  std::string alias;
  std::string owner;
  std::string name;
  std::optional<std::int64_t> pull_request = std::nullopt;  // its title; else releases are counted
};

struct Query {
  std::vector<std::string> rate_limit_fields;
  std::vector<QuerySubject> subjects;
};

// Errors say what GitHub would say about the first thing that is wrong.
Result<Query> parse_query(std::string_view text);

}  // namespace bb::sim

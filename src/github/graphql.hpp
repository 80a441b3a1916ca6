// The GraphQL requests that we make, and what their answers mean. A request asks about many
// subjects, the one at place N under an alias with that number.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "github/api.hpp"

namespace bb::github {

// GraphQL's address for one of the REST API: on GitHub Enterprise the two stand side by side.
std::string graphql_url(std::string_view api_url);

// The body of a request, empty where nothing that GitHub could have is wanted. Names come from
// outside: what cannot be one is not asked for.
std::string title_request(std::span<const PullRequestRef> wanted);
std::string release_count_request(std::span<const std::string> repositories);

template <class T>
struct GraphqlAnswer {
  GraphqlValues<T> found;          // `count` of them
  std::optional<RateLimit> limit;  // that of points
};

// Errors: rate_limited; unavailable where the answer has no subject at all because GitHub did not
// get that far; bad_response.
Result<GraphqlAnswer<std::string>> parse_titles(std::string_view body, std::size_t count);
Result<GraphqlAnswer<std::int64_t>> parse_release_counts(std::string_view body, std::size_t count);

}  // namespace bb::github

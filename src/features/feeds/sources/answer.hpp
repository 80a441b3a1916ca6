// What the answers of networks and sites have in common.
#pragma once

#include <boost/json/fwd.hpp>
#include <chrono>
#include <optional>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "http/client.hpp"

namespace bb::feeds {

constexpr std::size_t most_answer_bytes = 5 * 1024 * 1024;

// Of ids that are counted up, as numbers or as text that sorts by length first: the greater one.
bool is_newer(std::string_view id, std::string_view than);

// What the status of an answer other than 200 means. `service` is its name for people.
Error refusal(std::string_view service, const http::Response& response, TimePoint now);

// The wait until a rate limit ends: Retry-After, else the time in one of the reset headers.
std::optional<std::chrono::seconds> wait_of(const http::Headers& headers, TimePoint now);

// The body as JSON; a bad_response that says what came instead.
Result<boost::json::value> parse_answer(std::string_view service, std::string_view body);

// Both: the JSON of a good answer, or what went wrong.
Result<boost::json::value> json_of(std::string_view service, const Result<http::Response>& response,
                                   TimePoint now);

}  // namespace bb::feeds

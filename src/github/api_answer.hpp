// What the status line and headers of an answer of GitHub's API mean.
#pragma once

#include <boost/json/fwd.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "github/api.hpp"
#include "http/message.hpp"

namespace bb::github {

// Whether a Link header (RFC 8288) has a link with relation "next". Its address is of no interest:
// the next page is asked for at an address of our own making.
bool has_next_link(std::string_view link);
bool has_next_page(const http::Headers& headers);

std::optional<RateLimit> rate_limit_of(const http::Headers& headers);

// X-Poll-Interval, 60 s without one.
std::chrono::seconds poll_interval_of(const http::Headers& headers);

// What the caller can do about an answer that is no success.
Error refusal(const http::Response& response, TimePoint now);

// Whether an answer is due to what was asked or to the credential that asked.
enum class Blame { request, refused_credential, primary_limit, secondary_limit };
Blame blame_of(const http::Response& response, TimePoint now);

// "GitHub's rate limit is reached", with its end where that is known.
std::string rate_limit_text(std::optional<TimePoint> ends);

// The same error where a user was asked for.
Error about_user(Error error);

// The error of a body that should have been JSON; pages, as proxies send them, are told apart.
Error unreadable(const http::Response& response, const Error& error);

// The JSON of a successful answer to a call that only read something.
Result<boost::json::value> json_of(const Result<http::Response>& response, TimePoint now);

// A failed call that only read something: nothing can have happened, so it may simply be repeated.
Error unread(const Error& error);

}  // namespace bb::github

// Requests to GitHub's API as ours look: with our credentials, and with paths made safely.
#pragma once

#include <string>
#include <string_view>

#include "base/secret.hpp"
#include "github/api.hpp"
#include "http/client.hpp"

namespace bb::github {

std::string path_segment(std::string_view text);

// "." and ".." would lead to another resource, whatever the encoding.
bool names_a_user(std::string_view login);

std::string bearer(const Secret& token);

// The OAuth app's id and secret.
std::string basic(const Settings& settings);

// The strongest credential that there is; without one GitHub allows 60 requests an hour.
std::string authorization(const Settings& settings);

http::ClientRequest api_request(std::string method, std::string url,
                                const std::string& authorization);

}  // namespace bb::github

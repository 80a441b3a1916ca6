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

// "owner/name" that is safe to put into a path or a GraphQL literal.
bool names_a_repository(std::string_view repo);

// Hexadecimal, of SHA-1 or SHA-256.
bool is_commit_id(std::string_view text);

http::ClientRequest api_request(std::string method, std::string url,
                                const std::string& authorization);

}  // namespace bb::github

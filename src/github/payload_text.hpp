// Text and addresses out of payloads, made safe to keep and to show.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bb::github {

inline constexpr std::string_view github_web = "https://github.com/";
inline constexpr std::size_t url_bytes = 2048;

// Storable text: valid UTF-8 without NUL (which PostgreSQL refuses), of bounded length.
std::string clean_text(std::string_view text, std::size_t max_bytes);

// The address if it is one of the web and holds nothing that could end it in a message or page,
// else empty.
std::string web_url(std::string_view url);

// The address if it is a page of github.com, never one of another host; http becomes https. Else
// empty.
std::string github_url(std::string_view url);

// "owner/name" and nothing else.
bool is_full_name(std::string_view name);

// "owner/name" of https://github.com/owner/name, empty for any other page.
std::string full_name_of(std::string_view url);

// 17 of https://github.com/owner/name/issues/17#issuecomment-1.
std::optional<std::int64_t> number_of(std::string_view url);

// Percent-encoded but for slashes, as the path of a tag's page needs it.
std::string encode_tag(std::string_view tag);

}  // namespace bb::github

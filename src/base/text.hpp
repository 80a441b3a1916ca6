// Text from outside, made safe to handle.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bb {

// Without leading and trailing white space (ASCII and U+00A0, which phone keyboards add).
std::string_view trim(std::string_view text);

// ASCII letters in lower case, all else unchanged.
std::string to_lower(std::string_view text);

bool equals_ignoring_case(std::string_view left, std::string_view right);

std::vector<std::string_view> split(std::string_view text, char separator);

// A decimal number and nothing else; nothing on overflow.
std::optional<std::int64_t> parse_integer(std::string_view text);

// Valid UTF-8: each ill-formed sequence becomes U+FFFD (Unicode 15, table 3-7).
std::string to_valid_utf8(std::string_view text);

// At most `max_bytes` octets, cut at a code point, with "..." (U+2026) where something was cut.
std::string truncate(std::string_view text, std::size_t max_bytes);

// For one line of a log or terminal: control characters, ESC and newlines as \xNN, \n, \r, \t.
std::string escape_control(std::string_view text);

// 1 -> "1 star", 2 -> "2 stars".
std::string count_of(std::size_t count, std::string_view singular, std::string_view plural);

// "a", "a and b", "a, b and c".
std::string join_words(std::span<const std::string> words);

}  // namespace bb

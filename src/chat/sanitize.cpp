#include "chat/sanitize.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace bb::chat {
namespace {

constexpr std::size_t max_address_bytes = 2'000;
constexpr std::string_view lower_digits = "0123456789abcdef";

constexpr std::array<std::string_view, 12> disguises = {
    "\u202A", "\u202B", "\u202C", "\u202D", "\u202E", "\u2066",
    "\u2067", "\u2068", "\u2069", "\u200B", "\u2060", "\uFEFF",
};
constexpr std::array<std::string_view, 5> newlines = {"\r\n", "\r", "\u0085", "\u2028", "\u2029"};

template <std::size_t N>
std::size_t prefix_length(std::string_view text, const std::array<std::string_view, N>& prefixes) {
  const auto found = std::ranges::find_if(
      prefixes, [&](std::string_view prefix) { return text.starts_with(prefix); });
  return found == prefixes.end() ? 0 : found->size();
}

// Of U+0080..009F, two octets in UTF-8, which some terminals obey like ESC [.
bool begins_with_control(std::string_view text) {
  return text.size() >= 2 && text[0] == '\xC2' && static_cast<unsigned char>(text[1]) < 0xA0;
}

bool is_allowed_in_address(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("-._~:/?#[]@!$&'()*+,;=%").find(c) != std::string_view::npos;
}

}  // namespace

std::string without_disguise(std::string_view text) {
  const bool is_plain = std::ranges::all_of(
      text, [](char c) { return static_cast<unsigned char>(c) < 0x80 && c != '\r'; });
  if (is_plain) {
    return std::string(text);
  }
  const std::string valid = to_valid_utf8(text);
  std::string result;
  result.reserve(valid.size());
  for (std::string_view rest = valid; !rest.empty();) {
    const bool is_ordinary =
        static_cast<unsigned char>(rest.front()) < 0x80 && rest.front() != '\r';
    if (is_ordinary) {
      result += rest.front();
      rest.remove_prefix(1);
    } else if (const std::size_t length = prefix_length(rest, disguises); length > 0) {
      rest.remove_prefix(length);
    } else if (const std::size_t end = prefix_length(rest, newlines); end > 0) {
      result += '\n';
      rest.remove_prefix(end);
    } else if (begins_with_control(rest)) {
      const auto octet = static_cast<unsigned char>(rest[1]);
      result += "\\x";
      result += lower_digits[octet >> 4U];
      result += lower_digits[octet & 15U];
      rest.remove_prefix(2);
    } else {
      result += rest.front();
      rest.remove_prefix(1);
    }
  }
  return result;
}

std::string one_line(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (const char c : without_disguise(text)) {
    const auto octet = static_cast<unsigned char>(c);
    if (octet > 0x20 && octet != 0x7F) {
      result += c;
    } else if (!result.empty() && result.back() != ' ') {
      result += ' ';
    }
  }
  if (result.ends_with(' ')) {
    result.pop_back();
  }
  return result;
}

std::optional<std::string> web_address(std::string_view url) {
  static constexpr char digits[] = "0123456789ABCDEF";
  const std::string scheme = to_lower(url.substr(0, 8));
  const std::size_t host = scheme == "https://" ? 8 : scheme.starts_with("http://") ? 7 : 0;
  if (host == 0 || url.size() <= host || url[host] == '/') {
    return std::nullopt;
  }
  std::string result;
  for (const char c : url) {
    if (is_allowed_in_address(c)) {
      result += c;
    } else {
      const auto octet = static_cast<unsigned char>(c);
      result += '%';
      result += digits[octet >> 4U];
      result += digits[octet & 15U];
    }
  }
  return result.size() <= max_address_bytes ? std::optional(result) : std::nullopt;
}

}  // namespace bb::chat

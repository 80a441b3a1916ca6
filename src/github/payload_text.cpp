#include "github/payload_text.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace bb::github {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_letter_or_digit(char c) {
  return is_digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

// By octet: may stand in a web address that is shown.
constexpr std::array<bool, 256> plain_in_url = [] {
  std::array<bool, 256> plain{};
  for (std::size_t octet = '!'; octet < '\x7F'; ++octet) {
    plain.at(octet) =
        std::string_view("<>\"|\\^`{}").find(static_cast<char>(octet)) == std::string_view::npos;
  }
  return plain;
}();

}  // namespace

std::string clean_text(std::string_view text, std::size_t max_bytes) {
  const bool plain = text.size() <= max_bytes && std::ranges::all_of(text, [](char c) {
                       return c != '\0' && static_cast<unsigned char>(c) < 0x80;
                     });
  if (plain) {
    return std::string(text);
  }
  std::string result = to_valid_utf8(text);
  if (result.find('\0') != std::string::npos) {
    std::string without;
    for (const char c : result) {
      without += c == '\0' ? std::string("\xEF\xBF\xBD") : std::string(1, c);
    }
    result = std::move(without);
  }
  return truncate(result, max_bytes);
}

std::string web_url(std::string_view url) {
  const bool plain = std::ranges::all_of(
      url, [](char c) { return plain_in_url.at(static_cast<unsigned char>(c)); });
  const bool web = url.starts_with("https://") || url.starts_with("http://");
  return plain && web && url.size() < url_bytes ? std::string(url) : std::string();
}

std::string github_url(std::string_view url) {
  constexpr std::string_view old = "http://github.com/";
  if (url.starts_with(old)) {
    return github_url(std::string(github_web) + std::string(url.substr(old.size())));
  }
  return url.size() > github_web.size() && url.starts_with(github_web) ? web_url(url)
                                                                       : std::string();
}

bool is_full_name(std::string_view name) {
  const std::size_t slash = name.find('/');
  return slash != std::string_view::npos && slash > 0 && slash + 1 < name.size() &&
         std::ranges::count(name, '/') == 1 && std::ranges::all_of(name, [](char c) {
           return is_letter_or_digit(c) ||
                  std::string_view("-_./").find(c) != std::string_view::npos;
         });
}

std::string full_name_of(std::string_view url) {
  if (!url.starts_with(github_web)) {
    return {};
  }
  url.remove_prefix(github_web.size());
  return is_full_name(url) ? std::string(url) : std::string();
}

std::optional<std::int64_t> number_of(std::string_view url) {
  for (const std::string_view part : {"/issues/", "/pull/"}) {
    const std::size_t at = url.find(part);
    if (at != std::string_view::npos) {
      const std::string_view rest = url.substr(at + part.size());
      const auto end = std::ranges::find_if_not(rest, is_digit);
      return parse_integer({rest.begin(), end});
    }
  }
  return std::nullopt;
}

std::string encode_tag(std::string_view tag) {
  static constexpr char digits[] = "0123456789ABCDEF";
  std::string result;
  for (const char c : tag) {
    if (is_letter_or_digit(c) || std::string_view("-._~/").find(c) != std::string_view::npos) {
      result += c;
    } else {
      const auto octet = static_cast<unsigned char>(c);
      result += {'%', digits[octet >> 4U], digits[octet & 15U]};
    }
  }
  return result;
}

}  // namespace bb::github

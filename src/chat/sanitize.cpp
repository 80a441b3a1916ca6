#include "chat/sanitize.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace bb::chat {
namespace {

constexpr std::size_t max_address_bytes = 2'000;
constexpr std::string_view lower_digits = "0123456789abcdef";

struct Range {
  char32_t first;
  char32_t last;
};

template <std::size_t N>
bool is_in(char32_t c, const std::array<Range, N>& ranges) {
  return std::ranges::any_of(
      ranges, [c](const Range& range) { return c >= range.first && c <= range.last; });
}

// Bidirectional marks, overrides and isolates, and what is invisible; tags only where no emoji
// needs them.
constexpr std::array<Range, 11> disguises = {{{0x00AD, 0x00AD},
                                              {0x061C, 0x061C},
                                              {0x180E, 0x180E},
                                              {0x200B, 0x200B},
                                              {0x200E, 0x200F},
                                              {0x202A, 0x202E},
                                              {0x2060, 0x2064},
                                              {0x2066, 0x2069},
                                              {0xFEFF, 0xFEFF},
                                              {0xFFF9, 0xFFFB},
                                              {0xE0000, 0xE007F}}};
constexpr std::array<Range, 2> joiners = {{{0x200C, 0x200D}, {0x034F, 0x034F}}};
// Where joiners mean something: scripts from Hebrew on, without the Latin and Greek among them and
// without punctuation, and emoji.
constexpr std::array<Range, 3> joined = {{{0x0590, 0x1DFF}, {0x2100, 0xFDFF}, {0xFE0F, 0x10FFFF}}};
// Hebrew, Arabic, Syriac, Thaana, N'Ko, ..., their presentation forms, and the scripts beyond the
// BMP that are written from the right.
constexpr std::array<Range, 5> right_to_left = {
    {{0x0590, 0x08FF}, {0xFB1D, 0xFDFF}, {0xFE70, 0xFEFE}, {0x10800, 0x10FFF}, {0x1E800, 0x1EFFF}}};
constexpr char32_t black_flag = 0x1F3F4;
constexpr char32_t cancel_tag = 0xE007F;
constexpr std::array<Range, 1> flag_tags = {{{0xE0030, 0xE007A}}};
constexpr std::size_t most_flag_tags = 6;

struct Character {
  char32_t code;
  std::string_view octets;
};

// Without a branch for each octet: most text is.
bool is_ascii(std::string_view text) {
  unsigned octets = 0;
  for (const char c : text) {
    octets |= static_cast<unsigned char>(c);
  }
  return octets < 0x80;
}

// The first character of valid UTF-8 that is not empty.
Character first_of(std::string_view text) {
  const auto octet = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const std::size_t length = octet(0) < 0x80 ? 1 : octet(0) < 0xE0 ? 2 : octet(0) < 0xF0 ? 3 : 4;
  char32_t code = length == 1 ? octet(0) : octet(0) & (0x7FU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    code = code << 6U | (octet(i) & 0x3FU);
  }
  return {.code = code, .octets = text.substr(0, length)};
}

// The octets of the tags that make a flag of the black one before them: letters and digits, and
// one that ends them. 0 if there are none.
std::size_t flag_length(std::string_view text) {
  std::size_t length = 0;
  for (std::size_t tags = 0; length < text.size() && tags <= most_flag_tags; ++tags) {
    const Character tag = first_of(text.substr(length));
    length += tag.octets.size();
    if (tag.code == cancel_tag) {
      return tags > 0 ? length : 0;
    }
    if (!is_in(tag.code, flag_tags)) {
      return 0;
    }
  }
  return 0;
}

bool can_be_joined(char32_t c) {
  return is_in(c, joined) && !is_in(c, disguises);
}

bool is_newline(char32_t c) {
  return c == '\r' || c == 0x85 || c == 0x2028 || c == 0x2029;
}

bool is_allowed_in_address(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("-._~:/?#[]@!$&'()*+,;=%").find(c) != std::string_view::npos;
}

}  // namespace

std::string without_disguise(std::string_view text) {
  if (is_ascii(text) && text.find('\r') == std::string_view::npos) {
    return std::string(text);
  }
  const std::string valid = to_valid_utf8(text);
  std::string result;
  result.reserve(valid.size());
  char32_t last = 0;  // that was kept
  for (std::string_view rest = valid; !rest.empty();) {
    const auto [code, octets] = first_of(rest);
    rest.remove_prefix(octets.size());
    if (is_newline(code)) {
      if (code == '\r' && rest.starts_with('\n')) {
        rest.remove_prefix(1);
      }
      result += '\n';
    } else if (code >= 0x80 && code < 0xA0) {
      result += "\\x";
      result += lower_digits[code >> 4U];
      result += lower_digits[code & 15U];
    } else if (is_in(code, disguises)) {
      continue;
    } else if (is_in(code, joiners)) {
      if (!can_be_joined(last) || rest.empty() || !can_be_joined(first_of(rest).code)) {
        continue;
      }
      result += octets;
    } else {
      result += octets;
      if (code == black_flag) {
        const std::size_t length = flag_length(rest);
        result += rest.substr(0, length);
        rest.remove_prefix(length);
      }
    }
    last = code;
  }
  return result;
}

std::string isolated(std::string text) {
  if (is_ascii(text)) {
    return text;
  }
  for (std::string_view rest = text; !rest.empty();) {
    const auto [code, octets] = first_of(rest);
    if (is_in(code, right_to_left)) {
      return "\u2068" + text + "\u2069";
    }
    rest.remove_prefix(octets.size());
  }
  return text;
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

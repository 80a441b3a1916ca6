#include "http/secret_values.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "base/text.hpp"
#include "crypto/crypto.hpp"

namespace bb::http {
namespace {

// Shorter ones would be found in base64 by chance.
constexpr std::size_t shortest_in_base64 = 8;

bool is_alphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_token_character(char c) {
  return is_alphanumeric(c) || c == '-' || c == '_' || c == '.';
}

bool is_base64_character(char c) {
  return is_alphanumeric(c) || c == '+' || c == '/' || c == '-' || c == '_';
}

// What tokens start with, and how many characters follow at least.
struct Shape {
  std::string_view start;
  std::size_t fewest = 0;
};
constexpr std::array shapes = {
    Shape{"xoxa-", 8}, Shape{"xoxb-", 8}, Shape{"xoxc-", 8}, Shape{"xoxd-", 8},
    Shape{"xoxe-", 8}, Shape{"xoxo-", 8}, Shape{"xoxp-", 8}, Shape{"xoxr-", 8},
    Shape{"xoxs-", 8}, Shape{"xapp-", 8}, Shape{"ghp_", 16}, Shape{"gho_", 16},
    Shape{"ghu_", 16}, Shape{"ghs_", 16}, Shape{"ghr_", 16}, Shape{"github_pat_", 16},
};

// The length of a token at the start of `text`, 0 if there is none.
std::size_t token_length(std::string_view text) {
  for (const Shape& shape : shapes) {
    if (text.starts_with(shape.start)) {
      const std::string_view rest = text.substr(shape.start.size());
      const auto length = static_cast<std::size_t>(
          std::ranges::find_if_not(rest, is_token_character) - rest.begin());
      return length < shape.fewest ? 0 : shape.start.size() + length;
    }
  }
  return 0;
}

std::optional<unsigned> digit_of(char c) {
  if (c >= '0' && c <= '9') {
    return static_cast<unsigned>(c - '0');
  }
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? std::optional(static_cast<unsigned>(lower - 'a') + 10U)
                                      : std::nullopt;
}

// Whether `text` has `prefix` and then `octet` as two hexadecimal digits.
bool spells_in_hex(std::string_view text, std::string_view prefix, char octet) {
  if (!text.starts_with(prefix) || text.size() < prefix.size() + 2) {
    return false;
  }
  const auto high = digit_of(text[prefix.size()]);
  const auto low = digit_of(text[prefix.size() + 1]);
  return high && low && *high * 16 + *low == static_cast<unsigned char>(octet);
}

struct Spelling {
  char octet;
  std::string_view text;
};
constexpr std::array spellings = {
    Spelling{'"', "\\\""}, Spelling{'\\', "\\\\"}, Spelling{'/', "\\/"},    Spelling{'&', "&amp;"},
    Spelling{'<', "&lt;"}, Spelling{'>', "&gt;"},  Spelling{'"', "&quot;"}, Spelling{' ', "+"},
};

// How many characters at the start of `text` spell `octet`, 0 if they do not.
std::size_t octet_length(std::string_view text, char octet) {
  if (spells_in_hex(text, "%", octet)) {
    return 3;
  }
  if (spells_in_hex(text, "\\u00", octet)) {
    return 6;
  }
  for (const Spelling& spelling : spellings) {
    if (spelling.octet == octet && text.starts_with(spelling.text)) {
      return spelling.text.size();
    }
  }
  return text.starts_with(octet) ? 1 : 0;
}

// How many characters at the start of `text` spell `needle`, 0 if they do not.
std::size_t spelled_length(std::string_view text, std::string_view needle) {
  if (text.starts_with(needle)) {
    return needle.size();
  }
  std::size_t at = 0;
  for (const char octet : needle) {
    const std::size_t length = octet_length(text.substr(at), octet);
    if (length == 0) {
      return 0;
    }
    at += length;
  }
  return at;
}

// The part of any base64 text with `secret` in it, `before` octets after a multiple of three, that
// depends on the secret alone.
std::string base64_part(std::string_view secret, std::size_t before) {
  const std::string encoded = crypto::to_base64(std::string(before, '\0') + std::string(secret));
  const std::size_t begin = (before * 8 + 5) / 6;
  const std::size_t end = (before + secret.size()) * 8 / 6;
  return encoded.substr(begin, end - begin);
}

std::string to_url_alphabet(std::string text) {
  std::ranges::replace(text, '+', '-');
  std::ranges::replace(text, '/', '_');
  return text;
}

}  // namespace

SecretValues::SecretValues(std::span<const Secret> secrets) {
  for (const Secret& secret : secrets) {
    const std::string& value = secret.reveal();
    if (value.size() < shortest_secret) {
      continue;
    }
    needles_.push_back({.text = value});
    if (value.size() < shortest_in_base64) {
      continue;
    }
    for (std::size_t before = 0; before < 3; ++before) {
      const std::string part = base64_part(value, before);
      needles_.push_back({.text = part, .is_base64 = true});
      needles_.push_back({.text = to_url_alphabet(part), .is_base64 = true});
    }
  }
}

SecretValues::Found SecretValues::find_at(std::string_view text, std::size_t at) const {
  const std::string_view rest = text.substr(at);
  Found found{.begin = at, .end = at + token_length(rest)};
  for (const Needle& needle : needles_) {
    const std::size_t length = spelled_length(rest, needle.text);
    if (length == 0) {
      continue;
    }
    found.end = std::max(found.end, at + length);
    if (needle.is_base64) {
      // All of what is encoded together: its ends hold bits of the secret, too.
      while (found.begin > 0 && is_base64_character(text[found.begin - 1])) {
        --found.begin;
      }
      while (found.end < text.size() && is_base64_character(text[found.end])) {
        ++found.end;
      }
      while (const std::size_t padding = octet_length(text.substr(found.end), '=')) {
        found.end += padding;
      }
    }
  }
  return found;
}

std::string SecretValues::hide_once(std::string_view text) const {
  std::string result;
  std::size_t kept = 0;  // up to here `text` is in the result
  for (std::size_t at = 0; at < text.size();) {
    const Found found = find_at(text, at);
    if (found.end == at) {
      ++at;
      continue;
    }
    if (found.begin > kept) {
      result += text.substr(kept, found.begin - kept);
    }
    result += mask;
    kept = at = found.end;
  }
  result += text.substr(kept);
  return result;
}

std::string SecretValues::hide(std::string_view text) const {
  std::string result = hide_once(text);
  // What stood around a secret may be one itself. Each round makes the text shorter.
  for (std::string next = hide_once(result); next.size() < result.size();
       next = hide_once(result)) {
    result = std::move(next);
  }
  return result;
}

}  // namespace bb::http

#include "http/secret_names.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "http/secret_values.hpp"

namespace bb::http {
namespace {

constexpr std::array names = {
    std::string_view("token"),
    std::string_view("secret"),
    std::string_view("password"),
    std::string_view("passwd"),
    std::string_view("passphrase"),
    std::string_view("signature"),
    std::string_view("sig"),
    std::string_view("authorization"),
    std::string_view("assertion"),
    std::string_view("client_assertion"),
    std::string_view("credential"),
    std::string_view("credentials"),
    std::string_view("cookie"),
    std::string_view("session"),
    std::string_view("jwt"),
    std::string_view("ticket"),
    std::string_view("code"),
    std::string_view("code_verifier"),
    std::string_view("code_challenge"),
    std::string_view("device_code"),
    std::string_view("user_code"),
    std::string_view("state"),
    std::string_view("nonce"),
    std::string_view("apikey"),
};
constexpr std::array endings = {
    std::string_view("_token"),     std::string_view("_secret"),     std::string_view("_password"),
    std::string_view("_signature"), std::string_view("_credential"), std::string_view("api_key"),
    std::string_view("secret_key"), std::string_view("private_key"),
};
// Where the next page of a list begins.
constexpr std::array harmless = {
    std::string_view("next_token"),       std::string_view("next_page_token"),
    std::string_view("page_token"),       std::string_view("previous_token"),
    std::string_view("pagination_token"), std::string_view("continuation_token"),
};
constexpr std::array header_words = {
    std::string_view("authorization"), std::string_view("cookie"),
    std::string_view("token"),         std::string_view("secret"),
    std::string_view("signature"),     std::string_view("api-key"),
    std::string_view("apikey"),        std::string_view("password"),
    std::string_view("credential"),
};

constexpr std::size_t longest_word = 19;  // codes of OAuth are longer

bool is_name_character(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         c == '-';
}

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

// Ends a value that stands in text without quotes.
bool ends_value(char c) {
  return static_cast<unsigned char>(c) <= ' ' || std::string_view("&\"'<>|)#;,\\`}]").contains(c);
}

std::size_t skip_spaces(std::string_view text, std::size_t at) {
  while (at < text.size() && is_space(text[at])) {
    ++at;
  }
  return at;
}

// The name that ends before `end`.
std::string_view name_before(std::string_view text, std::size_t end) {
  std::size_t begin = end;
  while (begin > 0 && is_name_character(text[begin - 1])) {
    --begin;
  }
  return text.substr(begin, end - begin);
}

// The quoted name before a colon, with the quotes escaped or not; empty if there is none.
std::string_view quoted_name_before(std::string_view text, std::size_t colon) {
  std::size_t end = colon;
  while (end > 0 && is_space(text[end - 1])) {
    --end;
  }
  if (end == 0 || text[end - 1] != '"') {
    return {};
  }
  --end;
  while (end > 0 && text[end - 1] == '\\') {
    --end;
  }
  return name_before(text, end);
}

struct Range {
  std::size_t begin = 0;
  std::size_t end = 0;
};

// The value that begins at or after `at`: within quotes, escaped or not, or up to what ends it.
Range value_at(std::string_view text, std::size_t at) {
  std::size_t begin = at;
  while (begin < text.size() && text[begin] == '\\') {
    ++begin;
  }
  const bool escaped = begin > at;
  if (begin < text.size() && (text[begin] == '"' || text[begin] == '\'')) {
    const char quote = text[begin++];
    std::size_t end = begin;
    while (end < text.size() && text[end] != quote && !(escaped && text[end] == '\\')) {
      end += text[end] == '\\' ? 2U : 1U;
    }
    return {.begin = begin, .end = std::min(end, text.size())};
  }
  std::size_t end = at;
  while (end < text.size() && !ends_value(text[end])) {
    ++end;
  }
  return {.begin = at, .end = end};
}

bool is_json_word(std::string_view value) {
  return value.empty() || value == "true" || value == "false" || value == "null" ||
         value.starts_with('{') || value.starts_with('[');
}

// What is to be hidden after the '=' or ':' at `at`, if its name says so.
Range secret_after(std::string_view text, std::size_t at) {
  if (text[at] == '=' && is_secret_name(name_before(text, at))) {
    return value_at(text, at + 1);
  }
  if (text[at] == ':') {
    const std::string_view name = quoted_name_before(text, at);
    const Range value = value_at(text, skip_spaces(text, at + 1));
    const std::string_view shown = text.substr(value.begin, value.end - value.begin);
    if (is_secret_name(name) && !is_json_word(shown) && !is_plain_word(name, shown)) {
      return value;
    }
  }
  return {};
}

// The part before the last '@' of an authority whose "://" is at `at`.
Range user_after(std::string_view text, std::size_t at) {
  const std::size_t begin = at + 3;
  std::size_t end = begin;
  while (end < text.size() && static_cast<unsigned char>(text[end]) > ' ' &&
         !std::string_view("/?#\"<>|\\").contains(text[end])) {
    ++end;
  }
  const std::size_t user_end = text.substr(begin, end - begin).rfind('@');
  return user_end == std::string_view::npos ? Range{}
                                            : Range{.begin = begin, .end = begin + user_end};
}

}  // namespace

bool is_secret_name(std::string_view name) {
  std::string normal = to_lower(name);
  std::ranges::replace(normal, '-', '_');
  const auto ends_it = [&](std::string_view ending) { return normal.ends_with(ending); };
  const auto is_it = [&](std::string_view listed) { return normal == listed; };
  return std::ranges::none_of(harmless, is_it) &&
         (std::ranges::any_of(names, is_it) || std::ranges::any_of(endings, ends_it));
}

bool is_secret_header(std::string_view name) {
  const std::string lower = to_lower(name);
  return std::ranges::any_of(header_words,
                             [&](std::string_view word) { return lower.contains(word); });
}

bool is_plain_word(std::string_view name, std::string_view value) {
  const bool everyday = equals_ignoring_case(name, "state") || equals_ignoring_case(name, "code");
  return everyday && value.size() <= longest_word && std::ranges::all_of(value, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
         });
}

std::string hide_named(std::string_view text) {
  std::string result;
  std::size_t kept = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    Range hidden;
    if (text[at] == '=' || text[at] == ':') {
      hidden = text.substr(at).starts_with("://") ? user_after(text, at) : secret_after(text, at);
    }
    if (hidden.end > hidden.begin) {
      result += text.substr(kept, hidden.begin - kept);
      result += mask;
      kept = hidden.end;
      at = hidden.end - 1;
    }
  }
  result += text.substr(kept);
  return result;
}

}  // namespace bb::http

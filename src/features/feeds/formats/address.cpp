#include "features/feeds/formats/address.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/url.hpp>
#include <optional>

#include "base/text.hpp"

namespace bb::feeds {
namespace {

namespace urls = boost::urls;

constexpr std::size_t longest_address = 2'000;

bool is_hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool is_plain(char c) {
  constexpr std::string_view marks = "-._~:/?@!$&'()*+,;=";
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         marks.find(c) != marks.npos;
}

// Where the host of //host/path ends: brackets mean something only there.
std::size_t end_of_host(std::string_view text) {
  const std::size_t begin = text.find("//");
  return begin == text.npos ? 0 : std::min(text.find_first_of("/?#", begin + 2), text.size());
}

void append_escaped(std::string& to, char c) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  const auto octet = static_cast<unsigned char>(c);
  to += '%';
  to += digits[octet >> 4U];
  to += digits[octet & 0xFU];
}

std::string escaped(std::string_view text) {
  const std::size_t host_end = end_of_host(text);
  std::string result;
  bool in_fragment = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool is_escape =
        c == '%' && i + 2 < text.size() && is_hex(text[i + 1]) && is_hex(text[i + 2]);
    const bool is_bracket = (c == '[' || c == ']') && i < host_end;
    if (c == '\t' || c == '\n' || c == '\r') {
      continue;  // broken lines within an address
    }
    if (is_plain(c) || is_escape || is_bracket || (c == '#' && !in_fragment)) {
      in_fragment = in_fragment || c == '#';
      result += c;
    } else {
      append_escaped(result, c);
    }
  }
  return result;
}

// Nothing where it is none of the web.
std::optional<urls::url> parse(std::string_view address) {
  if (address.size() > longest_address) {
    return std::nullopt;
  }
  const auto parsed = urls::parse_uri(address);
  if (!parsed || parsed->host().empty() ||
      (parsed->scheme_id() != urls::scheme::http && parsed->scheme_id() != urls::scheme::https)) {
    return std::nullopt;
  }
  // Boost 1.81 reads "https://host:x" as a host and a path.
  const std::string_view path = parsed->encoded_path();
  if (!path.empty() && !path.starts_with('/')) {
    return std::nullopt;
  }
  urls::url result(*parsed);
  result.normalize_scheme();
  result.remove_userinfo();
  return result;
}

std::string text_of(const std::optional<urls::url>& address) {
  return address && address->size() <= longest_address ? std::string(address->buffer())
                                                       : std::string();
}

}  // namespace

std::string resolve_address(std::string_view base, std::string_view reference) {
  const std::string text = escaped(trim(reference));
  if (text.empty() || text.size() > longest_address) {
    return {};
  }
  const auto parsed = urls::parse_uri_reference(text);
  if (!parsed) {
    return {};
  }
  if (parsed->has_scheme()) {
    return text_of(parse(text));
  }
  const std::optional<urls::url> parsed_base = parse(base);
  urls::url result;
  if (!parsed_base || !urls::resolve(*parsed_base, *parsed, result)) {
    return {};
  }
  return text_of(parse(result.buffer()));
}

std::string normal_address(std::string_view address) {
  std::optional<urls::url> url = parse(escaped(trim(address)));
  if (!url) {
    return {};
  }
  url->remove_fragment();
  url->normalize_authority();
  if (url->port() == (url->scheme_id() == urls::scheme::https ? "443" : "80") ||
      url->port().empty()) {
    url->remove_port();
  }
  if (url->encoded_path().empty()) {
    url->set_path_absolute(true);
  }
  return text_of(url);
}

std::string host_of(std::string_view address) {
  const std::optional<urls::url> url = parse(address);
  return url ? to_lower(std::string(url->host())) : std::string();
}

}  // namespace bb::feeds

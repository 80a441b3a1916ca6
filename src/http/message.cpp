#include "http/message.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <boost/url/pct_string_view.hpp>

#include "base/text.hpp"
#include "http/percent_encoding.hpp"

namespace bb::http {
namespace {

namespace urls = boost::urls;

enum class Plus { plus, space };

std::optional<std::string> decode(std::string_view encoded, Plus plus) {
  const auto checked =
      urls::make_pct_string_view(urls::string_view(encoded.data(), encoded.size()));
  if (!checked) {
    return std::nullopt;
  }
  urls::encoding_opts options;
  options.space_as_plus = plus == Plus::space;
  return checked->decode(options);
}

std::string without_line_ends(std::string_view value) {
  std::string result(value);
  std::ranges::replace_if(result, [](char c) { return c == '\r' || c == '\n' || c == '\0'; }, ' ');
  return result;
}

struct Reason {
  int status;
  std::string_view phrase;
};

constexpr std::array reasons = {
    Reason{100, "Continue"},
    Reason{200, "OK"},
    Reason{201, "Created"},
    Reason{202, "Accepted"},
    Reason{204, "No Content"},
    Reason{301, "Moved Permanently"},
    Reason{302, "Found"},
    Reason{303, "See Other"},
    Reason{304, "Not Modified"},
    Reason{307, "Temporary Redirect"},
    Reason{308, "Permanent Redirect"},
    Reason{400, "Bad Request"},
    Reason{401, "Unauthorized"},
    Reason{403, "Forbidden"},
    Reason{404, "Not Found"},
    Reason{405, "Method Not Allowed"},
    Reason{406, "Not Acceptable"},
    Reason{408, "Request Timeout"},
    Reason{409, "Conflict"},
    Reason{410, "Gone"},
    Reason{411, "Length Required"},
    Reason{413, "Content Too Large"},
    Reason{414, "URI Too Long"},
    Reason{415, "Unsupported Media Type"},
    Reason{422, "Unprocessable Content"},
    Reason{429, "Too Many Requests"},
    Reason{431, "Request Header Fields Too Large"},
    Reason{500, "Internal Server Error"},
    Reason{501, "Not Implemented"},
    Reason{502, "Bad Gateway"},
    Reason{503, "Service Unavailable"},
    Reason{504, "Gateway Timeout"},
    Reason{505, "HTTP Version Not Supported"},
};

}  // namespace

Headers::Headers(std::initializer_list<std::pair<std::string, std::string>> entries) {
  for (const auto& [name, value] : entries) {
    add(name, value);
  }
}

std::optional<std::string> Headers::find(std::string_view name) const {
  for (const auto& [key, value] : entries_) {
    if (equals_ignoring_case(key, name)) {
      return value;
    }
  }
  return std::nullopt;
}

void Headers::set(std::string_view name, std::string_view value) {
  std::string kept = without_line_ends(value);  // `value` may be a view of an entry erased below
  std::string key(name);
  remove(key);
  entries_.emplace_back(std::move(key), std::move(kept));
}

void Headers::add(std::string_view name, std::string_view value) {
  entries_.emplace_back(name, without_line_ends(value));
}

void Headers::remove(std::string_view name) {
  std::erase_if(entries_,
                [&](const auto& entry) { return equals_ignoring_case(entry.first, name); });
}

std::optional<Parameters> Parameters::parse(std::string_view encoded) {
  Parameters result;
  for (const std::string_view pair : split(encoded, '&')) {
    if (pair.empty()) {
      continue;
    }
    const std::size_t equals = std::min(pair.find('='), pair.size());
    auto name = decode(pair.substr(0, equals), Plus::space);
    auto value = decode(pair.substr(std::min(equals + 1, pair.size())), Plus::space);
    if (!name || !value) {
      return std::nullopt;
    }
    result.entries_.emplace_back(std::move(*name), std::move(*value));
  }
  return result;
}

std::optional<std::string> Parameters::find(std::string_view name) const {
  for (const auto& [key, value] : entries_) {
    if (key == name) {
      return value;
    }
  }
  return std::nullopt;
}

void Parameters::add(std::string_view name, std::string_view value) {
  entries_.emplace_back(name, value);
}

std::string Parameters::encode() const {
  std::string result;
  for (const auto& [name, value] : entries_) {
    if (!result.empty()) {
      result += '&';
    }
    result += percent_encode(name);
    result += '=';
    result += percent_encode(value);
  }
  return result;
}

std::optional<std::string> percent_decode(std::string_view encoded) {
  return decode(encoded, Plus::plus);
}

Response json_response(int status, std::string body) {
  return {
      .status = status, .headers = {{"Content-Type", "application/json"}}, .body = std::move(body)};
}

Response error_response(int status, std::string_view message) {
  const boost::json::object body = {
      {"data", boost::json::object()},
      {"error", {{"message", to_valid_utf8(message)}}},
  };
  return json_response(status, boost::json::serialize(body));
}

Response html_response(int status, std::string body) {
  // The address of such a page may hold a one-time code: it is neither stored nor handed on.
  return {.status = status,
          .headers = {{"Content-Type", "text/html; charset=utf-8"},
                      {"Content-Security-Policy",
                       "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; "
                       "form-action 'none'; frame-ancestors 'none'"},
                      {"X-Content-Type-Options", "nosniff"},
                      {"Referrer-Policy", "no-referrer"},
                      {"Cache-Control", "no-store"}},
          .body = std::move(body)};
}

std::string_view reason_phrase(int status) {
  const auto* const reason = std::ranges::find(reasons, status, &Reason::status);
  return reason == reasons.end() ? "Unknown" : reason->phrase;
}

}  // namespace bb::http

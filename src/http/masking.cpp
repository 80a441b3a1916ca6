#include "http/masking.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <boost/url/encode.hpp>
#include <boost/url/grammar/charset.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>
#include <utility>

#include "base/json.hpp"
#include "base/text.hpp"
#include "http/secret_names.hpp"

namespace bb::http {
namespace {

namespace urls = boost::urls;

// More rounds are not needed: one finds what another one has laid open.
constexpr int most_passes = 4;

bool may_be_json(std::string_view text) {
  const std::string_view trimmed = trim(text);
  return trimmed.starts_with('{') || trimmed.starts_with('[');
}

// Separates pieces of text that are percent-encoded each for itself.
bool separates(char c) {
  return static_cast<unsigned char>(c) <= ' ' || std::string_view("&=?#\"'<>|\\/:;,()").contains(c);
}

}  // namespace

std::string Masking::url(std::string_view whole) const {
  const std::string shown = values_.hide(whole);
  const std::string_view url = shown;
  const std::string_view before_fragment = url.substr(0, url.find('#'));
  const std::size_t question = before_fragment.find('?');
  std::string result = text(before_fragment.substr(0, question));
  if (question != std::string_view::npos) {
    result += '?' + form(before_fragment.substr(question + 1));
  }
  if (before_fragment.size() < url.size()) {
    result += '#' + form(url.substr(before_fragment.size() + 1));
  }
  return result;
}

Headers Masking::headers(const Headers& headers) const {
  Headers result;
  for (const auto& [name, value] : headers.entries()) {
    result.add(name, is_secret_header(name) ? std::string(mask) : text(value));
  }
  return result;
}

std::string Masking::body(std::string_view body, const Headers& headers) const {
  const std::string type = to_lower(headers.find("Content-Type").value_or(""));
  if (type.starts_with("application/x-www-form-urlencoded") && !may_be_json(body)) {
    return form(body);
  }
  if (may_be_json(body)) {
    if (Result<boost::json::value> value = bb::json::parse(body)) {
      json(*value, {}, 0);
      return boost::json::serialize(*value);
    }
  }
  return text(body);
}

std::string Masking::text(std::string_view text) const {
  return text_within(text, 0);
}

std::string Masking::text_within(std::string_view text, int depth) const {
  std::string result(text);
  for (int i = 0; i < most_passes; ++i) {
    std::string next = pass(result, depth);
    if (next == result) {
      break;
    }
    result = std::move(next);
  }
  return result;
}

std::string Masking::pass(std::string_view text, int depth) const {
  if (depth < deepest && may_be_json(text)) {
    if (Result<boost::json::value> value = bb::json::parse(text)) {
      const boost::json::value before = *value;
      json(*value, {}, depth + 1);
      return *value == before ? std::string(text) : boost::json::serialize(*value);
    }
  }
  const std::string shown = hide_named(values_.hide(text));
  return depth < deepest && shown.contains('%') ? encoded_parts(shown, depth) : shown;
}

std::string Masking::encoded_parts(std::string_view text, int depth) const {
  std::string result;
  while (!text.empty()) {
    const bool separators = separates(text.front());
    const auto end =
        std::ranges::find_if(text, [separators](char c) { return separates(c) != separators; });
    const std::string_view part(text.begin(), end);
    text.remove_prefix(part.size());
    result += separators ? std::string(part) : encoded(part, depth);
  }
  return result;
}

// The text itself unless something in what it encodes is hidden.
std::string Masking::encoded(std::string_view text, int depth) const {
  if (!text.contains('%')) {
    return std::string(text);
  }
  const auto parsed = Parameters::parse("x=" + std::string(text));
  const auto decoded = parsed ? parsed->find("x") : std::nullopt;
  if (!decoded) {
    return std::string(text);
  }
  const std::string shown = text_within(*decoded, depth + 1);
  static constexpr auto readable = urls::unreserved_chars + '*';
  return shown == *decoded ? std::string(text) : urls::encode(shown, readable);
}

// Pairs end at '&' and nowhere else.
std::string Masking::form(std::string_view form) const {
  const std::string shown = values_.hide(form);  // a secret may hold a '&'
  std::string result;
  bool first = true;
  for (const std::string_view pair : split(shown, '&')) {
    result += std::exchange(first, false) ? "" : "&";
    const std::size_t equals = pair.find('=');
    const std::string_view name = pair.substr(0, equals);
    if (equals == std::string_view::npos) {
      result += text(pair);
    } else if (is_secret_name(percent_decode(name).value_or(std::string(name)))) {
      result += std::string(name) + '=' + std::string(mask);
    } else {
      result += text(name) + '=' + text(pair.substr(equals + 1));
    }
  }
  return result;
}

void Masking::json(boost::json::value& value, std::string_view name, int depth) const {
  const bool secret = is_secret_name(name);
  if (boost::json::object* members = value.if_object()) {
    boost::json::object shown;
    for (auto& [key, member] : *members) {
      json(member, key, depth);
      shown.insert_or_assign(text_within(key, depth), std::move(member));
    }
    *members = std::move(shown);
  } else if (boost::json::array* elements = value.if_array()) {
    for (boost::json::value& element : *elements) {
      json(element, name, depth);
    }
  } else if (boost::json::string* string = value.if_string()) {
    const std::string_view text(string->data(), string->size());
    *string = secret && !text.empty() && !is_plain_word(name, text) ? std::string(mask)
                                                                    : text_within(text, depth);
  } else if (value.is_number() && secret && !is_plain_word(name, "")) {
    value = mask;
  }
}

}  // namespace bb::http

#include "base/json.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>

namespace bb::json {
namespace {

constexpr std::size_t max_depth = 64;

template <class T>
Result<T> required(std::optional<T> found, std::string_view path, std::string_view type) {
  if (!found) {
    return fail(ErrorCode::bad_response,
                "'" + std::string(path) + "' is missing or not " + std::string(type));
  }
  return std::move(*found);
}

}  // namespace

Result<boost::json::value> parse(std::string_view text, boost::json::storage_ptr memory) {
  boost::json::parse_options options;
  options.max_depth = max_depth;
  boost::json::parser parser({}, options);
  parser.reset(std::move(memory));
  boost::system::error_code error;
  const std::size_t consumed = parser.write(text.data(), text.size(), error);
  if (error) {
    return fail(ErrorCode::invalid_input,
                "not JSON at offset " + std::to_string(consumed) + ": " + error.message());
  }
  return parser.release();
}

std::string without_lone_surrogates(std::string_view text) {
  constexpr std::size_t escape_length = 6;  // \uXXXX
  // The unit that is escaped at `at`, 0 if there is none.
  const auto unit_at = [&](std::size_t at) -> unsigned {
    unsigned unit = 0;
    if (text.substr(std::min(at, text.size()), 2) != "\\u" || at + escape_length > text.size()) {
      return 0;
    }
    const char* const end = text.data() + at + escape_length;
    return std::from_chars(text.data() + at + 2, end, unit, 16).ptr == end ? unit : 0;
  };
  const auto is_high = [](unsigned unit) { return unit >= 0xD800 && unit < 0xDC00; };
  const auto is_low = [](unsigned unit) { return unit >= 0xDC00 && unit < 0xE000; };
  std::string result;
  result.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t escape = std::min(text.find('\\', at), text.size());
    result.append(text.substr(at, escape - at));
    const unsigned unit = unit_at(escape);
    const bool is_pair = is_high(unit) && is_low(unit_at(escape + escape_length));
    const bool is_lone = !is_pair && (is_high(unit) || is_low(unit));
    const std::size_t length =
        is_pair ? 2 * escape_length : (unit == 0 ? 2 : escape_length);  // "\\\\" begins no "\\u"
    result.append(is_lone ? "\\ufffd" : text.substr(escape, length));
    at = escape + length;
  }
  return result;
}

const boost::json::value* find(const boost::json::value& value, std::string_view path) {
  const boost::json::value* current = &value;
  while (current != nullptr) {
    const boost::json::object* members = current->if_object();
    const std::size_t dot = path.find('.');
    current = members == nullptr ? nullptr : members->if_contains(path.substr(0, dot));
    if (dot == std::string_view::npos) {
      return current;
    }
    path.remove_prefix(dot + 1);
  }
  return nullptr;
}

std::optional<std::string> string(const boost::json::value& value, std::string_view path) {
  const boost::json::value* found = find(value, path);
  if (found == nullptr || !found->is_string()) {
    return std::nullopt;
  }
  const boost::json::string& text = found->get_string();
  return std::string(text.data(), text.size());
}

std::optional<std::int64_t> integer(const boost::json::value& value, std::string_view path) {
  const boost::json::value* found = find(value, path);
  if (found == nullptr || !found->is_number()) {
    return std::nullopt;
  }
  boost::system::error_code error;
  const auto number = found->to_number<std::int64_t>(error);
  return error ? std::nullopt : std::optional(number);
}

std::optional<bool> boolean(const boost::json::value& value, std::string_view path) {
  const boost::json::value* found = find(value, path);
  return found != nullptr && found->is_bool() ? std::optional(found->get_bool()) : std::nullopt;
}

const boost::json::array* array(const boost::json::value& value, std::string_view path) {
  const boost::json::value* found = find(value, path);
  return found == nullptr ? nullptr : found->if_array();
}

const boost::json::object* object(const boost::json::value& value, std::string_view path) {
  const boost::json::value* found = find(value, path);
  return found == nullptr ? nullptr : found->if_object();
}

Result<std::string> required_string(const boost::json::value& value, std::string_view path) {
  return required(string(value, path), path, "a string");
}

Result<std::int64_t> required_integer(const boost::json::value& value, std::string_view path) {
  return required(integer(value, path), path, "a whole number");
}

}  // namespace bb::json

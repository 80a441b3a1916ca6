// JSON from outside, read by path. boost::json::value is this project's JSON type, as std::string
// is its text.
#pragma once

#include <boost/json/fwd.hpp>
#include <boost/json/storage_ptr.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace bb::json {

// One whole document; at most 64 levels deep. The error names the position: "not JSON at offset 17:
// ...". Ill-formed UTF-8 is an error too. `memory` is where the value lives: a
// boost::json::monotonic_resource saves much for one that is read once and dropped.
Result<boost::json::value> parse(std::string_view text, boost::json::storage_ptr memory = {});

// The document with each half of a surrogate pair that stands alone ("\ud83d") as "\ufffd":
// programs that count text in UTF-16 cut pairs in the middle (RFC 8259, 8.2), and parse() refuses
// them.
std::string without_lone_surrogates(std::string_view text);

// The value at a dotted path of object members ("event.user"), null where there is none.
const boost::json::value* find(const boost::json::value& value, std::string_view path);

// The same, nothing where it is absent or of another type. integer() accepts any number without a
// fraction that fits.
std::optional<std::string> string(const boost::json::value& value, std::string_view path);
std::optional<std::int64_t> integer(const boost::json::value& value, std::string_view path);
std::optional<bool> boolean(const boost::json::value& value, std::string_view path);
const boost::json::array* array(const boost::json::value& value, std::string_view path);
const boost::json::object* object(const boost::json::value& value, std::string_view path);

// The same, a bad_response that names the path where it is absent or of another type.
Result<std::string> required_string(const boost::json::value& value, std::string_view path);
Result<std::int64_t> required_integer(const boost::json::value& value, std::string_view path);

}  // namespace bb::json

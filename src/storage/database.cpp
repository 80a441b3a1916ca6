// Reading of rows, and the choice of the database by its URI.
#include "storage/database.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "storage/postgres.hpp"
#include "storage/postgres_uri.hpp"
#include "storage/sqlite.hpp"

namespace bb::storage {
namespace {

template <class T>
const T& typed(const std::vector<Value>& values, std::size_t column, std::string_view wanted) {
  const Value& value = values.at(column);
  if (const T* data = std::get_if<T>(&value.data())) {
    return *data;
  }
  throw std::logic_error(
      fmt::format("column {} of a result is read as {}, which it is not", column, wanted));
}

bool is_scheme(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+';
  });
}

// The path of "sqlite:PATH", and of SQLAlchemy's sqlite:///relative and sqlite:////absolute.
Result<std::string> sqlite_path(std::string_view rest) {
  constexpr std::string_view slashes = "//";
  if (rest.starts_with(slashes)) {
    rest.remove_prefix(slashes.size());
    if (!rest.empty() && !rest.starts_with('/')) {
      return fail(ErrorCode::invalid_input,
                  "DATABASE_URI: sqlite:// with two slashes would name a host; write sqlite:PATH");
    }
    rest.remove_prefix(rest.empty() ? 0 : 1);
  }
  if (rest.empty() || rest.starts_with(":memory:")) {
    return fail(ErrorCode::invalid_input,
                "DATABASE_URI: a database in memory would forget everything; name a file, e.g. "
                "sqlite:data/busy-beaver.db");
  }
  if (rest.find('?') != std::string_view::npos || rest.find('\0') != std::string_view::npos) {
    return fail(ErrorCode::invalid_input,
                "DATABASE_URI: options after ? are not understood; write sqlite:PATH alone");
  }
  return std::string(rest);
}

}  // namespace

std::int64_t Row::integer(std::size_t column) const {
  return typed<std::int64_t>(values_, column, "a whole number");
}

const std::string& Row::text(std::size_t column) const {
  return typed<std::string>(values_, column, "text");
}

TimePoint Row::time(std::size_t column) const {
  return TimePoint(std::chrono::milliseconds(typed<std::int64_t>(values_, column, "a time")));
}

std::optional<std::int64_t> Row::optional_integer(std::size_t column) const {
  return is_null(column) ? std::nullopt : std::optional(integer(column));
}

std::optional<std::string> Row::optional_text(std::size_t column) const {
  return is_null(column) ? std::nullopt : std::optional(text(column));
}

std::optional<TimePoint> Row::optional_time(std::size_t column) const {
  return is_null(column) ? std::nullopt : std::optional(time(column));
}

// The URI itself is never part of a message: it may hold a password.
Result<std::unique_ptr<Database>> open(const std::string& uri) {
  const std::size_t colon = uri.find(':');
  const std::string_view scheme = std::string_view(uri).substr(0, colon);
  if (colon == std::string::npos || !is_scheme(scheme)) {
    return fail(ErrorCode::invalid_input,
                "DATABASE_URI does not start with a scheme; it looks like "
                "sqlite:data/busy-beaver.db");
  }
  if (scheme == "sqlite") {
    const Result<std::string> path = sqlite_path(std::string_view(uri).substr(colon + 1));
    if (!path) {
      return fail(path.error());
    }
    return open_sqlite(*path);
  }
  if (is_postgres_scheme(scheme)) {
    return open_postgres(uri);
  }
  return fail(ErrorCode::invalid_input,
              fmt::format("DATABASE_URI: the scheme {} is not supported; use "
                          "sqlite:data/busy-beaver.db or postgresql://user@host/database",
                          scheme));
}

Result<std::string> sqlite_file(const std::string& uri) {
  constexpr std::string_view scheme = "sqlite:";
  if (!uri.starts_with(scheme)) {
    return fail(ErrorCode::invalid_input, "DATABASE_URI does not name an SQLite file");
  }
  return sqlite_path(std::string_view(uri).substr(scheme.size()));
}

}  // namespace bb::storage

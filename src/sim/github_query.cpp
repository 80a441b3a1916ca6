#include "sim/github_query.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "base/text.hpp"

namespace bb::sim {
namespace {

constexpr std::array<std::string_view, 6> known_limit_fields = {"cost",      "limit", "nodeCount",
                                                                "remaining", "used",  "resetAt"};

bool starts_a_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Reads tokens one after the other; the first that is not what it should be ends it.
class QueryParser {
 public:
  explicit QueryParser(std::string_view text) : rest_(text) {}

  Result<Query> parse() {
    if (next_is_name()) {
      require_name("query");
    }
    require('{');
    while (!has_failed() && !take('}')) {
      read_field();
    }
    skip_space();
    if (!rest_.empty()) {
      complain(fmt::format("Parse error on \"{}\"", rest_.substr(0, 10)));
    }
    if (!has_failed() && query_.subjects.empty() && query_.rate_limit_fields.empty()) {
      complain("Parse error: nothing is asked for");
    }
    if (has_failed()) {
      return fail(ErrorCode::invalid_input, problem_);
    }
    return std::move(query_);
  }

 private:
  void read_field() {
    const std::string first = name();
    if (!take(':')) {
      if (first == "rateLimit") {
        return read_rate_limit();
      }
      return complain(fmt::format("Field '{}' doesn't exist on type 'Query'", first));
    }
    if (!aliases_.insert(first).second) {
      return complain(fmt::format("Field '{}' has an argument conflict", first));
    }
    QuerySubject subject{.alias = first, .owner = {}, .name = {}};
    require_name("repository");
    require('(');
    require_name("owner");
    require(':');
    subject.owner = string();
    require_name("name");
    require(':');
    subject.name = string();
    require(')');
    require('{');
    read_selection(subject);
    require('}');
    query_.subjects.push_back(std::move(subject));
  }

  void read_selection(QuerySubject& subject) {
    const std::string field = name();
    if (field == "releases") {
      require('{');
      require_name("totalCount");
      return require('}');
    }
    if (field != "pullRequest") {
      return complain(fmt::format("Field '{}' doesn't exist on type 'Repository'", field));
    }
    require('(');
    require_name("number");
    require(':');
    subject.pull_request = integer();
    require(')');
    require('{');
    require_name("title");
    require('}');
  }

  void read_rate_limit() {
    require('{');
    while (!has_failed() && !take('}')) {
      std::string field = name();
      if (std::ranges::find(known_limit_fields, field) == known_limit_fields.end()) {
        return complain(fmt::format("Field '{}' doesn't exist on type 'RateLimit'", field));
      }
      query_.rate_limit_fields.push_back(std::move(field));
    }
  }

  // Commas are white space in GraphQL.
  void skip_space() {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\r\n,"), rest_.size()));
  }
  bool next_is_name() {
    skip_space();
    return !rest_.empty() && starts_a_name(rest_.front());
  }
  bool take(char sign) {
    skip_space();
    if (!rest_.starts_with(sign)) {
      return false;
    }
    rest_.remove_prefix(1);
    return true;
  }
  void require(char sign) {
    if (!take(sign)) {
      complain(fmt::format("Parse error on \"{}\", expected \"{}\"", rest_.substr(0, 10), sign));
    }
  }

  std::string name() {
    if (!next_is_name()) {
      complain(fmt::format("Parse error on \"{}\", expected a name", rest_.substr(0, 10)));
      return {};
    }
    const auto end =
        std::ranges::find_if_not(rest_, [](char c) { return starts_a_name(c) || is_digit(c); });
    return cut(static_cast<std::size_t>(end - rest_.begin()));
  }
  void require_name(std::string_view expected) {
    if (const std::string found = name(); found != expected) {
      complain(fmt::format("Field '{}' doesn't exist, expected '{}'", found, expected));
    }
  }

  std::string string() {
    require('"');
    std::string text;
    while (!has_failed()) {
      if (rest_.empty() || rest_.front() == '\n') {
        complain("Parse error: a string without an end");
      } else if (rest_.front() == '"') {
        rest_.remove_prefix(1);
        break;
      } else {
        if (rest_.front() == '\\' && rest_.size() > 1) {
          rest_.remove_prefix(1);
        }
        text += rest_.front();
        rest_.remove_prefix(1);
      }
    }
    return text;
  }

  std::int64_t integer() {
    skip_space();
    const auto end = std::ranges::find_if_not(rest_, is_digit);
    const auto number = parse_integer(cut(static_cast<std::size_t>(end - rest_.begin())));
    if (!number || *number > std::int64_t{2'147'483'647}) {
      complain(
          "Argument 'number' on Field 'pullRequest' has an invalid value. Expected type 'Int!'.");
    }
    return number.value_or(0);
  }

  std::string cut(std::size_t size) {
    std::string text(rest_.substr(0, size));
    rest_.remove_prefix(size);
    return text;
  }
  void complain(std::string problem) { problem_ = has_failed() ? problem_ : std::move(problem); }
  [[nodiscard]] bool has_failed() const { return !problem_.empty(); }

  std::string_view rest_;
  std::string problem_;
  std::set<std::string> aliases_;
  Query query_;
};

}  // namespace

Result<Query> parse_query(std::string_view text) {
  return QueryParser(text).parse();
}

}  // namespace bb::sim

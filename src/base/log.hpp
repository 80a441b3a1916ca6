// Structured log lines on stderr: an event name and key=value pairs, as text or JSON.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "base/result.hpp"

namespace bb::log {

enum class Level { debug, info, warning, error, off };
enum class Format { text, json };

struct Settings {
  Level level = Level::info;
  Format format = Format::text;
};

// The log writer thread, for as long as the object lives; its end writes what is queued. Without
// one, lines from `warning` on are written by the thread that logs.
class Writer {
 public:
  explicit Writer(Settings settings);
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;
};

// One key and its value; built from text, numbers and bools.
struct Field {
  std::string_view key;
  std::string value;

  Field(std::string_view name, std::string_view text) : key(name), value(text) {}
  Field(std::string_view name, const std::string& text) : key(name), value(text) {}
  Field(std::string_view name, const char* text) : key(name), value(text) {}
  Field(std::string_view name, bool flag) : key(name), value(flag ? "true" : "false") {}
  template <class Number>
    requires std::is_arithmetic_v<Number>
  Field(std::string_view name, Number number) : key(name), value(std::to_string(number)) {}
};

using Fields = std::initializer_list<Field>;

// `event` is a constant such as "job_failed". Members' content never goes into a field above debug.
void debug(std::string_view event, Fields fields = {});
void info(std::string_view event, Fields fields = {});
void warning(std::string_view event, Fields fields = {});
void error(std::string_view event, Fields fields = {});

// Adds request_id=... to every line that this thread writes while the object lives: one id runs
// through a request and the jobs that it causes.
class RequestScope {
 public:
  explicit RequestScope(std::string request_id);
  ~RequestScope();
  RequestScope(const RequestScope&) = delete;
  RequestScope& operator=(const RequestScope&) = delete;

 private:
  std::string previous_;
};

// The id of the innermost RequestScope of this thread, empty outside of one.
const std::string& current_request_id();

namespace detail {
// A line of the text format after time and level: the event and key=value pairs. Values with a
// space, an equals sign, a quote or a backslash stand in quotes, with backslashes before the last
// two.
std::string text_line(std::string_view event, std::string_view request_id, Fields fields);
}  // namespace detail

}  // namespace bb::log

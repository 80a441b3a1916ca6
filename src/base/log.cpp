#include "base/log.hpp"

#include <spdlog/async.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <boost/json.hpp>
#include <memory>
#include <mutex>

#include "base/log_backlog.hpp"
#include "base/text.hpp"

namespace bb::log {
namespace {

// Lines beyond this many unwritten ones push out the oldest: a slow terminal never stops the
// service.
constexpr std::size_t queue_lines = 8192;

struct State {
  std::mutex mutex;
  std::shared_ptr<spdlog::details::thread_pool> pool;
  std::shared_ptr<spdlog::logger> logger;
  Settings settings{.level = Level::warning, .format = Format::text};
};

// The log is the one process-wide object: every thread writes to the same stderr.
State& state_of_process() {
  static State instance;
  return instance;
}

std::string& request_id_of_thread() {
  thread_local std::string id;
  return id;
}

bool needs_quotes(std::string_view text) {
  return text.empty() || text.find_first_of(" =\"\\") != std::string_view::npos;
}

// The members after time and level, which the sink's pattern writes.
std::string json_members(std::string_view event, Fields fields) {
  boost::json::object members;
  members["event"] = event;
  if (!current_request_id().empty()) {
    members["request_id"] = to_valid_utf8(current_request_id());
  }
  for (const Field& field : fields) {
    members[field.key] = to_valid_utf8(field.value);
  }
  const std::string object = boost::json::serialize(members);
  return object.substr(1, object.size() - 2);
}

spdlog::level::level_enum to_spdlog(Level level) {
  switch (level) {
    case Level::debug:
      return spdlog::level::debug;
    case Level::info:
      return spdlog::level::info;
    case Level::warning:
      return spdlog::level::warn;
    case Level::error:
      return spdlog::level::err;
    case Level::off:
      return spdlog::level::off;
  }
  return spdlog::level::info;
}

void prepare(spdlog::logger& logger, const Settings& settings) {
  logger.set_level(to_spdlog(settings.level));
  logger.set_pattern(settings.format == Format::json
                         ? R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})"
                         : "%Y-%m-%dT%H:%M:%S.%eZ %-7l %v",
                     spdlog::pattern_time_type::utc);
}

void write(Level level, std::string_view event, Fields fields) {
  std::shared_ptr<spdlog::logger> logger;
  Format format = Format::text;
  {
    State& state = state_of_process();
    const std::lock_guard lock(state.mutex);
    if (!state.logger) {
      auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
      state.logger = std::make_shared<spdlog::logger>("busy-beaver", std::move(sink));
      prepare(*state.logger, state.settings);
    }
    logger = state.logger;
    format = state.settings.format;
  }
  if (!logger->should_log(to_spdlog(level))) {
    return;
  }
  const std::string line = format == Format::json
                               ? json_members(event, fields)
                               : detail::text_line(event, current_request_id(), fields);
  logger->log(to_spdlog(level), spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace

Writer::Writer(Settings settings) {
  State& state = state_of_process();
  const std::lock_guard lock(state.mutex);
  state.settings = settings;
  state.pool = std::make_shared<spdlog::details::thread_pool>(queue_lines, 1);
  auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  state.logger = std::make_shared<spdlog::async_logger>(
      "busy-beaver", std::move(sink), state.pool, spdlog::async_overflow_policy::overrun_oldest);
  prepare(*state.logger, settings);
}

Writer::~Writer() {
  std::shared_ptr<spdlog::details::thread_pool> pool;
  {
    State& state = state_of_process();
    const std::lock_guard lock(state.mutex);
    state.logger.reset();
    pool = std::move(state.pool);
  }
  pool.reset();  // joins the writer thread after it has written what is queued
}

Backlog backlog() {
  State& state = state_of_process();
  const std::lock_guard lock(state.mutex);
  return state.pool ? Backlog{.waiting = state.pool->queue_size(),
                              .dropped = state.pool->overrun_counter()}
                    : Backlog{};
}

void debug(std::string_view event, Fields fields) {
  write(Level::debug, event, fields);
}
void info(std::string_view event, Fields fields) {
  write(Level::info, event, fields);
}
void warning(std::string_view event, Fields fields) {
  write(Level::warning, event, fields);
}
void error(std::string_view event, Fields fields) {
  write(Level::error, event, fields);
}

RequestScope::RequestScope(std::string request_id)
    : previous_(std::exchange(request_id_of_thread(), std::move(request_id))) {}

RequestScope::~RequestScope() {
  request_id_of_thread() = std::move(previous_);
}

const std::string& current_request_id() {
  return request_id_of_thread();
}

std::string detail::text_line(std::string_view event, std::string_view request_id, Fields fields) {
  std::string line(event);
  const auto add = [&line](std::string_view key, std::string_view value) {
    const std::string valid = to_valid_utf8(value);
    line += ' ';
    line += key;
    line += '=';
    if (!needs_quotes(escape_control(valid))) {
      line += valid;
      return;
    }
    std::string quoted;
    for (const char c : valid) {
      if (c == '"' || c == '\\') {
        quoted += '\\';
      }
      quoted += c;
    }
    line += '"' + escape_control(quoted) + '"';
  };
  if (!request_id.empty()) {
    add("request_id", request_id);
  }
  for (const Field& field : fields) {
    add(field.key, field.value);
  }
  return line;
}

}  // namespace bb::log

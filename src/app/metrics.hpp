// GET /metrics: numbers for operators in the text format of Prometheus
// (https://prometheus.io/docs/instrumenting/exposition_formats/). Never names of people.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "app/event_writer.hpp"
#include "base/clock.hpp"
#include "base/log_backlog.hpp"
#include "features/feeds/polling.hpp"
#include "features/feeds/posting.hpp"
#include "features/github_activity/polling.hpp"
#include "github/api.hpp"
#include "http/server.hpp"
#include "storage/database.hpp"

namespace bb::app {

enum class MetricType { counter, gauge };

// One row per metric; docs/operations.md is tested against it.
struct Metric {
  std::string_view name;  // without the prefix busy_beaver_
  MetricType type = MetricType::gauge;
  std::string_view label;  // that its values differ in; empty for a single value
  std::string_view help;
};
std::span<const Metric> metrics();

// What the values are taken from. Gauges are read from the database now; counters start at 0 with
// the process.
struct MetricSources {
  bool database_answers = true;                    // false: what would be read from it is left out
  github_activity::Polling::Figures polling = {};  // from the database
  github::Budget budget;
  feeds::PollCounts feed_polls;
  feeds::PostCounts feed_posts;
  EventWriter::Figures events;
  http::ServerFigures server;
  log::Backlog log;
  struct Open {
    std::int64_t jobs_ready = 0;
    std::int64_t jobs_running = 0;
    std::int64_t jobs_failed = 0;
    std::int64_t deliveries_pending = 0;
    std::int64_t deliveries_sending = 0;
    std::int64_t deliveries_failed = 0;
    std::int64_t channels_disabled = 0;
    std::int64_t workspaces_paused = 0;
    std::int64_t feeds_active = 0;
    std::int64_t feeds_failing = 0;
    std::int64_t feeds_paused = 0;
    std::int64_t feeds_gone = 0;
    std::int64_t feed_items_waiting = 0;
    std::int64_t paid_reads = 0;                  // this month
    std::chrono::milliseconds oldest_due_job{0};  // how long it has been waiting
  } open = {};
};

// Only rows that are not done are read: the cost does not grow with history.
MetricSources::Open read_open_work(storage::Connection& connection, TimePoint now);

std::string render_metrics(const MetricSources& sources);

}  // namespace bb::app

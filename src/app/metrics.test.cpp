#include "app/metrics.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <set>
#include <sstream>

#include "base/time.hpp"
#include "storage/migrations.hpp"
#include "tests/temporary_folder.hpp"

namespace bb::app {
namespace {

MetricSources numbered() {
  MetricSources sources;
  sources.polling = {
      .stretch = 2.5,
      .linked = 40,
      .due = 3,
      .gone = 2,
      .totals = {.unchanged = 100, .answered = 20, .renamed = 1, .events = 60, .unknown_types = 4}};
  sources.events = {.waiting = 12,
                    .batches = 8,
                    .stored = 70,
                    .duplicates = 6,
                    .shed = 5,
                    .late = 4,
                    .failed = 3};
  sources.server = {
      .queued_requests = 9, .refused_requests = 11, .late_answers = 13, .refused_connections = 14};
  sources.log = {.waiting = 15, .dropped = 16};
  sources.budget.limit = 5'000;
  sources.budget.remaining = 4'321;
  sources.budget.credentials = 2;
  sources.budget.refused = 1;
  sources.open = {.jobs_ready = 7,
                  .jobs_running = 1,
                  .jobs_failed = 8,
                  .deliveries_pending = 5,
                  .deliveries_sending = 6,
                  .deliveries_failed = 9,
                  .channels_disabled = 2,
                  .workspaces_paused = 1,
                  .feeds_active = 4,
                  .feeds_failing = 3,
                  .oldest_due_job = std::chrono::milliseconds(1'500)};
  return sources;
}

// The section "Metrics" of the operations page.
std::string documented() {
  std::ifstream file("docs/operations.md", std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  const std::string page = text.str();
  const std::size_t begin = page.find("\n## Metrics\n");
  REQUIRE(begin != std::string::npos);
  return page.substr(begin, page.find("\n## ", begin + 4) - begin);
}

// `busy_beaver_...` names at the beginnings of lines of the table, or of the metrics' TYPE lines.
std::set<std::string> names_after(const std::string& text, const std::string& mark, char end) {
  std::set<std::string> names;
  for (std::size_t at = 0; (at = text.find(mark, at)) != std::string::npos;) {
    at += mark.size();
    names.insert(text.substr(at, text.find(end, at) - at));
  }
  return names;
}

}  // namespace

TEST_CASE("metrics are printed as Prometheus reads them") {
  const std::string text = render_metrics(numbered());
  for (const std::string_view line : {"busy_beaver_events_total{result=\"stored\"} 70\n",
                                      "busy_beaver_events_total{result=\"duplicate\"} 6\n",
                                      "busy_beaver_events_total{result=\"shed\"} 5\n",
                                      "busy_beaver_events_total{result=\"late\"} 4\n",
                                      "busy_beaver_events_total{result=\"failed\"} 3\n",
                                      "busy_beaver_event_batches_total 8\n",
                                      "busy_beaver_events_waiting 12\n",
                                      "busy_beaver_http_requests_waiting 9\n",
                                      "busy_beaver_http_refused_total{reason=\"queue_full\"} 11\n",
                                      "busy_beaver_http_refused_total{reason=\"late\"} 13\n",
                                      "busy_beaver_http_refused_total{reason=\"connections\"} 14\n",
                                      "busy_beaver_log_lines_waiting 15\n",
                                      "busy_beaver_log_lines_dropped_total 16\n",
                                      "busy_beaver_github_poll_stretch 2.5\n",
                                      "busy_beaver_github_accounts_linked 40\n",
                                      "busy_beaver_github_accounts_due 3\n",
                                      "busy_beaver_github_accounts_gone 2\n",
                                      "busy_beaver_github_polls_total{result=\"unchanged\"} 100\n",
                                      "busy_beaver_github_polls_total{result=\"failed\"} 0\n",
                                      "busy_beaver_github_events_stored_total 60\n",
                                      "busy_beaver_github_events_unknown_total 4\n",
                                      "busy_beaver_github_requests_limit 5000\n",
                                      "busy_beaver_github_requests_remaining 4321\n",
                                      "busy_beaver_github_credentials{state=\"working\"} 2\n",
                                      "busy_beaver_github_credentials{state=\"refused\"} 1\n",
                                      "busy_beaver_jobs{state=\"ready\"} 7\n",
                                      "busy_beaver_jobs{state=\"running\"} 1\n",
                                      "busy_beaver_deliveries{state=\"pending\"} 5\n",
                                      "busy_beaver_jobs{state=\"failed\"} 8\n",
                                      "busy_beaver_deliveries{state=\"failed\"} 9\n",
                                      "busy_beaver_channels_disabled 2\n",
                                      "busy_beaver_workspaces_paused 1\n",
                                      "busy_beaver_feeds{state=\"failing\"} 3\n",
                                      "busy_beaver_deliveries{state=\"sending\"} 6\n",
                                      "busy_beaver_oldest_due_job_seconds 1.5\n",
                                      "# TYPE busy_beaver_github_polls_total counter\n",
                                      "# TYPE busy_beaver_github_poll_stretch gauge\n"}) {
    CAPTURE(line);
    CHECK(text.find(line) != std::string::npos);
  }
}

TEST_CASE("without its database the process still tells what it knows itself") {
  MetricSources sources = numbered();
  sources.database_answers = false;
  const std::string text = render_metrics(sources);
  CHECK(text.contains("busy_beaver_database_up 0\n"));
  CHECK(text.contains("busy_beaver_events_waiting 12\n"));
  CHECK(text.contains("busy_beaver_github_credentials{state=\"refused\"} 1\n"));
  for (const char* stored : {"busy_beaver_jobs", "busy_beaver_deliveries",
                             "busy_beaver_github_accounts", "busy_beaver_channels_disabled"}) {
    CAPTURE(stored);
    CHECK_FALSE(text.contains(stored));
  }
}

TEST_CASE("the operations page lists the metrics that there are and no others") {
  const std::string page = documented();
  CHECK(names_after(render_metrics({}), "# TYPE ", ' ') == names_after(page, "\n| `", '`'));
  for (const Metric& metric : metrics()) {
    CAPTURE(metric.name);
    const std::size_t row = page.find("| `busy_beaver_" + std::string(metric.name) + "`");
    REQUIRE(row != std::string::npos);
    const std::string line = page.substr(row, page.find('\n', row) - row);
    CHECK((line.find(metric.type == MetricType::counter ? "| counter |" : "| gauge |") !=
           std::string::npos));
    CHECK((metric.label.empty() ||
           line.find("`" + std::string(metric.label) + "`") != std::string::npos));
  }
}

TEST_CASE("unfinished work is counted by state with the age of the oldest due job") {
  const tests::TemporaryFolder folder;
  const VirtualClock clock(parse_rfc3339("2026-11-20T18:00:00Z").value());
  const auto database = *storage::open("sqlite:" + folder.path("test.db"));
  REQUIRE(storage::migrate(*database, storage::migrations(), clock));
  const TimePoint now = clock.now();
  const auto read = [&] {
    return database->read(
        [&](storage::Connection& connection) { return read_open_work(connection, now); });
  };
  CHECK(read().oldest_due_job.count() == 0);
  int id = 0;
  const auto add_job = [&](storage::Connection& connection, std::string_view state, TimePoint at) {
    connection.execute(
        "INSERT INTO job (id, kind, payload, workspace_id, subject, request_id, priority, state, "
        "run_at, attempts, progress, error, created_at) VALUES ($1, 'k', '', '', '', '', 1, $2, "
        "$3, 0, '', '', $3)",
        {std::to_string(++id), state, at});
  };
  const auto add_delivery = [&](storage::Connection& connection, std::string_view state) {
    connection.execute(
        "INSERT INTO delivery (id, idempotency_key, workspace_id, channel, sequence, subject, "
        "message, audience, state, unclear, error, created_at) VALUES ($1, $1, 'W', 'C', 1, '', "
        "'', 'channel', $2, 0, '', 0)",
        {std::to_string(++id), state});
  };
  database->write([&](storage::Connection& connection) {
    add_job(connection, "ready", now - std::chrono::seconds(90));
    add_job(connection, "ready", now + std::chrono::seconds(90));
    add_job(connection, "running", now - std::chrono::hours(2));
    add_job(connection, "done", now - std::chrono::hours(3));
    add_job(connection, "failed", now - std::chrono::hours(3));
    add_delivery(connection, "pending");
    add_delivery(connection, "sending");
    add_delivery(connection, "sending");
    add_delivery(connection, "failed");
    connection.execute(
        "INSERT INTO disabled_channel (workspace_id, channel, reason, since) VALUES ('W', 'C', "
        "'gone', 0)");
  });
  const MetricSources::Open open = read();
  CHECK(open.jobs_ready == 2);
  CHECK(open.jobs_running == 1);
  CHECK(open.deliveries_pending == 1);
  CHECK(open.deliveries_sending == 2);
  CHECK(open.jobs_failed == 1);
  CHECK(open.deliveries_failed == 1);
  CHECK(open.channels_disabled == 1);
  CHECK(open.workspaces_paused == 0);
  CHECK(open.oldest_due_job == std::chrono::seconds(90));
  for (const std::string_view sql :
       {"SELECT count(*) FROM job WHERE state = 'ready'",
        "SELECT count(*) FROM job WHERE state = 'running'",
        "SELECT count(*) FROM job WHERE state = 'failed'",
        "SELECT count(*) FROM delivery WHERE state = 'failed'",
        "SELECT count(*) FROM workspace WHERE paused_at IS NOT NULL",
        "SELECT min(run_at) FROM job WHERE state = 'ready'",
        "SELECT state, count(*) FROM delivery WHERE state IN ('pending', 'sending') GROUP BY "
        "state"}) {
    CAPTURE(sql);
    const auto plan = database->read([&](storage::Connection& connection) {
      return connection.query("EXPLAIN QUERY PLAN " + std::string(sql)).at(0).text(3);
    });
    CHECK_MESSAGE(plan.find("USING") != std::string::npos, plan);  // an index of few rows
  }
}

}  // namespace bb::app

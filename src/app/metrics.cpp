#include "app/metrics.hpp"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <sstream>

#include "features/feeds/paid_reads.hpp"

namespace bb::app {
namespace {

struct Sample {
  std::string_view label_value;
  double value = 0;
};

enum class Origin { process, database };

// A metric and where its values come from.
struct Row {
  Metric metric;
  std::vector<Sample> (*values)(const MetricSources& from);
  Origin origin = Origin::process;
};

template <class Number>
std::vector<Sample> one(Number number) {
  return {{"", static_cast<double>(number)}};
}

std::vector<Sample> polls(const MetricSources& from) {
  const github_activity::PollTotals& totals = from.polling.totals;
  return {{"unchanged", static_cast<double>(totals.unchanged)},
          {"answered", static_cast<double>(totals.answered)},
          {"renamed", static_cast<double>(totals.renamed)},
          {"gone", static_cast<double>(totals.gone)},
          {"rate_limited", static_cast<double>(totals.rate_limited)},
          {"failed", static_cast<double>(totals.failed)}};
}

std::vector<Sample> events(const MetricSources& from) {
  return {{"stored", static_cast<double>(from.events.stored)},
          {"duplicate", static_cast<double>(from.events.duplicates)},
          {"shed", static_cast<double>(from.events.shed)},
          {"late", static_cast<double>(from.events.late)},
          {"failed", static_cast<double>(from.events.failed)}};
}

std::vector<Sample> refused(const MetricSources& from) {
  return {{"queue_full", static_cast<double>(from.server.refused_requests)},
          {"late", static_cast<double>(from.server.late_answers)},
          {"connections", static_cast<double>(from.server.refused_connections)}};
}

std::vector<Sample> feed_states(const MetricSources& from) {
  return {{"active", static_cast<double>(from.open.feeds_active)},
          {"failing", static_cast<double>(from.open.feeds_failing)},
          {"paused", static_cast<double>(from.open.feeds_paused)},
          {"gone", static_cast<double>(from.open.feeds_gone)}};
}

std::vector<Sample> feed_polls(const MetricSources& from) {
  return {{"unchanged", static_cast<double>(from.feed_polls.unchanged)},
          {"answered", static_cast<double>(from.feed_polls.answered)},
          {"gone", static_cast<double>(from.feed_polls.gone)},
          {"failed", static_cast<double>(from.feed_polls.failed)}};
}

std::vector<Sample> feed_items(const MetricSources& from) {
  return {{"posted", static_cast<double>(from.feed_posts.posted)},
          {"deleted", static_cast<double>(from.feed_posts.deleted)},
          {"duplicate", static_cast<double>(from.feed_posts.duplicate)},
          {"left_out", static_cast<double>(from.feed_posts.left_out)}};
}

const Row table[] = {
    {{"database_up", MetricType::gauge, "",
      "1: the database answers; 0: what it would tell is left out"},
     [](const MetricSources& from) { return one(from.database_answers ? 1 : 0); }},
    {{"events_total", MetricType::counter, "result", "Messages that Slack delivered"}, &events},
    {{"event_batches_total", MetricType::counter, "", "Transactions that they were stored in"},
     [](const MetricSources& from) { return one(from.events.batches); }},
    {{"events_waiting", MetricType::gauge, "", "Messages that wait to be stored"},
     [](const MetricSources& from) { return one(from.events.waiting); }},
    {{"http_requests_waiting", MetricType::gauge, "", "Requests that wait for a worker"},
     [](const MetricSources& from) { return one(from.server.queued_requests); }},
    {{"http_refused_total", MetricType::counter, "reason", "Requests answered 503 by the server"},
     &refused},
    {{"log_lines_waiting", MetricType::gauge, "", "Lines that wait to be written"},
     [](const MetricSources& from) { return one(from.log.waiting); }},
    {{"log_lines_dropped_total", MetricType::counter, "", "Lines that were not written"},
     [](const MetricSources& from) { return one(from.log.dropped); }},
    {{"github_accounts_linked", MetricType::gauge, "", "Linked GitHub accounts"},
     [](const MetricSources& from) { return one(from.polling.linked); },
     Origin::database},
    {{"github_accounts_due", MetricType::gauge, "", "Accounts that are to be polled now"},
     [](const MetricSources& from) { return one(from.polling.due); },
     Origin::database},
    {{"github_accounts_gone", MetricType::gauge, "", "Accounts that GitHub does not show any more"},
     [](const MetricSources& from) { return one(from.polling.gone); },
     Origin::database},
    {{"github_polls_total", MetricType::counter, "result", "Polls of one account each"},
     &polls,
     Origin::database},
    {{"github_events_stored_total", MetricType::counter, "", "Public events stored"},
     [](const MetricSources& from) { return one(from.polling.totals.events); },
     Origin::database},
    {{"github_events_unknown_total", MetricType::counter, "",
      "Of these, events of types that GitHub does not document"},
     [](const MetricSources& from) { return one(from.polling.totals.unknown_types); },
     Origin::database},
    {{"github_poll_stretch", MetricType::gauge, "",
      "Factor on all polling intervals so that the rate limit suffices"},
     [](const MetricSources& from) { return one(from.polling.stretch); },
     Origin::database},
    {{"github_requests_limit", MetricType::gauge, "", "Requests an hour that GitHub allows"},
     [](const MetricSources& from) { return one(from.budget.limit); }},
    {{"github_requests_remaining", MetricType::gauge, "", "Requests left until the limit is reset"},
     [](const MetricSources& from) { return one(from.budget.remaining); }},
    {{"github_credentials", MetricType::gauge, "state", "Credentials for GitHub's API"},
     [](const MetricSources& from) {
       return std::vector<Sample>{{"working", static_cast<double>(from.budget.credentials)},
                                  {"refused", static_cast<double>(from.budget.refused)}};
     }},
    {{"jobs", MetricType::gauge, "state", "Jobs that are not done"},
     [](const MetricSources& from) {
       return std::vector<Sample>{{"ready", static_cast<double>(from.open.jobs_ready)},
                                  {"running", static_cast<double>(from.open.jobs_running)},
                                  {"failed", static_cast<double>(from.open.jobs_failed)}};
     },
     Origin::database},
    {{"oldest_due_job_seconds", MetricType::gauge, "", "How long the oldest due job has waited"},
     [](const MetricSources& from) {
       return one(std::chrono::duration<double>(from.open.oldest_due_job).count());
     },
     Origin::database},
    {{"deliveries", MetricType::gauge, "state", "Messages that are not posted"},
     [](const MetricSources& from) {
       return std::vector<Sample>{{"pending", static_cast<double>(from.open.deliveries_pending)},
                                  {"sending", static_cast<double>(from.open.deliveries_sending)},
                                  {"failed", static_cast<double>(from.open.deliveries_failed)}};
     },
     Origin::database},
    {{"channels_disabled", MetricType::gauge, "", "Channels that take no posts"},
     [](const MetricSources& from) { return one(from.open.channels_disabled); },
     Origin::database},
    {{"feeds", MetricType::gauge, "state", "Feeds that channels get"},
     &feed_states,
     Origin::database},
    {{"feed_polls_total", MetricType::counter, "result", "Polls of one feed each"}, &feed_polls},
    {{"feed_items_waiting", MetricType::gauge, "", "Items of feeds that wait to be posted"},
     [](const MetricSources& from) { return one(from.open.feed_items_waiting); },
     Origin::database},
    {{"feed_items_total", MetricType::counter, "result", "Items of feeds, by what became of them"},
     &feed_items},
    {{"x_reads_this_month", MetricType::gauge, "", "Posts of X that were paid for"},
     [](const MetricSources& from) { return one(from.open.paid_reads); },
     Origin::database},
    {{"workspaces_paused", MetricType::gauge, "", "Workspaces whose token is refused"},
     [](const MetricSources& from) { return one(from.open.workspaces_paused); },
     Origin::database},
};

prometheus::MetricFamily family_of(const Row& row, const MetricSources& sources) {
  const bool is_counter = row.metric.type == MetricType::counter;
  prometheus::MetricFamily family{
      .name = "busy_beaver_" + std::string(row.metric.name),
      .help = std::string(row.metric.help),
      .type = is_counter ? prometheus::MetricType::Counter : prometheus::MetricType::Gauge,
      .metric = {}};
  for (const Sample& sample : row.values(sources)) {
    prometheus::ClientMetric& metric = family.metric.emplace_back();
    if (!row.metric.label.empty()) {
      metric.label.push_back({std::string(row.metric.label), std::string(sample.label_value)});
    }
    (is_counter ? metric.counter.value : metric.gauge.value) = sample.value;
  }
  return family;
}

}  // namespace

std::span<const Metric> metrics() {
  static const std::vector<Metric> rows = [] {
    std::vector<Metric> made;
    for (const Row& row : table) {
      made.push_back(row.metric);
    }
    return made;
  }();
  return rows;
}

MetricSources::Open read_open_work(storage::Connection& connection, TimePoint now) {
  const auto count = [&](std::string_view sql) { return connection.query(sql).at(0).integer(0); };
  MetricSources::Open open{
      .jobs_ready = count("SELECT count(*) FROM job WHERE state = 'ready'"),
      .jobs_running = count("SELECT count(*) FROM job WHERE state = 'running'"),
      .jobs_failed = count("SELECT count(*) FROM job WHERE state = 'failed'"),
      .deliveries_failed = count("SELECT count(*) FROM delivery WHERE state = 'failed'"),
      .channels_disabled = count("SELECT count(*) FROM disabled_channel"),
      .workspaces_paused = count("SELECT count(*) FROM workspace WHERE paused_at IS NOT NULL"),
      .feeds_active =
          count("SELECT count(*) FROM feed WHERE state = 'active' AND failing_since IS NULL"),
      .feeds_failing =
          count("SELECT count(*) FROM feed WHERE state = 'active' AND failing_since IS NOT NULL"),
      .feeds_paused = count("SELECT count(*) FROM feed WHERE state = 'paused'"),
      .feeds_gone = count("SELECT count(*) FROM feed WHERE state = 'gone'"),
      .feed_items_waiting = count("SELECT count(*) FROM feed_item WHERE state = 'waiting'"),
      .paid_reads = feeds::paid_reads(connection, "x", now)};
  const auto oldest =
      connection.query("SELECT min(run_at) FROM job WHERE state = 'ready'").at(0).optional_time(0);
  if (oldest && *oldest < now) {
    open.oldest_due_job = now - *oldest;
  }
  for (const storage::Row& row : connection.query(
           "SELECT state, count(*) FROM delivery WHERE state IN ('pending', 'sending') GROUP BY "
           "state")) {
    (row.text(0) == "sending" ? open.deliveries_sending : open.deliveries_pending) = row.integer(1);
  }
  return open;
}

std::string render_metrics(const MetricSources& sources) {
  std::vector<prometheus::MetricFamily> families;
  for (const Row& row : table) {
    if (sources.database_answers || row.origin == Origin::process) {
      families.push_back(family_of(row, sources));
    }
  }
  std::ostringstream text;
  prometheus::TextSerializer().Serialize(text, families);
  return text.str();
}

}  // namespace bb::app

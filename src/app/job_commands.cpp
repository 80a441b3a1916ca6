#include "app/job_commands.hpp"

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <ostream>

#include "app/table.hpp"
#include "base/text.hpp"
#include "jobs/job_control.hpp"

namespace bb::app {
namespace {

constexpr int done = 0;
constexpr int failed = 1;
constexpr int wrong_usage = 2;
constexpr std::int64_t longest_list = 10'000;

using jobs::JobRecord;

// What is read first: why it does not work, or how far it is.
std::string remark(const JobRecord& job) {
  return job.error.empty() ? job.progress : job.error;
}

std::string state_of(const JobRecord& job) {
  const bool ends = job.state == jobs::State::running && job.discard_asked;
  return std::string(jobs::to_string(job.state)) + (ends ? " (to be discarded)" : "");
}

boost::json::object json_of(const JobRecord& job, bool with_payload) {
  boost::json::object object = {{"id", job.id.value},
                                {"kind", job.kind},
                                {"state", jobs::to_string(job.state)},
                                {"discard_asked", job.discard_asked},
                                {"priority", static_cast<int>(job.priority)},
                                {"attempts", job.attempts},
                                {"workspace", job.workspace_id},
                                {"unique_key", job.unique_key},
                                {"request_id", job.request_id},
                                {"progress", job.progress},
                                {"error", job.error},
                                {"created_at", to_json(job.created_at)},
                                {"run_at", to_json(job.run_at)},
                                {"lease_until", to_json(job.lease_until)},
                                {"finished_at", to_json(job.finished_at)}};
  if (with_payload) {
    object["payload"] = job.payload;
  }
  return object;
}

int report(const Error& error, std::ostream& err) {
  err << "busy-beaver: " << error.message << "\n";
  return failed;
}

}  // namespace

CLI::App* add_jobs_list(CLI::App& parent, JobOptions& options) {
  CLI::App* command = parent.add_subcommand("list", "List jobs, the newest first");
  command->add_option("--state", options.state, "ready, running, done, failed or discarded")
      ->option_text("STATE");
  command->add_option("--kind", options.kind, "Only this kind, such as github.summary")
      ->option_text("KIND");
  command->add_option("--limit", options.limit, "At most so many")
      ->option_text("N")
      ->check(CLI::Range(std::int64_t{1}, longest_list))
      ->capture_default_str();
  command->add_flag("--json", options.json, "As a JSON array");
  command->footer("Example:\n  busy-beaver jobs list --state failed");
  return command;
}

CLI::App* add_jobs_show(CLI::App& parent, JobOptions& options) {
  CLI::App* command = parent.add_subcommand("show", "Show everything about a job");
  command->add_option("id", options.id, "As jobs list shows it")->required()->option_text("ID");
  command->add_flag("--payload", options.payload,
                    "With its payload, which may hold what a member wrote");
  command->add_flag("--json", options.json, "As a JSON object");
  command->footer("Example:\n  busy-beaver jobs show 01JD9Z5W3M8T4XQ6K0V7B2N1CF");
  return command;
}

CLI::App* add_jobs_retry(CLI::App& parent, JobOptions& options) {
  CLI::App* command = parent.add_subcommand("retry", "Let a failed job start over");
  command->add_option("id", options.id, "As jobs list shows it")->required()->option_text("ID");
  command->footer(
      "It has all its attempts before it. For messages see busy-beaver deliveries.\n\n"
      "Example:\n  busy-beaver jobs retry 01JD9Z5W3M8T4XQ6K0V7B2N1CF");
  return command;
}

CLI::App* add_jobs_discard(CLI::App& parent, JobOptions& options) {
  CLI::App* command = parent.add_subcommand("discard", "Give up a job and forget its payload");
  command->add_option("id", options.id, "As jobs list shows it")->required()->option_text("ID");
  command->footer(
      "A job that is running stops where it can break off; if it gets to its end, it is done.\n\n"
      "Example:\n  busy-beaver jobs discard 01JD9Z5W3M8T4XQ6K0V7B2N1CF");
  return command;
}

int list_jobs(storage::Database& database, const JobOptions& options, std::ostream& out,
              std::ostream& err) {
  jobs::JobFilter filter{.kind = options.kind, .limit = options.limit};
  if (!options.state.empty()) {
    filter.state = jobs::state_named(options.state);
    if (!filter.state) {
      err << "busy-beaver: --state: '" << truncate(escape_control(options.state), 60)
          << "' is not one of ready, running, done, failed, discarded\n";
      return wrong_usage;
    }
  }
  const std::vector<JobRecord> found = database.read(
      [&](storage::Connection& connection) { return jobs::list_jobs(connection, filter); });
  if (options.json) {
    boost::json::array array;
    for (const JobRecord& job : found) {
      array.push_back(json_of(job, false));
    }
    out << boost::json::serialize(array) << "\n";
    return done;
  }
  if (found.empty()) {
    err << "There are no such jobs.\n";
    return done;
  }
  std::vector<std::vector<std::string>> rows = {
      {"ID", "KIND", "STATE", "ATTEMPTS", "CREATED", "RUN AT", "ERROR OR PROGRESS"}};
  for (const JobRecord& job : found) {
    rows.push_back({job.id.value, job.kind, state_of(job), std::to_string(job.attempts),
                    to_text(job.created_at), to_text(job.run_at), remark(job)});
  }
  print_table(rows, out);
  return done;
}

int show_job(storage::Database& database, const JobOptions& options, std::ostream& out,
             std::ostream& err) {
  const std::optional<JobRecord> job = database.read([&](storage::Connection& connection) {
    return jobs::find_job(connection, JobId{options.id});
  });
  if (!job) {
    err << "busy-beaver: there is no job '" << truncate(escape_control(options.id), 60) << "'\n";
    return failed;
  }
  if (options.json) {
    out << boost::json::serialize(json_of(*job, options.payload)) << "\n";
    return done;
  }
  print_fields({{"id", job->id.value},
                {"kind", job->kind},
                {"state", state_of(*job)},
                {"priority", std::to_string(static_cast<int>(job->priority))},
                {"attempts", std::to_string(job->attempts)},
                {"workspace", job->workspace_id},
                {"unique key", job->unique_key},
                {"request id", job->request_id},
                {"created at", to_text(job->created_at)},
                {"run at", to_text(job->run_at)},
                {"lease until", to_text(job->lease_until)},
                {"finished at", to_text(job->finished_at)},
                {"progress", job->progress},
                {"error", job->error},
                {"payload", options.payload ? job->payload : ""}},
               out);
  return done;
}

int retry_job(storage::Database& database, const JobOptions& options, const Clock& clock,
              std::ostream& out, std::ostream& err) {
  const Result<void> retried = database.write([&](storage::Connection& connection) {
    return jobs::retry_job(connection, JobId{options.id}, clock.now());
  });
  if (!retried) {
    return report(retried.error(), err);
  }
  out << "the job starts over\n";
  return done;
}

int discard_job(storage::Database& database, const JobOptions& options, const Clock& clock,
                std::ostream& out, std::ostream& err) {
  const Result<jobs::Discarded> discarded = database.write([&](storage::Connection& connection) {
    return jobs::discard_job(connection, JobId{options.id}, clock.now());
  });
  if (!discarded) {
    return report(discarded.error(), err);
  }
  out << (*discarded == jobs::Discarded::at_once
              ? "the job is discarded\n"
              : "the job is running; it is discarded as soon as it breaks off\n");
  return done;
}

}  // namespace bb::app

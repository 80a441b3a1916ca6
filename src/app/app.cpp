#include "app/app.hpp"

#include <pthread.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <utility>

#include "app/environment_feed.hpp"
#include "app/environment_schedule.hpp"
#include "app/outbound_http.hpp"
#include "app/schedule_words.hpp"
#include "app/secret_key.hpp"
#include "base/log.hpp"
#include "chat/inbox.hpp"
#include "chat/slack/render.hpp"
#include "chat/slack/web_api.hpp"
#include "features/feeds/feeds_command.hpp"
#include "features/feeds/sources.hpp"
#include "features/github_activity/pauses.hpp"
#include "storage/migrations.hpp"

namespace bb::app {
namespace {

constexpr std::chrono::seconds tick_interval(1);
constexpr std::chrono::hours clean_interval(1);
constexpr std::chrono::seconds stop_grace(3);
constexpr std::chrono::hours day(24);
constexpr auto inbox_retention = 7 * day;
constexpr auto finished_retention = 30 * day;
constexpr auto activity_retention = 35 * day;
constexpr auto feed_item_retention = 90 * day;

// Who set up what is posted to a channel.
std::optional<jobs::SetUp> configured_by(storage::Connection& connection,
                                         const WorkspaceId& workspace, const ChannelId& channel) {
  const auto by = github_activity::configured_by(connection, workspace, channel);
  return by ? by : feeds::configured_by(connection, workspace, channel);
}

}  // namespace

Result<std::unique_ptr<storage::Database>> open_database(const Config& config, const Clock& clock) {
  auto database = storage::open(config.database_uri);
  if (!database) {
    return fail(database.error());
  }
  const auto applied = storage::migrate(**database, storage::migrations(), clock);
  if (!applied) {
    return fail(applied.error());
  }
  if (const Result<std::string> file = storage::sqlite_file(config.database_uri)) {
    log::info("database_opened", {{"file", std::filesystem::absolute(*file).string()}});
  }
  for (const std::string& name : *applied) {
    log::info("migration_applied", {{"name", name}});
  }
  return database;
}

Result<Secret> secret_key(const Config& config, Random& random) {
  if (!config.secret_key.empty()) {
    return config.secret_key;
  }
  const Result<std::string> file = storage::sqlite_file(config.database_uri);
  if (!file) {
    return fail(ErrorCode::invalid_input, "SECRET_KEY has to be set with this DATABASE_URI");
  }
  return secret_key_beside(*file, random);
}

App::App(const Config& config, const Clock& clock, Random& random)
    : config_(config), clock_(clock), random_(random) {}

App::~App() {
  stop();
}

Result<std::unique_ptr<App>> App::start(const Config& config, const Clock& clock, Random& random,
                                        const http::ServerLimits& limits) {
  std::unique_ptr<App> app(new App(config, clock, random));
  if (config.secret_key.empty() && !storage::sqlite_file(config.database_uri)) {
    return fail(secret_key(config, random).error());  // before anything is changed
  }
  auto database = open_database(config, clock);
  if (!database) {
    return fail(database.error());
  }
  app->database_ = *std::move(database);
  const Result<Secret> key = secret_key(config, random);
  if (!key) {
    return fail(key.error());
  }
  auto client = make_http_client(config, *key, clock);
  if (!client) {
    return fail(client.error());
  }
  app->client_ = *std::move(client);
  auto feed_client = make_feed_client(config, *key, clock);
  if (!feed_client) {
    return fail(feed_client.error());
  }
  app->feed_client_ = *std::move(feed_client);
  app->wire(*key);
  if (const Result<void> same = check_secret_key(*app->database_, *app->sealer_); !same) {
    return fail(same.error());
  }
  if (storage::sqlite_file(config.database_uri)) {
    // An SQLite file is one machine's: what a killed process left running need not wait for its
    // lease. Should another process be at it after all, fencing keeps its result from counting
    // twice.
    const std::int64_t released = app->queue_->release_all();
    if (released > 0) {
      log::info("jobs_released", {{"count", released}});
    }
  }
  if (const Result<void> found = app->find_workspace(); !found) {
    return fail(found.error());
  }
  app->event_writer_->start();
  App& self = *app;
  auto server = http::Server::start(
      config.listen_address, config.port, limits,
      {.handle = [&self](const http::Request& request) { return self.handle(request); },
       .defer =
           [&self](http::Request& request, http::Responder& responder) {
             return self.router_->defer(request, responder);
           }},
      clock, random);
  if (!server) {
    return fail(server.error());
  }
  app->server_ = *std::move(server);
  if (config.job_workers > 0) {
    app->runner_->start(config.job_workers);
    app->scheduler_ = std::jthread([&self](const std::stop_token& stop) { self.schedule(stop); });
  }
  return app;
}

void App::wire(const Secret& key) {
  rate_limits_ =
      std::make_unique<chat::RateLimits>(*database_, clock_, [this] { return workspace_.id; });
  platform_ = chat::slack::make_web_api(*client_, clock_, config_.slack.api_url,
                                        config_.slack.bot_token, rate_limits_.get());
  sealer_ = std::make_unique<crypto::Sealer>(key, random_);
  queue_ = std::make_unique<jobs::Queue>(*database_, clock_, random_);
  outbox_ = std::make_unique<jobs::Outbox>(*database_, *queue_, clock_, random_, *sealer_);
  pauses_ = std::make_unique<jobs::WorkspacePauses>(*database_, *queue_, clock_);
  github_ = std::make_unique<github::Api>(*client_, clock_, config_.github);
  polling_ = std::make_unique<github_activity::Polling>(
      *database_, *queue_, *outbox_, *github_, clock_,
      github_activity::Polling::Settings{.concurrency = config_.github_concurrency,
                                         .render = &chat::slack::render,
                                         .is_stopping = [this] { return client_->is_stopped(); },
                                         .budget = [this] { return github_->budget(); }});
  enrichment_ = std::make_unique<github_activity::Enrichment>(*database_, *queue_, *github_, clock_,
                                                              config_.github_concurrency);
  github_activity::Summary::Settings digest = config_.digest;
  digest.presentation = {.web_url = config_.github.web_url, .length = &chat::slack::length};
  summary_ = std::make_unique<github_activity::Summary>(
      *database_, *queue_, *outbox_, *polling_, *enrichment_, clock_, &chat::slack::render, digest);
  const auto wish_changed = [this](storage::Connection& connection, const WorkspaceId& workspace,
                                   const UserId& member) {
    summary_->revise(connection, workspace, member);
  };
  schedules_ = std::make_unique<jobs::Scheduler>(
      *database_, *queue_, clock_,
      std::vector<jobs::Scheduler::Kind>{{.what = std::string(github_activity::scheduled_digest),
                                          .job = &github_activity::scheduled_job}});
  wire_feeds();
  environment_jobs_.emplace_back(
      *database_, *queue_, clock_,
      environment_schedule(*database_, *platform_, clock_, config_.digest_schedule));
  environment_jobs_.emplace_back(
      *database_, *queue_, clock_,
      environment_feed(*feed_context_, *platform_, config_.environment_feed));
  accounts_ = std::make_unique<github_activity::Accounts>(
      *database_, *queue_, *outbox_, *github_, clock_, random_, &chat::slack::render,
      github_activity::Accounts::Settings{.redirect_uri = config_.base_url + "/github-integration",
                                          .web_url = config_.github.web_url,
                                          .secret_key = key,
                                          .github_configured = !config_.github.client_id.empty(),
                                          .wish_changed = wish_changed});
  exports_ = std::make_unique<github_activity::Exports>(*database_, clock_, random_,
                                                        config_.base_url + "/export");
  member_commands_ = std::make_unique<github_activity::MemberCommands>(
      *exports_, *queue_, clock_,
      github_activity::ReportSettings{.zone = digest.zone,
                                      .pictures = digest.pictures,
                                      .presentation = digest.presentation,
                                      .activity_kept_for = activity_retention},
      wish_changed);
  std::vector<chat::Command> words = accounts_->commands();
  std::ranges::move(member_commands_->commands(), std::back_inserter(words));
  words.push_back(schedule_command(clock_, config_.digest.zone));
  words.push_back(feeds::feeds_command(*feed_requests_, *feed_context_));
  commands_ = std::make_unique<chat::Commands>(std::move(words));
  const auto platform_of = [this](const std::string& workspace_id) -> Result<chat::Platform*> {
    if (workspace_id != workspace_.id.value) {
      return fail(ErrorCode::not_found, "the workspace is not connected any more");
    }
    return platform_.get();
  };
  jobs::Kind cleaning{.name = "clean", .handle = [this](const jobs::Job&) -> Result<jobs::Outcome> {
                        clean();
                        return jobs::Outcome(jobs::Done{});
                      }};
  runner_ = std::make_unique<jobs::Runner>(
      *queue_, clock_, random_,
      std::vector<jobs::Kind>{message_kind(), polling_->kind(), enrichment_->kind(),
                              summary_->kind(platform_of), feed_polling_->job().kind(),
                              feed_posting_->job().kind(), feed_requests_->kind(platform_of),
                              environment_jobs_[0].kind(), environment_jobs_[1].kind(),
                              outbox_->kind(platform_of, {.uncertain = config_.post_uncertain,
                                                          .settling = config_.post_settling,
                                                          .configured_by = &configured_by,
                                                          .render = &chat::slack::render}),
                              pauses_->kind(platform_of), std::move(cleaning)});
  event_writer_ =
      std::make_unique<EventWriter>(*database_, *queue_, clock_, [this] { runner_->wake(); });
  router_ = std::make_unique<http::Router>(routes());
}

void App::wire_feeds() {
  feed_sources_ = feeds::make_sources(config_.feed_sources, clock_, random_);
  feed_context_ = std::make_unique<feeds::Context>(feeds::Context{.database = *database_,
                                                                  .queue = *queue_,
                                                                  .outbox = *outbox_,
                                                                  .sources = feed_sources_,
                                                                  .client = *feed_client_,
                                                                  .clock = clock_,
                                                                  .random = random_,
                                                                  .render = &chat::slack::render,
                                                                  .budget = config_.feed_budget});
  feed_polling_ = std::make_unique<feeds::Polling>(*feed_context_);
  feed_posting_ = std::make_unique<feeds::Posting>(*feed_context_);
  feed_requests_ =
      std::make_unique<feeds::Requests>(*feed_context_, *feed_polling_, *feed_posting_);
}

Result<void> App::find_workspace() {
  const Result<chat::Identity> identity = platform_->identify();
  if (identity) {
    workspace_ = database_->write([&](storage::Connection& connection) {
      chat::Workspace found = chat::register_workspace(connection, *identity, clock_, random_);
      jobs::WorkspacePauses::end(connection, found.id, clock_.now());
      return found;
    });
    log::info("workspace_connected", {{"team", workspace_.team_id}, {"name", workspace_.name}});
    return {};
  }
  // Slack is down or does not take the token, but we know the workspace from an earlier start:
  // serve, so that nothing that is said meanwhile is lost, and post when it is back.
  const auto known = database_->read(chat::known_workspace);
  if (!known) {
    return fail(identity.error().within("asking Slack who the bot is"));
  }
  workspace_ = *known;
  // A refused token is this process's; the first post that meets it pauses the workspace.
  log::error("slack_unreachable_at_start", {{"error", identity.error().message}});
  return {};
}

void App::stop() {
  if (server_) {
    server_->stop();
  }
  if (event_writer_) {
    event_writer_->stop();
  }
  if (scheduler_.joinable()) {
    scheduler_.request_stop();
    scheduler_.join();
  }
  if (runner_) {
    // A remote service that does not answer must not hold up the end; its job is tried again later.
    runner_->stop(stop_grace, [this] {
      client_->stop();
      feed_client_->stop();
    });
  }
}

void App::schedule(const std::stop_token& stop) {
  pthread_setname_np(pthread_self(), "bb-scheduler");
  bool is_failing = false;  // reported once, not every second
  while (!stop.stop_requested()) {
    try {
      tick();
      is_failing = false;
    } catch (const std::exception& error) {
      if (!std::exchange(is_failing, true)) {
        log::error("scheduler_failed", {{"error", error.what()}});
      }
    }
    std::unique_lock lock(scheduler_mutex_);
    scheduler_wait_.wait_for(lock, stop, tick_interval, [] { return false; });
  }
}

void App::tick() {
  bool is_anything_due = schedules_->enqueue_due();
  for (EnvironmentJob& job : environment_jobs_) {
    is_anything_due |= job.enqueue_if_due(workspace_.id);
  }
  is_anything_due |= polling_->enqueue_if_due();
  is_anything_due |= enrichment_->enqueue_if_due();
  is_anything_due |= feed_polling_->job().enqueue_if_due();
  is_anything_due |= feed_posting_->job().enqueue_if_due();
  is_anything_due |= pauses_->enqueue_if_due();
  if (is_anything_due) {
    runner_->wake();
  }
  if (const TimePoint now = clock_.now(); now - cleaned_at_ >= clean_interval) {
    cleaned_at_ = now;
    // Once, however many instances there are.
    const auto hour = std::chrono::floor<std::chrono::hours>(now).time_since_epoch().count();
    const bool enqueued = database_->write([&](storage::Connection& connection) {
      return queue_
          ->enqueue(connection, {.kind = "clean", .unique_key = "clean:" + std::to_string(hour)})
          .has_value();
    });
    if (enqueued) {
      runner_->wake();
    }
  }
}

void App::clean() {
  const std::int64_t jobs = queue_->clean(finished_retention);
  const std::int64_t deliveries = outbox_->clean(finished_retention);
  const TimePoint now = clock_.now();
  const auto remove_old = [&](storage::Connection& connection) {
    chat::clean_inbox(connection, now - inbox_retention);
    github_activity::Accounts::clean_states(connection, now - day);
    github_activity::Exports::clean(connection, now);
    github_activity::Polling::clean(connection, now - activity_retention);
    github_activity::Enrichment::clean(connection, now - activity_retention);
    github_activity::clean_history(connection, now - activity_retention);
    github_activity::clean_pauses(connection, now - activity_retention);
    jobs::clean_slots(connection, now - activity_retention);
    feeds::clean_items(connection, feed_item_retention);
    feeds::clean_paid_reads(connection, now - activity_retention);
  };
  database_->write(remove_old, storage::Isolation::read_committed);
  log::info("cleaned", {{"jobs", jobs}, {"deliveries", deliveries}});
}

}  // namespace bb::app

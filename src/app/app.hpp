// The composition root: builds every service, wires them, owns every thread.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <variant>
#include <vector>

#include "app/config.hpp"
#include "app/environment_job.hpp"
#include "app/event_writer.hpp"
#include "base/clock.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "chat/commands.hpp"
#include "chat/platform.hpp"
#include "chat/rate_limits.hpp"
#include "chat/workspaces.hpp"
#include "crypto/crypto.hpp"
#include "features/feeds/context.hpp"
#include "features/feeds/polling.hpp"
#include "features/feeds/posting.hpp"
#include "features/feeds/requests.hpp"
#include "features/github_activity/accounts.hpp"
#include "features/github_activity/enrichment.hpp"
#include "features/github_activity/export.hpp"
#include "features/github_activity/member_commands.hpp"
#include "features/github_activity/polling.hpp"
#include "features/github_activity/summary.hpp"
#include "github/api.hpp"
#include "http/client.hpp"
#include "http/router.hpp"
#include "http/server.hpp"
#include "jobs/outbox.hpp"
#include "jobs/queue.hpp"
#include "jobs/runner.hpp"
#include "jobs/scheduler.hpp"
#include "jobs/workspace_pauses.hpp"
#include "storage/database.hpp"

namespace bb::app {

// Opens the database that the configuration names and brings it to this binary's schema.
Result<std::unique_ptr<storage::Database>> open_database(const Config& config, const Clock& clock);

// SECRET_KEY, or the key kept beside the database file.
Result<Secret> secret_key(const Config& config, Random& random);

class App {
 public:
  // Ready to serve when it returns: the database migrated, the workspace known, the port open. With
  // `job_workers` 0 nothing happens by itself: the caller drives it with tick() and run_due().
  static Result<std::unique_ptr<App>> start(const Config& config, const Clock& clock,
                                            Random& random, const http::ServerLimits& limits = {});
  ~App();
  App(const App&) = delete;
  App& operator=(const App&) = delete;

  [[nodiscard]] std::uint16_t port() const { return server_->port(); }
  [[nodiscard]] const chat::Workspace& workspace() const { return workspace_; }

  // Answers what is in flight, lets running jobs end, joins all threads. Idempotent.
  void stop();

  // What the scheduler thread does every second.
  void tick();

  // Runs what is due on the calling thread; returns the number of attempts.
  std::size_t run_due() { return runner_->run_due(); }

 private:
  App(const Config& config, const Clock& clock, Random& random);
  void wire(const Secret& key);
  void wire_feeds();
  Result<void> find_workspace();

  http::Response handle(const http::Request& request);
  void slack_event(const http::Request& request, http::Responder&& respond);
  std::variant<http::Response, chat::IncomingMessage> read_slack_event(const http::Request& request,
                                                                       TimePoint now) const;
  struct ChannelWish {
    std::string by;  // the API user
    std::string channel;
    bool is_forced = false;
  };
  std::variant<http::Response, ChannelWish> read_channel_wish(const http::Request& request);
  http::Response request_summary(const http::Request& request);
  http::Response run_feeds(const http::Request& request);
  http::Response job_status(const http::Request& request, std::string_view id);
  http::Response ready();
  http::Response metrics_page();
  std::vector<http::Route> routes();

  jobs::Kind message_kind();
  Result<jobs::Outcome> answer_message(const jobs::Job& job);
  void schedule(const std::stop_token& stop);
  void clean();

  Config config_;
  const Clock& clock_;
  Random& random_;
  std::unique_ptr<storage::Database> database_;
  std::unique_ptr<http::Client> client_;
  std::unique_ptr<http::Client> feed_client_;
  std::unique_ptr<chat::RateLimits> rate_limits_;
  std::unique_ptr<chat::Platform> platform_;
  chat::Workspace workspace_;
  std::unique_ptr<crypto::Sealer> sealer_;
  std::unique_ptr<jobs::Queue> queue_;
  std::unique_ptr<jobs::Outbox> outbox_;
  std::unique_ptr<jobs::WorkspacePauses> pauses_;
  std::unique_ptr<github::Api> github_;
  std::unique_ptr<github_activity::Polling> polling_;
  std::unique_ptr<github_activity::Enrichment> enrichment_;
  std::unique_ptr<github_activity::Summary> summary_;
  std::unique_ptr<jobs::Scheduler> schedules_;
  feeds::Sources feed_sources_;
  std::unique_ptr<feeds::Context> feed_context_;
  std::unique_ptr<feeds::Polling> feed_polling_;
  std::unique_ptr<feeds::Posting> feed_posting_;
  std::unique_ptr<feeds::Requests> feed_requests_;
  std::vector<EnvironmentJob> environment_jobs_;
  std::unique_ptr<github_activity::Accounts> accounts_;
  std::unique_ptr<github_activity::Exports> exports_;
  std::unique_ptr<github_activity::MemberCommands> member_commands_;
  std::unique_ptr<chat::Commands> commands_;
  std::unique_ptr<jobs::Runner> runner_;
  std::unique_ptr<EventWriter> event_writer_;
  std::unique_ptr<http::Router> router_;
  std::unique_ptr<http::Server> server_;
  TimePoint cleaned_at_;
  std::mutex scheduler_mutex_;
  std::mutex ready_mutex_;
  std::condition_variable_any scheduler_wait_;
  std::jthread scheduler_;
};

}  // namespace bb::app

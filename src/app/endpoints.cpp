// The HTTP endpoints: what each accepts, checks and answers.
#include <boost/json.hpp>

#include "app/api_tokens.hpp"
#include "app/app.hpp"
#include "app/metrics.hpp"
#include "base/json.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "base/time.hpp"
#include "chat/inbox.hpp"
#include "chat/slack/events.hpp"
#include "chat/slack/render.hpp"
#include "chat/slack/signature.hpp"
#include "storage/migrations.hpp"

namespace bb::app {
namespace {

constexpr std::size_t longest_channel = 320;  // octets: a name has up to 80 characters
constexpr int most_questions = 5;             // to Slack about a caller, before the caller is told

http::Response data_response(int status, boost::json::object data) {
  boost::json::object body;
  body["data"] = std::move(data);
  body["error"] = boost::json::object();
  return http::json_response(status, boost::json::serialize(body));
}

http::Response unauthorized_response(const Error& error) {
  http::Response response = http::error_response(401, error.message);
  response.headers.set("WWW-Authenticate", "token");
  return response;
}

bool may_pass(const Error& error) {
  return error.code == ErrorCode::rate_limited || error.code == ErrorCode::unavailable;
}

chat::Message cannot_ask(const Error& error) {
  const std::string text =
      "Nothing happened: I have to ask Slack whether you are an admin here and which channel you "
      "mean, and that did not work (" +
      error.message + "). Please try again later.";
  return {.fallback = text, .blocks = {chat::Section{.text = {{.text = text}}}}};
}

}  // namespace

std::vector<http::Route> App::routes() {
  using http::Request;
  using http::Response;
  const auto slack = [this](Request&& request, http::Responder&& respond) {
    slack_event(request, std::move(respond));
  };
  const auto callback = [this](const Request& request, std::string_view) {
    Response response = accounts_->callback(request);
    runner_->wake();
    return response;
  };
  const auto ping = [](const Request&, std::string_view) {
    return http::json_response(200, R"({"ping": "pong"})");
  };
  return {
      {.method = "POST",
       .path = "/slack-event-subscription",
       .content_type = "application/json",
       .defer = slack},
      {.method = "POST",
       .path = "/slack/events",
       .content_type = "application/json",
       .defer = slack},
      {"GET", "/github-integration", "", callback},
      {"GET", "/github/oauth/callback", "", callback},
      {"GET", "/export", "",
       [this](const Request& request, std::string_view) { return exports_->download(request); }},
      {"POST", "/github-summary", "application/json",
       [this](const Request& request, std::string_view) { return request_summary(request); }},
      {"POST", "/poll-twitter", "application/json",
       [this](const Request& request, std::string_view) { return run_feeds(request); }},
      {"GET", "/jobs/{id}", "",
       [this](const Request& request, std::string_view id) { return job_status(request, id); }},
      {"GET", "/healthcheck", "", ping, true},
      {"GET", "/healthz", "", ping, true},
      {"GET", "/readyz", "", [this](const Request&, std::string_view) { return ready(); }, true},
      {"GET", "/metrics", "", [this](const Request&, std::string_view) { return metrics_page(); },
       true},
  };
}

http::Response App::handle(const http::Request& request) {
  try {
    return router_->handle(request);
  } catch (const storage::DatabaseError& error) {
    // Nothing was acknowledged: Slack, a browser or a script can try again.
    log::error("database_failed", {{"path", request.path}, {"error", error.what()}});
    http::Response response =
        http::error_response(503, "the database is not available, nothing was stored; try again");
    response.headers.set("Retry-After", "10");
    return response;
  }
}

// The answer, or the message that has to be stored first.
std::variant<http::Response, chat::IncomingMessage> App::read_slack_event(
    const http::Request& request, TimePoint now) const {
  const Result<void> verified = chat::slack::verify_signature(config_.slack.signing_secret,
                                                              request.headers, request.body, now);
  if (!verified) {
    log::warning("slack_signature_refused", {{"error", verified.error().message}});
    return http::error_response(401, verified.error().message);
  }
  Result<chat::slack::Event> event = chat::slack::parse_event(request.body);
  if (!event) {
    log::warning("slack_event_unreadable", {{"error", event.error().message}});
    return http::error_response(400, event.error().message);
  }
  if (const auto* handshake = std::get_if<chat::slack::UrlVerification>(&*event)) {
    return http::json_response(
        200, boost::json::serialize(boost::json::object{{"challenge", handshake->challenge}}));
  }
  if (const auto* ignored = std::get_if<chat::slack::IgnoredEvent>(&*event)) {
    log::debug("slack_event_ignored", {{"type", ignored->type}});
    return http::json_response(200, "{}");
  }
  auto& message = std::get<chat::IncomingMessage>(*event);
  if (message.team_id != workspace_.team_id) {
    // The app may be installed in another workspace too, for which we have no token.
    log::warning("slack_event_of_other_workspace", {{"team", message.team_id}});
    return http::json_response(200, "{}");
  }
  if (message.user == workspace_.bot_user) {
    return http::json_response(200, "{}");
  }
  return std::move(message);
}

void App::slack_event(const http::Request& request, http::Responder&& respond) {
  const TimePoint now = clock_.now();
  auto event = read_slack_event(request, now);
  if (auto* response = std::get_if<http::Response>(&event)) {
    return respond(std::move(*response));
  }
  const auto& message = std::get<chat::IncomingMessage>(event);
  const boost::json::object payload = {{"event_id", message.event_id},
                                       {"channel", message.channel.value},
                                       {"user", message.user.value},
                                       {"text", message.text}};
  event_writer_->submit({.receipt = chat::receipt_of(workspace_.id, message),
                         .job = {.kind = "chat.message",
                                 .payload = boost::json::serialize(payload),
                                 .workspace_id = workspace_.id.value,
                                 .subject = message.user,
                                 .priority = jobs::Priority::answer},
                         .received_at = now,
                         .respond = std::move(respond)});
}

// The job that answers a member's message.
jobs::Kind App::message_kind() {
  return {.name = "chat.message",
          .handle = [this](const jobs::Job& job) { return answer_message(job); }};
}

Result<jobs::Outcome> App::answer_message(const jobs::Job& job) {
  const Result<boost::json::value> payload = json::parse(job.payload);
  if (!payload) {
    return fail(payload.error());
  }
  const auto event_id = json::required_string(*payload, "event_id");
  const auto channel = json::required_string(*payload, "channel");
  const auto user = json::required_string(*payload, "user");
  const auto text = json::required_string(*payload, "text");
  if (!event_id || !channel || !user || !text) {
    return fail(ErrorCode::internal, "a stored message is incomplete");
  }
  const chat::Caller caller{.workspace = {job.workspace_id},
                            .user = {*user},
                            .channel = {*channel},
                            .asked_at = job.created_at};
  const Result<chat::Caller> prepared = commands_->prepare(*platform_, caller, *text);
  if (!prepared && job.attempts < most_questions && may_pass(prepared.error())) {
    return fail(prepared.error());
  }
  database_->write([&](storage::Connection& connection) {
    const std::string key = "reply:" + *event_id;
    if (outbox_->contains(connection, key)) {
      return;  // an earlier attempt died after its commit
    }
    const chat::Message answer =
        prepared ? commands_->answer(connection, *prepared, *text) : cannot_ask(prepared.error());
    outbox_->add(connection, {.idempotency_key = key,
                              .workspace_id = job.workspace_id,
                              .channel = caller.channel,
                              .subject = caller.user,
                              .rendered = chat::slack::render(answer),
                              .audience = jobs::Audience::person,
                              .priority = jobs::Priority::answer});
  });
  return jobs::Outcome(jobs::Done{});
}

// What a script of an admin asks for a channel.
std::variant<http::Response, App::ChannelWish> App::read_channel_wish(
    const http::Request& request) {
  const Result<ApiUser> user = authenticate(*database_, request.headers);
  if (!user) {
    return unauthorized_response(user.error());
  }
  if (user->role != "admin") {
    return http::error_response(403, "this needs a token with the role admin");
  }
  const Result<boost::json::value> body = json::parse(request.body);
  if (!body) {
    return http::error_response(400, body.error().message);
  }
  ChannelWish wish{.by = user->name,
                   .channel = std::string(trim(json::string(*body, "channel").value_or(""))),
                   .is_forced = json::boolean(*body, "force").value_or(false)};
  if (wish.channel.empty() || wish.channel.size() > longest_channel) {
    return http::error_response(422, "'channel' has to be the name or id of a channel");
  }
  return wish;
}

http::Response App::request_summary(const http::Request& request) {
  auto read = read_channel_wish(request);
  if (auto* response = std::get_if<http::Response>(&read)) {
    return std::move(*response);
  }
  const auto& wish = std::get<ChannelWish>(read);
  using Repeat = github_activity::Summary::Repeat;
  const JobId job =
      summary_->request(workspace_.id, wish.channel, wish.is_forced ? Repeat::yes : Repeat::no);
  runner_->wake();
  log::info("summary_requested", {{"by", wish.by}, {"job", job.value}});
  return data_response(202, {{"job_id", job.value}});
}

http::Response App::run_feeds(const http::Request& request) {
  auto read = read_channel_wish(request);
  if (auto* response = std::get_if<http::Response>(&read)) {
    return std::move(*response);
  }
  const auto& wish = std::get<ChannelWish>(read);
  const JobId job = feed_requests_->run_channel(workspace_.id, wish.channel);
  runner_->wake();
  log::info("feeds_run_requested", {{"by", wish.by}, {"job", job.value}});
  return data_response(202, {{"job_id", job.value}});
}

http::Response App::job_status(const http::Request& request, std::string_view id) {
  const Result<ApiUser> user = authenticate(*database_, request.headers);
  if (!user) {
    return unauthorized_response(user.error());
  }
  const JobId job{std::string(id)};
  const std::optional<jobs::Status> status = queue_->status(job);
  if (!status) {
    return http::error_response(404, "there is no job '" + truncate(id, 60) + "'");
  }
  // A summary is done when its messages are posted, not when they are written.
  std::string state(jobs::to_string(status->state));
  std::string error = status->error;
  if (status->state == jobs::State::done) {
    error.clear();
    const jobs::Outcomes posts = outbox_->outcomes(github_activity::delivery_prefix(job));
    if (posts.failed > 0) {
      state = "failed";
      error = posts.error;
    } else if (posts.open > 0) {
      state = "running";
      error = posts.error;
    }
  }
  return data_response(200, {{"job_id", job.value},
                             {"kind", status->kind},
                             {"state", state},
                             {"progress", status->progress},
                             {"attempts", status->attempts},
                             {"run_at", format_rfc3339(status->run_at)},
                             {"error", error}});
}

http::Response App::ready() {
  // One at a time: while the database hangs, those who ask are not to hold up all other requests.
  const std::unique_lock only_one(ready_mutex_, std::try_to_lock);
  if (!only_one) {
    return http::error_response(503, "an earlier check still waits for the database");
  }
  if (!storage::is_current(*database_, storage::migrations())) {
    return http::error_response(503, "the database needs migrations of another version");
  }
  // Where a disk is full or has become read-only, reading still works. Two changes that cancel each
  // other out, as SQLite writes nothing where nothing changes.
  try {
    database_->write([this](storage::Connection& connection) {
      for (const std::string& name : {std::string(), workspace_.name}) {
        connection.execute("UPDATE workspace SET name = $1 WHERE id = $2", {name, workspace_.id});
      }
    });
  } catch (const storage::DatabaseError& error) {
    log::error("not_ready", {{"error", error.what()}});
    return http::error_response(503, error.what());
  }
  return data_response(200, {{"ready", true}});
}

http::Response App::metrics_page() {
  const TimePoint now = clock_.now();
  MetricSources sources{.budget = github_->budget(),
                        .feed_polls = feed_polling_->totals(),
                        .feed_posts = feed_posting_->totals(),
                        .events = event_writer_->figures(),
                        .server = server_->figures(),
                        .log = log::backlog()};
  try {
    sources.polling = polling_->figures();
    sources.open = database_->read(
        [now](storage::Connection& connection) { return read_open_work(connection, now); });
  } catch (const storage::DatabaseError& error) {
    log::error("database_failed", {{"path", "/metrics"}, {"error", error.what()}});
    sources.database_answers = false;  // when the others are needed most
  }
  http::Response response{.status = 200, .headers = {}, .body = render_metrics(sources)};
  response.headers.set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
  return response;
}

}  // namespace bb::app

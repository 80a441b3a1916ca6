#include "app/preview.hpp"

#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <map>
#include <variant>

#include "app/preview_files.hpp"
#include "app/preview_logins.hpp"
#include "base/text.hpp"
#include "chat/slack/render.hpp"
#include "chat/terminal.hpp"
#include "features/github_activity/digest.hpp"

namespace bb::app {
namespace {

using github_activity::Person;
using github_activity::Window;

constexpr int done = 0;
constexpr int failed = 1;
constexpr int nothing_read = 2;
constexpr std::size_t max_concurrent_requests = 8;
constexpr std::size_t most_named = 4;  // of the logins that one line of errors is about

// What a run is made of, once its options are understood.
struct Bound {
  std::variant<TimePoint, std::chrono::seconds> value;  // a time, or a span before the end

  [[nodiscard]] TimePoint before(TimePoint end) const {
    const auto* time = std::get_if<TimePoint>(&value);
    return time != nullptr ? *time : end - std::get<std::chrono::seconds>(value);
  }
};

struct Request {
  std::vector<std::string> logins;
  TimeZone zone = TimeZone::utc();
  std::optional<Bound> since;
  std::optional<Bound> until;
};

struct Material {
  std::vector<Person> people;
  Window window;
  std::vector<std::string> missing = {};  // logins that could not be fetched
};

// An error with the exit code that goes with it.
struct Failure {
  int exit_code = nothing_read;
  std::string message;  // empty: all has been said
};

Result<std::optional<Bound>> parse_bound(const std::string& text, const TimeZone& zone) {
  if (text.empty()) {
    return std::optional<Bound>();
  }
  if (const auto span = parse_span(text)) {
    return Bound{*span};
  }
  if (const auto day = parse_day(text)) {
    return Bound{zone.start_of(*day)};
  }
  if (const auto time = parse_rfc3339(text)) {
    return Bound{*time};
  }
  return fail(ErrorCode::invalid_input,
              "'" + truncate(escape_control(text), 60) +
                  "' is not a time (2026-11-22T19:33:20Z), a date (2026-11-22) or a span (24h)");
}

Result<Request> understand(const PreviewOptions& options, std::ostream& err) {
  auto zone = TimeZone::find(options.time_zone);
  if (!zone) {
    return fail(zone.error().within("--timezone"));
  }
  auto since = parse_bound(options.since, *zone);
  if (!since) {
    return fail(since.error().within("--since"));
  }
  auto until = parse_bound(options.until, *zone);
  if (!until) {
    return fail(until.error().within("--until"));
  }
  auto logins = collect_logins(options, err);
  if (!logins) {
    return fail(logins.error());
  }
  if (logins->empty() && options.events.empty()) {
    return fail(ErrorCode::invalid_input,
                "say whose summary to show: --login octocat, or --events FILE");
  }
  return Request{.logins = *std::move(logins), .zone = *zone, .since = *since, .until = *until};
}

// `natural` is the window where neither end is given; spans count back from its end.
Result<Window> window_of(const Request& request, const Window& natural) {
  const TimePoint until = request.until ? request.until->before(natural.until) : natural.until;
  const TimePoint since =
      request.since ? request.since->before(until) : std::min(natural.since, until);
  if (request.since && since >= until) {
    return fail(ErrorCode::invalid_input, "--since " + format_rfc3339(since) +
                                              " is not before the end, " + format_rfc3339(until));
  }
  return Window{.since = since, .until = until};
}

using MaterialOr = std::expected<Material, Failure>;

MaterialOr read_files(const Request& request, const std::vector<std::string>& paths,
                      std::ostream& err) {
  const bool show_progress = &err == &std::cerr && ::isatty(STDERR_FILENO) == 1;
  EventFiles files(request.logins, err, show_progress);
  files.read(paths);
  files.report_totals();
  if (files.events() == 0) {
    return std::unexpected(Failure{.exit_code = nothing_read, .message = {}});
  }
  const Result<Window> window = window_of(request, files.range());
  if (!window) {
    return std::unexpected(Failure{.exit_code = nothing_read, .message = window.error().message});
  }
  return Material{.people = files.people(*window), .window = *window};
}

void report_allowance(const std::optional<github::RateLimit>& limit, const TimeZone& zone,
                      std::ostream& err) {
  if (limit) {
    err << "busy-beaver: " << limit->remaining << " of " << limit->limit
        << " requests are left until " << zone.format(limit->reset, "%H:%M %Z")
        << "; set GITHUB_OAUTH_TOKEN to be allowed 5,000 an hour\n";
  }
}

// Who could not be fetched, by position in the request.
using Failures = std::map<std::size_t, Error>;

// One line for all with the same error, naming the first of them.
void report_failures(const Request& request, const Failures& failures, bool has_token,
                     std::ostream& err) {
  std::map<std::string, std::vector<std::string>> logins_by_message;
  for (const auto& [index, error] : failures) {
    std::string message = error.message;
    if (error.code == ErrorCode::rate_limited && !has_token) {
      message += "; set GITHUB_OAUTH_TOKEN to be allowed 5,000 requests an hour";
    }
    logins_by_message[message].push_back(request.logins[index]);
  }
  for (auto& [message, logins] : logins_by_message) {
    if (logins.size() > most_named) {
      const std::size_t others = logins.size() - most_named + 1;
      logins.resize(most_named - 1);
      logins.push_back(std::to_string(others) + " more");
    }
    err << "busy-beaver: " << join_words(logins) << ": " << escape_control(message) << "\n";
  }
}

bool is_rate_limited(const Failures& failures) {
  return std::ranges::any_of(
      failures, [](const auto& failure) { return failure.second.code == ErrorCode::rate_limited; });
}

// 2 where the logins are to blame, 1 where GitHub is.
int exit_code_of(const Failures& failures) {
  const bool are_unknown = std::ranges::all_of(
      failures, [](const auto& failure) { return failure.second.code == ErrorCode::not_found; });
  return are_unknown ? nothing_read : failed;
}

MaterialOr fetch(const Request& request, const github::Settings& settings, http::Client& client,
                 const Clock& clock, std::ostream& err) {
  const TimePoint now = clock.now();
  const Result<Window> window = window_of(
      request, {.since = request.until ? request.until->before(now) - std::chrono::hours(24)
                                       : now - std::chrono::hours(24),
                .until = now});
  if (!window) {
    return std::unexpected(Failure{.exit_code = nothing_read, .message = window.error().message});
  }
  Material material{.people = {}, .window = *window};
  std::vector<github::EventsRequest> requests;
  for (const std::string& login : request.logins) {
    requests.push_back({.login = login});
  }
  Failures failures;
  std::optional<github::RateLimit> limit;
  github::Api api(client, clock, settings);
  api.public_events(
      requests, max_concurrent_requests,
      [&](std::size_t index, Result<github::EventsAnswer> answer) {
        if (!answer) {
          failures.emplace(index, answer.error());
          return;
        }
        if (answer->rate_limit && (!limit || answer->rate_limit->remaining < limit->remaining)) {
          limit = answer->rate_limit;
        }
        material.people.push_back(
            {.login = request.logins[index], .events = std::move(answer->events)});
      });
  report_failures(request, failures, !settings.tokens.empty(), err);
  if (settings.tokens.empty() && settings.client_id.empty() && !is_rate_limited(failures)) {
    report_allowance(limit, request.zone, err);
  }
  if (material.people.empty()) {
    return std::unexpected(Failure{.exit_code = exit_code_of(failures), .message = {}});
  }
  for (const auto& [index, error] : failures) {
    material.missing.push_back(request.logins[index]);
  }
  return material;
}

void print(const std::vector<chat::Message>& messages, const PreviewOptions& options,
           std::ostream& out) {
  const bool is_terminal = &out == &std::cout && ::isatty(STDOUT_FILENO) == 1;
  const bool is_coloured =
      options.color == ColorChoice::always ||
      (options.color == ColorChoice::automatic && is_terminal && !options.no_color);
  const bool is_slack = options.format == PreviewFormat::slack;
  std::string separator = is_slack ? "[" : "";
  for (const chat::Message& message : messages) {
    out << separator;
    switch (options.format) {
      case PreviewFormat::text:
        out << chat::render_terminal(message,
                                     is_coloured ? chat::Color::always : chat::Color::never);
        break;
      case PreviewFormat::markdown:
        out << chat::render_markdown(message);
        break;
      case PreviewFormat::slack:
        out << chat::slack::render(message);
        break;
    }
    separator = is_slack ? ",\n" : "\n";
  }
  out << (is_slack ? "]\n" : "") << std::flush;
}

}  // namespace

int run_preview(const PreviewOptions& options, const github::Settings& settings,
                http::Client& client, const Clock& clock, std::ostream& out, std::ostream& err) {
  const Result<Request> request = understand(options, err);
  if (!request) {
    err << "busy-beaver: " << request.error().message << "\n";
    return nothing_read;
  }
  MaterialOr material = options.events.empty() ? fetch(*request, settings, client, clock, err)
                                               : read_files(*request, options.events, err);
  if (!material) {
    if (!material.error().message.empty()) {
      err << "busy-beaver: " << material.error().message << "\n";
    }
    return material.error().exit_code;
  }
  const github_activity::Digest digest =
      github_activity::compose(material->people, material->window, request->zone);
  print(github_activity::render(digest,
                                {.web_url = settings.web_url, .length = &chat::slack::length}),
        options, out);
  if (!out) {
    err << "busy-beaver: the summary could not be written\n";
    return failed;
  }
  if (!material->missing.empty()) {
    err << "busy-beaver: missing in this summary: " << join_words(material->missing) << "\n";
  }
  return done;
}

}  // namespace bb::app

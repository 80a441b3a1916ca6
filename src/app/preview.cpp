#include "app/preview.hpp"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <set>
#include <variant>

#include "app/preview_files.hpp"
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

Result<std::vector<std::string>> read_logins(const std::string& path) {
  std::ifstream in(path);
  std::vector<std::string> logins;
  for (std::string line; std::getline(in, line);) {
    const std::string_view login = trim(std::string_view(line).substr(0, line.find('#')));
    if (!login.empty()) {
      logins.emplace_back(login);
    }
  }
  if (logins.empty()) {
    return fail(ErrorCode::invalid_input, "--logins-file: no login could be read from '" +
                                              escape_control(path) + "', one a line");
  }
  return logins;
}

bool is_login(std::string_view login) {
  return !login.empty() && login.size() <= 100 && std::ranges::all_of(login, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '[' || c == ']';
  });
}

// Each login once, without regard to case and without the @ that people write before it.
Result<std::vector<std::string>> collect_logins(const PreviewOptions& options) {
  std::vector<std::string> all = options.logins;
  if (options.logins_file) {
    const auto more = read_logins(*options.logins_file);
    if (!more) {
      return fail(more.error());
    }
    all.insert(all.end(), more->begin(), more->end());
  }
  std::vector<std::string> logins;
  std::set<std::string> seen;
  for (std::string& login : all) {
    login.erase(0, login.starts_with('@') ? 1 : 0);
    if (!is_login(login)) {
      return fail(ErrorCode::invalid_input, "'" + truncate(escape_control(login), 60) +
                                                "' is not a GitHub login such as octocat");
    }
    if (seen.insert(to_lower(login)).second) {
      logins.push_back(login);
    }
  }
  return logins;
}

Result<Request> understand(const PreviewOptions& options) {
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
  auto logins = collect_logins(options);
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
  int exit_code = nothing_read;
  std::optional<github::RateLimit> limit;
  github::Api api(client, clock, settings);
  api.public_events(
      requests, max_concurrent_requests,
      [&](std::size_t index, Result<github::EventsAnswer> answer) {
        const std::string& login = request.logins[index];
        if (!answer) {
          err << "busy-beaver: " << login << ": " << escape_control(answer.error().message) << "\n";
          exit_code = answer.error().code == ErrorCode::not_found ? exit_code : failed;
          return;
        }
        if (answer->rate_limit && (!limit || answer->rate_limit->remaining < limit->remaining)) {
          limit = answer->rate_limit;
        }
        material.people.push_back({.login = login, .events = std::move(answer->events)});
      });
  if (settings.token.empty() && settings.client_id.empty()) {
    report_allowance(limit, request.zone, err);
  }
  if (material.people.empty()) {
    return std::unexpected(Failure{.exit_code = exit_code, .message = {}});
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
  const Result<Request> request = understand(options);
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
      github_activity::compose(std::move(material->people), material->window, request->zone);
  print(github_activity::render(digest), options, out);
  if (!out) {
    err << "busy-beaver: the summary could not be written\n";
    return failed;
  }
  return done;
}

}  // namespace bb::app

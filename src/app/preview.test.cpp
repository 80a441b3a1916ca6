#include "app/preview.hpp"

#include <doctest/doctest.h>

#include <CLI/CLI.hpp>
#include <fstream>
#include <iostream>
#include <map>
#include <sstream>

#include "base/time.hpp"
#include "tests/temporary_folder.hpp"

namespace bb::app {
namespace {

constexpr const char* events_url = "https://api.github.com/users/";

// Answers by login; anyone else is not found.
class FakeGitHub final : public http::Client {
 public:
  std::map<std::string, Result<http::Response>> answers;
  std::vector<std::string> asked;

  Result<http::Response> send(const http::ClientRequest& request) override {
    asked.push_back(request.url);
    const std::string_view rest =
        std::string_view(request.url).substr(std::string_view(events_url).size());
    const auto found = answers.find(std::string(rest.substr(0, rest.find('/'))));
    return found == answers.end() ? http::Response{.status = 404, .headers = {}, .body = "{}"}
                                  : found->second;
  }
};

std::string star(const std::string& id, const std::string& login, const std::string& time) {
  return R"({"id":")" + id + R"(","type":"WatchEvent","actor":{"id":1,"login":")" + login +
         R"("},"repo":{"id":2,"name":"a/r)" + id +
         R"("},"payload":{"action":"started"},"public":true,"created_at":")" + time + "\"}";
}

http::Response answer(const std::string& body) {
  return {.status = 200,
          .headers = {{"X-RateLimit-Limit", "60"},
                      {"X-RateLimit-Remaining", "57"},
                      {"X-RateLimit-Reset", "1795000000"}},
          .body = body};
}

struct Run {
  int exit_code = -1;
  std::string out;
  std::string err;
};

Run run(const PreviewOptions& options, FakeGitHub& github, const std::string& token = "") {
  std::ostringstream out;
  std::ostringstream err;
  const VirtualClock clock(*parse_rfc3339("2026-11-22T12:00:00Z"));
  github::Settings settings{.api_url = "https://api.github.com", .web_url = "https://github.com"};
  if (!token.empty()) {
    settings.tokens.emplace_back(token);
  }
  const int exit_code = run_preview(options, settings, github, clock, out, err);
  return {exit_code, out.str(), err.str()};
}

Run run(const PreviewOptions& options) {
  FakeGitHub github;
  return run(options, github);
}

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

struct File {
  tests::TemporaryFolder folder;
  std::string path;

  explicit File(const std::string& text) : path(folder.path("events.json")) {
    std::ofstream(path) << text;
  }
};

TEST_CASE("wrong options are told and exit with 2") {
  struct Row {
    PreviewOptions options;
    const char* message;
  };
  const Row rows[] = {
      {{}, "--login octocat, or --events FILE"},
      {{.logins = {"a b"}}, "'a b' is not a GitHub login"},
      {{.logins = {"../x"}}, "is not a GitHub login"},
      {{.logins = {"a"}, .since = "yesterday"}, "--since: 'yesterday' is not a time"},
      {{.logins = {"a"}, .until = "2026-13-01"}, "--until: '2026-13-01' is not a time"},
      {{.logins = {"a"}, .time_zone = "Mars/Base"}, "--timezone: 'Mars/Base' is not a time zone"},
      {{.logins = {"a"}, .since = "2026-11-22", .until = "2026-11-21"}, "is not before the end"},
      {{.logins_file = "/nowhere/logins"},
       "--logins-file: '/nowhere/logins' cannot be read: No such file"},
      {{.logins_file = "/"}, "--logins-file: '/' is a folder"},
      {{.logins = {"dependabot[bot]"}}, "busy-beaver: dependabot[bot]: bots are never shown"},
      {{.logins = {"x[bot]"}, .events = {"-"}}, "busy-beaver: nobody is left to show"},
  };
  for (const Row& row : rows) {
    const Run result = run(row.options);
    CAPTURE(row.message);
    CAPTURE(result.err);
    CHECK(result.exit_code == 2);
    CHECK(contains(result.err, row.message));
    CHECK(result.out.empty());
  }
}

TEST_CASE("files without any event exit with 2 and say where reading failed") {
  const File file("not json\n");
  const Run result = run({.events = {file.path, "/nowhere/events.json"}});
  CHECK(result.exit_code == 2);
  CHECK(contains(result.err, file.path + ": line 1: "));
  CHECK(contains(result.err, "/nowhere/events.json: No such file or directory\n"));
  CHECK(contains(result.err, "read 0 events, "));
}

TEST_CASE("a folder is not read as a file") {
  const tests::TemporaryFolder folder;
  const Run result = run({.events = {folder.path("")}});
  CHECK(result.exit_code == 2);
  CHECK(contains(result.err, "is a folder"));
}

TEST_CASE("a damaged line does not spoil the rest and reports end after ten") {
  std::string text;
  for (int i = 0; i < 25; ++i) {
    text += "{\"type\": \"Wat\n" + star(std::to_string(i), "ann", "2026-11-20T10:00:00Z") + "\n";
  }
  const File file(text);
  const Run result = run({.events = {file.path}});
  CHECK(result.exit_code == 0);
  CHECK(contains(result.out, "1 person: 25 stars"));
  CHECK(contains(result.err, "... and 15 more like these\n"));
  CHECK(contains(result.err, "read 25 events, 25 could not be read\n"));
}

TEST_CASE("without logins the ten most active people of the files are shown") {
  std::string text;
  int id = 0;
  for (int person = 1; person <= 12; ++person) {
    for (int i = 0; i < person; ++i) {
      text +=
          star(std::to_string(++id), "p" + std::to_string(person) + "x", "2026-11-20T10:00:00Z") +
          "\n";
    }
    for (int i = 0; i < 20; ++i) {  // the same event again and again is no activity
      text += star("9", "p1x", "2026-11-20T10:00:00Z") + "\n";
    }
  }
  const File file(text);
  const Run result = run({.events = {file.path}});
  CHECK(contains(result.out, "10 people: 75 stars"));
  CHECK_FALSE(contains(result.out, "p1x\n"));
  CHECK_FALSE(contains(result.out, "p2x\n"));
}

TEST_CASE("more events than fit in memory are counted right") {
  std::string text;
  for (int i = 0; i < 30'000; ++i) {
    text += star(std::to_string(i), i % 3 == 0 ? "ann" : "bob" + std::to_string(i % 500),
                 "2026-11-20T10:00:00Z") +
            "\n";
  }
  const File file(text);
  CHECK(contains(run({.events = {file.path}}).out, "\nann\n⭐ 10000 stars for a/r0, "));
}

TEST_CASE("standard input is read like a file") {
  std::istringstream in("[" + star("1", "ann", "2026-11-20T10:00:00Z") + "]");
  std::streambuf* const before = std::cin.rdbuf(in.rdbuf());
  const Run result = run({.events = {"-"}});
  std::cin.rdbuf(before);
  CHECK(result.exit_code == 0);
  CHECK(contains(result.out, "1 person: 1 star"));
}

TEST_CASE("a person without counted events is told and the others shown") {
  const File file(star("1", "ann", "2026-11-20T10:00:00Z"));
  const Run result = run({.logins = {"Ann", "typo"}, .events = {file.path}});
  CHECK(contains(result.out, "\nann\n"));
  CHECK(contains(result.err, "nothing to show of typo\n"));
}

TEST_CASE("the window of files ends with their last event unless told otherwise") {
  const File file(star("1", "ann", "2026-11-19T10:00:00Z") + "\n" +
                  star("2", "ann", "2026-11-20T10:00:00Z") + "\n" +
                  star("3", "bob", "2026-11-20T11:00:00Z"));
  const auto totals = [&](PreviewOptions options) {
    options.logins = {"ann"};
    options.events = {file.path};
    return run(options).out;
  };
  CHECK(contains(totals({}), "1 person: 2 stars"));
  CHECK(contains(totals({.since = "24h"}), "1 person: 1 star\n"));
  CHECK(contains(totals({.since = "1h"}), "All quiet"));
  CHECK(contains(totals({.until = "2026-11-20T10:00:00Z"}), "1 person: 1 star\n"));
  CHECK(contains(totals({.since = "2026-11-20"}), "1 person: 1 star\n"));
  CHECK(contains(totals({.until = "2020-01-01"}), "All quiet"));
}

TEST_CASE("events are fetched from GitHub and what is left of its allowance is said") {
  FakeGitHub github;
  github.answers.emplace("ann", answer("[" + star("1", "ann", "2026-11-22T10:00:00Z") + "," +
                                       star("2", "ann", "2026-11-20T10:00:00Z") + "]"));
  const Run result = run({.logins = {"ann"}}, github);
  CHECK(result.exit_code == 0);
  CHECK(contains(result.out,
                 "From 2026-11-21 12:00 to 2026-11-22 12:00 (UTC)\n\n1 person: 1 star\n"));
  CHECK(contains(result.err, "57 of 60 requests are left until "));
  CHECK(github.asked.front().starts_with(events_url + std::string("ann/events/public")));
}

TEST_CASE("with a token the allowance is not mentioned") {
  FakeGitHub github;
  github.answers.emplace("ann", answer("[]"));
  const Run result = run({.logins = {"ann"}}, github, "gho_test");
  CHECK(result.exit_code == 0);
  CHECK(result.err.empty());
  CHECK(contains(result.out, "All quiet"));
}

TEST_CASE("one unknown login does not spoil the others") {
  FakeGitHub github;
  github.answers.emplace("ann", answer("[" + star("1", "ann", "2026-11-22T10:00:00Z") + "]"));
  const Run result = run({.logins = {"ghost", "ann"}}, github);
  CHECK(result.exit_code == 0);
  CHECK(contains(result.out, "\nann\n"));
  CHECK(contains(result.err, "busy-beaver: ghost: GitHub has no such user\n"));
  CHECK(result.err.ends_with("busy-beaver: missing in this summary: ghost\n"));
}

TEST_CASE("a bot among the logins is told and not asked for") {
  FakeGitHub github;
  github.answers.emplace("ann", answer("[]"));
  const Run result = run({.logins = {"renovate[bot]", "ann"}}, github);
  CHECK(result.exit_code == 0);
  CHECK(contains(result.err, "busy-beaver: renovate[bot]: bots are never shown\n"));
  CHECK(github.asked.size() == 1);
}

TEST_CASE("at the rate limit one line says when it ends and what raises it") {
  const http::Response limited{.status = 403,
                               .headers = {{"Retry-After", "3600"}},
                               .body = R"({"message":"API rate limit exceeded"})"};
  FakeGitHub github;
  PreviewOptions options;
  for (int i = 0; i < 6; ++i) {
    options.logins.push_back("user" + std::to_string(i));
    github.answers.emplace(options.logins.back(), limited);
  }
  const Run nothing = run(options, github);
  CHECK(nothing.exit_code == 1);
  CHECK(nothing.out.empty());
  CHECK(nothing.err ==
        "busy-beaver: user0, user1, user2 and 3 more: GitHub's rate limit is reached; it ends at "
        "13:00 UTC; set GITHUB_OAUTH_TOKEN to be allowed 5,000 requests an hour\n");
  CHECK_FALSE(contains(run(options, github, "gho_test").err, "GITHUB_OAUTH_TOKEN"));

  github.answers.insert_or_assign("user0", answer("[]"));
  const Run partly = run(options, github);
  CHECK(partly.exit_code == 0);
  CHECK(partly.err.ends_with(
      "busy-beaver: missing in this summary: user1, user2, user3, user4 and user5\n"));
  CHECK_FALSE(contains(partly.err, "requests are left"));
}

TEST_CASE("a token that GitHub refuses is named") {
  FakeGitHub github;
  github.answers.emplace("ann", http::Response{.status = 401, .headers = {}, .body = "{}"});
  const Run result = run({.logins = {"ann"}}, github, "gho_test");
  CHECK(result.exit_code == 1);
  CHECK(result.err == "busy-beaver: ann: GitHub refused GITHUB_OAUTH_TOKEN (HTTP 401)\n");
}

TEST_CASE("the exit code tells an unknown login from a GitHub that does not answer") {
  CHECK(run({.logins = {"ghost"}}).exit_code == 2);
  FakeGitHub github;
  github.answers.emplace("ann", fail(ErrorCode::unavailable, "no connection"));
  const Run result = run({.logins = {"ann"}}, github);
  CHECK(result.exit_code == 1);
  CHECK(result.out.empty());
}

TEST_CASE("a bad line of a file of logins is told with its number") {
  const File file("# members\nann\nbob smith\n");
  const Run result = run({.logins_file = file.path});
  CHECK(result.exit_code == 2);
  CHECK(contains(result.err, "--logins-file: '" + file.path + "' line 3: 'bob smith' is not a"));
  const File empty("# nobody yet\n");
  CHECK(contains(run({.logins_file = empty.path}).err, "there is no login in '"));
}

TEST_CASE("a file of logins may have comments and repetitions") {
  const File file("# members\nann\n\n  @ANN  # again\nbob\n");
  FakeGitHub github;
  github.answers.emplace("ann", answer("[]"));
  github.answers.emplace("bob", answer("[]"));
  CHECK(run({.logins_file = file.path}, github).exit_code == 0);
  CHECK(github.asked.size() == 2);
}

struct Parsed {
  CLI::App app{"test"};
  PreviewOptions options;

  explicit Parsed(const std::string& line) {
    add_preview(app, options);
    app.parse(line);
  }
};

TEST_CASE("the command line fills the options") {
  const Parsed parsed(
      "preview --login a --login b --events x y --events - --format slack --color never");
  CHECK(parsed.options.logins == std::vector<std::string>{"a", "b"});
  CHECK(parsed.options.events == std::vector<std::string>{"x", "y", "-"});
  CHECK((parsed.options.format == PreviewFormat::slack));
  CHECK((parsed.options.color == ColorChoice::never));
}

TEST_CASE("unknown formats and colours are refused") {
  CHECK_THROWS_AS(Parsed("preview --format html"), CLI::ParseError);
  CHECK_THROWS_AS(Parsed("preview --color maybe"), CLI::ParseError);
}

TEST_CASE("the help has examples and exit codes") {
  CLI::App app("test");
  PreviewOptions options;
  const std::string help = add_preview(app, options)->help();
  CHECK(contains(help, "Examples:\n  busy-beaver digest preview --login octocat"));
  CHECK(contains(help, "Exit codes:"));
}

}  // namespace
}  // namespace bb::app

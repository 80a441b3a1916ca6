// Each row of the catalog against an example of today's payload, examples/KEY.json, which says the
// line that a digest shows for it.
#include <doctest/doctest.h>

#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/json.hpp"
#include "chat/terminal.hpp"
#include "features/github_activity/digest.hpp"
#include "features/github_activity/slack_digest.test.hpp"

namespace bb::github_activity {
namespace {

namespace fs = std::filesystem;

const fs::path folder = "src/features/github_activity/examples";

struct Example {
  std::string line;
  github::Event event;
};

Example parse_example(const std::string& text) {
  const auto parsed = json::parse(text);
  REQUIRE_MESSAGE(parsed, (parsed ? "" : parsed.error().message));
  auto event = github::parse_event(*json::find(*parsed, "event"));
  REQUIRE_MESSAGE(event, (event ? "" : event.error().message));
  return {.line = json::string(*parsed, "line").value(), .event = *std::move(event)};
}

Example read_example(std::string_view key) {
  const fs::path path = folder / (std::string(key) + ".json");
  CAPTURE(path.string());
  std::ifstream file(path);
  REQUIRE(file.good());
  std::ostringstream text;
  text << file.rdbuf();
  return parse_example(text.str());
}

// What is said of one person who did this, where only the kind `key` is switched on.
std::string line_of(const github::Event& event, std::string_view key,
                    std::span<const Category> rows, const Preferences& preferences = {}) {
  Kinds kinds;
  for (const Category& row : rows) {
    kinds.chosen[std::string(row.key)] = row.key == key;
  }
  const Window window{.since = event.created_at - std::chrono::hours(1),
                      .until = event.created_at + std::chrono::hours(1)};
  Composer composer(window, TimeZone::utc(), kinds, rows);
  composer.add({.login = event.login, .preferences = preferences, .events = {event}});
  const auto messages = render(std::move(composer).finish());
  if (messages.size() < 2) {
    return {};
  }
  const std::string text = chat::render_terminal(messages[1], chat::Color::never);
  const std::size_t start = text.find('\n') + 1;
  return text.substr(start, text.find('\n', start) - start);
}

TEST_CASE("every row of the catalog has an example that it shows") {
  for (const Category& row : catalog()) {
    CAPTURE(row.key);
    const Example example = read_example(row.key);
    CHECK(find_category(example.event) == &row);
    CHECK(line_of(example.event, row.key, catalog()) == example.line);
    CHECK(line_of(example.event, "another", catalog()).empty());
  }
}

TEST_CASE("every example belongs to a row") {
  for (const auto& entry : fs::directory_iterator(folder)) {
    CAPTURE(entry.path().string());
    CHECK(std::ranges::find(catalog(), entry.path().stem().string(), &Category::key) !=
          catalog().end());
  }
}

TEST_CASE("a row and its example are all that a new kind of activity takes") {
  std::vector<Category> rows(catalog().begin(), catalog().end());
  rows.push_back({.key = "deletions",
                  .emoji = "wastebasket",
                  .symbol = "🗑️",
                  .singular = "deletion",
                  .plural = "deletions",
                  .lead = " in ",
                  .matches = [](const github::Event& event) { return event.type == "DeleteEvent"; },
                  .link =
                      [](const github::Event& event) {
                        return Link{.text = event.repo, .path = "/" + event.repo};
                      }});
  const Example example = parse_example(R"({
    "line": "🗑️ 1 deletion in ada/engine",
    "event": {"id": "1", "type": "DeleteEvent", "actor": {"id": 1815, "login": "ada"},
              "repo": {"id": 1843, "name": "ada/engine"}, "public": true,
              "payload": {"ref": "old", "ref_type": "branch", "full_ref": "refs/heads/old"},
              "created_at": "2026-11-22T08:00:00Z"}})");
  CHECK(find_category(example.event) == nullptr);
  CHECK(find_row("deletions", rows) == &rows.back());
  CHECK(line_of(example.event, "deletions", rows) == example.line);
  CHECK(line_of(example.event, "stars", rows).empty());
  CHECK(line_of(example.event, "deletions", rows, {.hidden_kinds = {"deletions"}}).empty());
  CHECK(line_of(example.event, "deletions", rows, {.hidden_repositories = {"ada/engine"}}).empty());
}

}  // namespace
}  // namespace bb::github_activity

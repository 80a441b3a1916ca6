// Recorded events of 2012 to 2026. The folder is named by BB_CORPUS and is no part of the project.
#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "base/random.hpp"
#include "github/event_stream.hpp"

namespace bb::github {
namespace {

namespace fs = std::filesystem;

// Counts of one file, made independently with Python's json module.
struct Tally {
  std::string file;
  std::uint64_t events = 0;
  std::uint64_t pushes = 0;
  std::uint64_t stars = 0;
  std::uint64_t pull_requests = 0;
  std::uint64_t forks = 0;
  std::uint64_t releases = 0;
  std::int64_t commits = 0;
  std::uint64_t uncounted_pushes = 0;
  std::uint64_t merged = 0;
  std::uint64_t logins = 0;  // one of them empty where an event has no actor
  std::uint64_t issues = 0;
  std::uint64_t repos = 0;  // distinct ones, of all events that have one
};

const Tally known[] = {
    {"gharchive/2012-06-14-15.json.gz", 5313, 2724, 445, 179, 141, 0, 9696, 0, 52, 2730, 255, 2708},
    {"gharchive/2015-01-01-0.json.gz", 7702, 4280, 642, 315, 213, 24, 9165, 0, 126, 3648, 373,
     4113},
    {"gharchive/2021-07-21-excerpt.ndjson.gz", 800, 425, 58, 64, 19, 3, 1298, 0, 25, 573, 21, 623},
    {"users/azaidrahman/2026-02-18_2026-08-21.ndjson", 647, 529, 28, 46, 2, 0, 0, 529, 23, 1, 1,
     34},
    {"users/deanishe/response-2016-12-26-8635052-events.json", 30, 13, 3, 2, 0, 1, 14, 0, 0, 1, 3,
     5},
    {"users/luqmaan-received/response-2016-09-04-1ae76ce-received_events.json", 30, 0, 24, 0, 3, 0,
     0, 0, 0, 24, 0, 29},
    {"users/agoenks29D/response-2026-08-10-c515de8-events.json", 82, 35, 36, 1, 0, 2, 0, 35, 0, 1,
     0, 42},
    {"users/adrianwedd/2025-07-30_2025-08-07.ndjson", 818, 143, 4, 11, 4, 3, 204, 0, 5, 1, 359, 16},
};

// Empty, after a line that says so, where the recorded events are absent.
fs::path corpus() {
  const char* named = std::getenv("BB_CORPUS");
  const fs::path folder = fs::path(named == nullptr ? "../shared/data" : named) / "github-events";
  if (!fs::is_directory(folder)) {
    MESSAGE("skipped: BB_CORPUS has no recorded events at ", folder.string());
    return {};
  }
  return folder;
}

StreamCounts read(std::istream& in, const std::function<void(const Event&)>& on_event = {}) {
  return read_events(in, {.on_event =
                              [&](const Event& event) {
                                CHECK_FALSE(event.type.empty());
                                CHECK((event.facts.url.empty() ||
                                       event.facts.url.starts_with("https://github.com/")));
                                if (on_event) {
                                  on_event(event);
                                }
                              },
                          .on_rejected = [](const std::string&, const Error&) {}});
}

std::string contents(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

}  // namespace

TEST_CASE("recorded events are counted as they were counted independently") {
  const fs::path folder = corpus();
  if (folder.empty()) {
    return;
  }
  for (const Tally& expected : known) {
    CAPTURE(expected.file);
    std::ifstream in(folder / expected.file, std::ios::binary);
    REQUIRE(in.good());
    Tally found;
    std::set<std::string> logins;
    std::set<std::string> repos;
    const StreamCounts counts = read(in, [&](const Event& event) {
      found.pushes += event.type == "PushEvent" ? 1U : 0U;
      found.stars += event.type == "WatchEvent" ? 1U : 0U;
      found.pull_requests += event.type == "PullRequestEvent" ? 1U : 0U;
      found.forks += event.type == "ForkEvent" ? 1U : 0U;
      found.releases += event.type == "ReleaseEvent" ? 1U : 0U;
      found.commits += event.facts.commits.value_or(0);
      found.uncounted_pushes += event.type == "PushEvent" && !event.facts.commits ? 1U : 0U;
      found.merged += event.facts.merged ? 1U : 0U;
      found.issues += event.type == "IssuesEvent" ? 1U : 0U;
      logins.insert(event.login);
      if (!event.repo.empty()) {
        repos.insert(event.repo);
      }
      if (event.type == "PullRequestEvent" || event.type == "ReleaseEvent" ||
          event.type == "ForkEvent" || event.type == "IssuesEvent") {
        CHECK_FALSE(event.facts.url.empty());
      }
    });
    CHECK(counts.rejected == 0);
    CHECK(counts.events == expected.events);
    CHECK(found.pushes == expected.pushes);
    CHECK(found.stars == expected.stars);
    CHECK(found.pull_requests == expected.pull_requests);
    CHECK(found.forks == expected.forks);
    CHECK(found.releases == expected.releases);
    CHECK(found.commits == expected.commits);
    CHECK(found.uncounted_pushes == expected.uncounted_pushes);
    CHECK(found.merged == expected.merged);
    CHECK(logins.size() == expected.logins);
    CHECK(found.issues == expected.issues);
    CHECK(repos.size() == expected.repos);
  }
}

TEST_CASE("every recorded file is read to its end") {
  const fs::path folder = corpus();
  if (folder.empty()) {
    return;
  }
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) {
      continue;
    }
    CAPTURE(entry.path().string());
    std::ifstream in(entry.path(), std::ios::binary);
    const StreamCounts counts = read(in);
    const std::string name = entry.path().filename().string();
    if (name.ends_with(".ndjson") || name.ends_with(".gz") || name.starts_with("response-")) {
      CHECK(counts.events >= 30);
      CHECK(counts.rejected == 0);
    }
    if (name.ends_with(".meta.json") || name.ends_with(".mapping.json")) {
      CHECK(counts.events == 0);
      CHECK(counts.rejected > 0);
    }
  }
}

TEST_CASE("damaged copies of recorded files are read to their end") {
  const fs::path folder = corpus();
  if (folder.empty()) {
    return;
  }
  SeededRandom random(11);
  for (const std::string file : {"users/deanishe/response-2016-12-26-8635052-events.json",
                                 "users/luqmaan-received/2016-09-04_2016-09-04.ndjson",
                                 "gharchive/2021-07-21-excerpt.ndjson.gz"}) {
    const std::string original = contents(folder / file);
    REQUIRE_FALSE(original.empty());
    std::istringstream whole(original);
    const std::uint64_t all = read(whole).events;
    for (int round = 0; round < 20; ++round) {
      std::istringstream cut(original.substr(0, random.below(original.size())));
      CHECK(read(cut).events <= all);
      std::string text = original;
      const std::uint64_t at = random.below(text.size());
      text[at] = static_cast<char>(static_cast<unsigned char>(text[at]) ^ (1U << random.below(8)));
      std::istringstream flipped(text);
      const StreamCounts counts = read(flipped);
      CHECK(counts.events <= all);
      if (!file.ends_with(".gz")) {
        CHECK(counts.events + 2 >= all);
      }
    }
  }
}

}  // namespace bb::github

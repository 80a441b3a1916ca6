// Feeds and test data of other readers. The folder is named by BB_CORPUS and is no part of the
// project.
#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <string>

#include "features/feeds/formats/document.hpp"

namespace bb::feeds {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view address = "https://feed.example/feed.xml";

// Empty, after a line that says so, where the data is absent.
fs::path corpus(const std::string& folder) {
  const char* named = std::getenv("BB_CORPUS");
  const fs::path path = fs::path(named == nullptr ? "../shared/data" : named) / folder;
  if (!fs::is_directory(path)) {
    MESSAGE("skipped: BB_CORPUS has no feeds at ", path.string());
    return {};
  }
  return path;
}

std::string contents(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// "RSS" for all its versions; the start of the reason where it is refused.
std::string outcome_of(const Result<Document>& document) {
  if (document) {
    return document->format.substr(0, document->format.find_first_of(" 0123456789"));
  }
  return document.error().message.substr(0, 22);
}

using Counts = std::map<std::string, int>;

}  // namespace

TEST_CASE("every feed of other readers' tests is accepted, or refused for a reason") {
  const fs::path folder = corpus("social/feeds");
  if (folder.empty()) {
    return;
  }
  Counts counts;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) {
      continue;
    }
    CAPTURE(entry.path().string());
    const Result<Document> document = parse_document(contents(entry.path()), address);
    ++counts[outcome_of(document)];
    if (!document) {
      continue;
    }
    std::set<std::string> ids;
    for (const Item& item : document->items) {
      CHECK_FALSE(item.id.empty());
      CHECK(ids.insert(item.id).second);
      CHECK((item.url.empty() || item.url.starts_with("http")));
    }
  }
  // As counted with Python's expat: 1,149 well-formed feeds, all of them accepted, and 19 other
  // well-formed documents; of 298 that are not well-formed 279 can be read nevertheless. The table
  // of docs/feeds.md says the same.
  CHECK(counts == Counts{{"RSS", 698},
                         {"Atom", 724},
                         {"JSON", 6},
                         {"the XML is not well-fo", 19},
                         {"this is XML, but neith", 19}});
}

TEST_CASE("feeds of today are read with all their items") {
  const fs::path folder = corpus("social/feeds");
  if (folder.empty()) {
    return;
  }
  struct Row {
    const char* file;
    const char* title;
    std::size_t items;
  };
  const Row rows[] = {
      {"feed-rs/atom/atom_mediarss_reddit_1.xml", "newest submissions : homelab", 25},
      {"picofeed/sametmax.xml", "Sam & Max: Python, Django, Git et du cul", 10},
      {"picofeed/univers_freebox.xml", "Univers Freebox", 30},
      {"picofeed/ibash.ru.xml", "iBash.Org.Ru", 50},
      {"feed-rs/atom/atom_example_6.xml", "Release notes from feed-rs", 4},
      {"feed-rs/rss1/rss_1.0_debian.xml", "Debian News", 1},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.file));
    const Result<Document> document = parse_document(contents(folder / row.file), address);
    REQUIRE(document.has_value());
    CHECK(document->title == row.title);
    CHECK(document->items.size() == row.items);
    for (const Item& item : document->items) {
      CHECK(item.published_at.has_value());
      CHECK(item.url.starts_with("http"));
      CHECK_FALSE(item.title.empty());
    }
  }
}

TEST_CASE(
    "no file of any other kind is taken for a feed, and no start of a feed breaks the reader") {
  const fs::path folder = corpus("social");
  if (folder.empty()) {
    return;
  }
  constexpr std::size_t longest = 64 * 1024;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) {
      continue;
    }
    CAPTURE(entry.path().string());
    const std::string octets = contents(entry.path());
    if (entry.path().string().find("/feeds/") == std::string::npos) {
      CHECK_FALSE(parse_document(octets, address).has_value());
    }
    const std::string half = octets.substr(0, std::min(octets.size() / 2, longest));
    const Result<Document> document = parse_document(half, address);
    CHECK((document.has_value() || !document.error().message.empty()));
  }
}

}  // namespace bb::feeds

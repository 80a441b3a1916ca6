#include "features/feeds/formats/entry.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string>

namespace bb::feeds {
namespace {

using namespace std::chrono_literals;

struct Written {
  std::string id = {};
  std::string link = {};
  std::string title = {};
  int day = 0;  // of publication; 0: none
};

Entry entry(const Written& written) {
  Entry result{.id = written.id, .link = written.link};
  result.item.title = written.title;
  if (written.day > 0) {
    result.item.published_at = TimePoint(std::chrono::days(20'000 + written.day));
  }
  return result;
}

std::vector<std::string> ids_of(const std::vector<Written>& written) {
  std::vector<Entry> entries;
  std::ranges::transform(written, std::back_inserter(entries), entry);
  std::vector<std::string> ids;
  for (const Item& item : with_ids(std::move(entries))) {
    ids.push_back(item.id);
  }
  return ids;
}

std::string id_of(const Written& written) {
  return ids_of({written}).at(0);
}

using Ids = std::vector<std::string>;

}  // namespace

TEST_CASE("an item's id is its own, else its link, else made of its words") {
  CHECK(id_of({.id = " tag:1 ", .link = "/1", .title = "One"}) == "tag:1");
  CHECK(id_of({.link = "/posts/1", .title = "One"}) == "/posts/1");
  CHECK(id_of({.title = "One"}) == id_of({.title = "One", .day = 3}));
  CHECK(id_of({.title = "One"}) != id_of({.title = "Two"}));
  CHECK(ids_of({{}}).empty());
}

TEST_CASE("a site that begins to use https has the same items") {
  CHECK(id_of({.id = "http://example.org/1"}) == id_of({.id = "https://example.org/1"}));
  CHECK(id_of({.link = "HTTP://example.org/1"}) == id_of({.link = "https://example.org/1"}));
}

TEST_CASE("an id of any length is bounded and still tells items apart") {
  const std::string stem(1'000, 'x');
  CHECK(id_of({.id = stem + "1"}).size() < 100);
  CHECK(id_of({.id = stem + "1"}) != id_of({.id = stem + "2"}));
}

TEST_CASE("copies of an item are left out") {
  CHECK(ids_of({{.id = "1", .title = "One"}, {.id = "1", .title = "One"}}) == Ids{"1"});
}

TEST_CASE("items that share an id keep it in the oldest, whatever their order") {
  const Written old{.id = "same", .link = "/1", .title = "One", .day = 1};
  const Written middle{.id = "same", .link = "/2", .title = "Two", .day = 2};
  const Written young{.id = "same", .link = "/3", .title = "Three", .day = 3};
  const Ids ids = ids_of({young, middle, old});
  REQUIRE(ids.size() == 3);
  CHECK(ids[2] == "same");
  CHECK(std::set<std::string>(ids.begin(), ids.end()).size() == 3);
  CHECK(ids_of({old, young, middle}) == Ids{ids[2], ids[0], ids[1]});
  // The one that came first is known by the id it had alone, and another that comes is new.
  CHECK(ids_of({old}) == Ids{"same"});
  CHECK(ids_of({middle, old}) == Ids{ids[1], "same"});
}

TEST_CASE("items that share an id and have no date keep it in the last of the feed") {
  CHECK(ids_of({{.id = "same", .link = "/2"}, {.id = "same", .link = "/1"}}).at(1) == "same");
}

TEST_CASE("versions that are not final are told from others") {
  for (const char* version :
       {"v1.0.0-rc.1", "1.2.0-RC1", "2.0b3", "3.0a1", "v5-beta", "1.0-alpha.2",
        "nightly-2026-11-01", "1.0.0-SNAPSHOT", "v0.9-preview", "1.0.dev0"}) {
    CAPTURE(std::string(version));
    CHECK(is_prerelease(version));
  }
  for (const char* version : {"v1.0.0", "1.2", "boost-1.81.0", "2026-11-01", "release", "v1b",
                              "developer-tools-2", "llvmorg-19.1.0", ""}) {
    CAPTURE(std::string(version));
    CHECK_FALSE(is_prerelease(version));
  }
}

}  // namespace bb::feeds

// Recorded answers of the networks. The folder is named by BB_CORPUS and is no part of the project.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "features/feeds/sources/bluesky/payload.hpp"
#include "features/feeds/sources/mastodon/payload.hpp"
#include "features/feeds/sources/x/payload.hpp"

namespace bb::feeds {
namespace {

namespace fs = std::filesystem;

// Empty, after a line that says so, where the recorded answers are absent.
fs::path corpus() {
  const char* named = std::getenv("BB_CORPUS");
  const fs::path folder = fs::path(named == nullptr ? "../shared/data" : named) / "social";
  if (!fs::is_directory(folder)) {
    MESSAGE("skipped: BB_CORPUS has no recorded answers at ", folder.string());
    return {};
  }
  return folder;
}

std::string unzipped(const fs::path& path) {
  const auto close = [](std::FILE* file) { pclose(file); };
  const std::unique_ptr<std::FILE, decltype(close)> pipe(
      popen(("gzip -dc '" + path.string() + "'").c_str(), "r"), close);
  std::string text;
  std::array<char, 65'536> part{};
  while (const std::size_t size = std::fread(part.data(), 1, part.size(), pipe.get())) {
    text.append(part.data(), size);
  }
  return text;
}

std::string contents(const fs::path& path) {
  if (path.extension() == ".gz") {
    return unzipped(path);
  }
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void for_each_file(const fs::path& folder,
                   const std::function<void(const fs::path&, const std::string&)>& use) {
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) {
      use(entry.path(), contents(entry.path()));
    }
  }
}

void check(const Item& item) {
  CHECK_FALSE(item.id.empty());
  CHECK((item.url.empty() || item.url.starts_with("http")));
  CHECK_FALSE(item.text.contains("https://t.co/pic"));
}

}  // namespace

TEST_CASE("recorded pages of X have the posts that they list") {
  const fs::path folder = corpus();
  if (folder.empty()) {
    return;
  }
  // Posts by file, counted independently with Python's json module.
  std::map<std::string, std::size_t> posts = {{"brexit.jsonl.gz", 100},
                                              {"entities_test.jsonl.gz", 474},
                                              {"kpop.jsonl.gz", 100},
                                              {"noflat.jsonl.gz", 100},
                                              {"quoted_edit.jsonl", 1},
                                              {"geo_tweets.jsonl", 2},
                                              {"edited_after.jsonl", 1},
                                              {"media_tweet.jsonl", 1},
                                              {"test_client_get_users_tweets.0.json", 2}};
  for_each_file(folder / "x-v2", [&](const fs::path& path, const std::string& text) {
    CAPTURE(path.string());
    const auto expected = posts.find(path.filename().string());
    std::size_t found = 0;
    for (const std::string_view line : split(text, '\n')) {
      const auto page = x::parse_page(line, "https://x.com/i");
      if (page) {
        std::ranges::for_each(page->items, &check);
        found += page->items.size();
        CHECK(page->billed >= page->items.size());
      }
    }
    if (expected != posts.end()) {
      CHECK(found == expected->second);
      posts.erase(expected);
    }
  });
  CHECK(posts.empty());
}

TEST_CASE("no recorded answer of X, of any version, breaks a parser") {
  const fs::path folder = corpus();
  if (folder.empty()) {
    return;
  }
  for (const char* version : {"x-v1.1", "x-v2", "recorded"}) {
    for_each_file(folder / version, [&](const fs::path& path, const std::string& text) {
      CAPTURE(path.string());
      const auto page = x::parse_page(text, "https://x.com/i");
      const auto post = x::parse_post(text, "https://x.com/i");
      const auto user = x::parse_user(text);
      // Nothing is more than one of these.
      CHECK((page ? 1 : 0) + (post ? 1 : 0) + (user ? 1 : 0) <= 1);
      for (const int status : {401, 402, 403, 404, 429, 503}) {
        CHECK_FALSE(
            x::refusal({.status = status, .headers = {}, .body = text}, {}).message.empty());
      }
    });
  }
}

TEST_CASE("recorded answers of Bluesky have the posts that they list") {
  const fs::path folder = corpus();
  if (folder.empty()) {
    return;
  }
  const std::string feed = contents(folder / "bluesky/blueskyprofiler/feeds-author_feed.json");
  const auto page = bluesky::parse_author_feed(feed);
  REQUIRE(page);
  std::size_t replies = 0;
  for (const bluesky::Entry& entry : page->entries) {
    check(entry.item);
    replies += entry.item.is_reply ? 1 : 0;
  }
  CHECK(page->entries.size() == 5);
  CHECK(replies == 1);
  CHECK(bluesky::parse_did(contents(folder / "bluesky/marshalx-atproto/resolve_handle.json")));
  std::size_t posts = 0;
  for_each_file(folder / "bluesky", [&](const fs::path& path, const std::string& text) {
    CAPTURE(path.string());
    // Many files have one entry of a feed.
    const auto one = bluesky::parse_author_feed("{\"feed\":[" + text + "]}");
    REQUIRE(one);
    posts += one->entries.size();
    for (const bluesky::Entry& entry : one->entries) {
      check(entry.item);
    }
    const auto whole = bluesky::parse_author_feed(text);
    const auto post = bluesky::parse_post(text);
    CHECK((whole ? 1 : 0) + (post ? 1 : 0) <= 1);
  });
  CHECK(posts == 12);
}

TEST_CASE("recorded answers of Mastodon have the statuses that they list") {
  const fs::path folder = corpus();
  if (folder.empty()) {
    return;
  }
  std::size_t lists = 0;
  std::size_t statuses = 0;
  std::size_t reposts = 0;
  for_each_file(folder / "mastodon", [&](const fs::path& path, const std::string& text) {
    CAPTURE(path.string());
    const auto list = mastodon::parse_statuses(text);
    const auto status = mastodon::parse_status(text);
    CHECK((list ? 1 : 0) + (status ? 1 : 0) <= 1);
    if (list && !list->empty()) {
      ++lists;
    }
    for (const Item& item : list.value_or(std::vector<Item>())) {
      check(item);
      CHECK_FALSE(item.text.contains("</"));
      ++statuses;
      reposts += item.is_repost ? 1 : 0;
    }
    if (text == "{\"error\":\"Record not found\"}") {
      CHECK(status.error().code == ErrorCode::bad_response);
    }
  });
  CHECK(lists == 13);
  CHECK(statuses == 114);
  CHECK(reposts == 12);
}

}  // namespace bb::feeds

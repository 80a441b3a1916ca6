#include "features/feeds/sources/rss/rss.hpp"

#include <doctest/doctest.h>

#include <map>
#include <string>

#include "base/time.hpp"

namespace bb::feeds {
namespace {

using namespace std::chrono_literals;

const VirtualClock test_clock{TimePoint(1'793'388'800s)};

// Answers each address as a test says, and keeps what it was asked.
class Web final : public http::Client {
 public:
  Result<http::Response> send(const http::ClientRequest& request) override {
    requests.push_back(request);
    const auto found = answers.find(request.url);
    return found != answers.end() ? found->second
                                  : fail(ErrorCode::unavailable, request.url + ": no connection");
  }

  void answer(const std::string& url, int status, http::Headers headers = {},
              std::string body = {}) {
    answers.insert_or_assign(
        url,
        http::Response{.status = status, .headers = std::move(headers), .body = std::move(body)});
  }

  std::map<std::string, Result<http::Response>> answers;
  std::vector<http::ClientRequest> requests;
};

struct Written {
  std::string id;
  std::string time = {};
};

std::string feed(const std::vector<Written>& items, const std::string& title = "A blog") {
  std::string written;
  for (const Written& item : items) {
    written += "<item><guid>" + item.id + "</guid><title>Item " + item.id + "</title>" +
               (item.time.empty() ? "" : "<pubDate>" + item.time + "</pubDate>") + "</item>";
  }
  return "<rss version='2.0'><channel><title>" + title + "</title>" + written + "</channel></rss>";
}

const std::string blog = "https://blog.example/feed";
const Target target{.source = "rss", .address = blog, .name = "A blog"};

struct Fixture {
  Result<Target> resolve(const std::string& typed) {
    auto step = source->resolve(typed);
    REQUIRE(step.has_value());
    return run(web, *std::move(step));
  }
  Result<Batch> fetch(const Position& position = {}) {
    return run(web, source->fetch(target, position));
  }
  Result<std::optional<Item>> look_up(const Item& item) {
    return run(web, source->look_up(target, item));
  }

  Web web;
  std::unique_ptr<Source> source = make_rss(test_clock);
};

Item item_at(const std::string& id, const std::string& time) {
  return {.id = id, .title = "Item " + id, .published_at = parse_rfc3339(time).value()};
}

}  // namespace

TEST_CASE("an address of a feed is resolved to it") {
  Fixture fixture;
  fixture.web.answer(blog, 200, {}, feed({{"1"}}));
  const auto resolved = fixture.resolve("blog.example/feed");
  REQUIRE(resolved.has_value());
  CHECK(*resolved == target);
}

TEST_CASE("http is tried where nobody answers at https") {
  Fixture fixture;
  fixture.web.answer("http://blog.example/feed", 200, {}, feed({}, ""));
  const auto resolved = fixture.resolve("blog.example/feed");
  REQUIRE(resolved.has_value());
  CHECK(*resolved ==
        Target{.source = "rss", .address = "http://blog.example/feed", .name = "blog.example"});
  CHECK_FALSE(fixture.resolve("https://blog.example/feed").has_value());
}

TEST_CASE("a page is resolved to the feed that it names, not to that of its comments") {
  Fixture fixture;
  fixture.web.answer("https://blog.example/", 200, {},
                     "<!DOCTYPE html><link rel=alternate type=application/rss+xml "
                     "href=/comments/feed><link rel=alternate type=application/rss+xml href=feed>");
  fixture.web.answer(blog, 200, {}, feed({{"1"}}));
  const auto resolved = fixture.resolve("https://blog.example");
  REQUIRE(resolved.has_value());
  CHECK(*resolved == target);
}

TEST_CASE("a page of YouTube that names no feed is known by its channel") {
  Fixture fixture;
  const std::string videos =
      "https://www.youtube.com/feeds/videos.xml?channel_id=UCAuUUnT6oDeKwE6v1NGQxug";
  fixture.web.answer("https://www.youtube.com/@CppCon", 200, {},
                     "<!DOCTYPE html><html><head><link rel=canonical "
                     "href=https://www.youtube.com/channel/UCAuUUnT6oDeKwE6v1NGQxug>");
  fixture.web.answer(videos, 200, {}, feed({}, "CppCon"));
  const auto resolved = fixture.resolve("https://www.youtube.com/@CppCon");
  REQUIRE(resolved.has_value());
  CHECK(resolved->address == videos);
}

TEST_CASE("what is no feed is refused with the host and the reason") {
  Fixture fixture;
  fixture.web.answer(blog, 200, {}, "<!DOCTYPE html><title>Hello</title>");
  CHECK(fixture.resolve(blog).error().message ==
        "blog.example: this web page names no feed; give the feed's own address");
  fixture.web.answer(blog, 200, {}, "hello");
  CHECK(fixture.resolve(blog).error().message == "blog.example: this is neither XML nor JSON");
  fixture.web.answer(blog, 404);
  CHECK(fixture.resolve(blog).error().message ==
        "blog.example has no such account or page (HTTP 404)");
}

TEST_CASE("what the feed said of its state is given back verbatim") {
  Fixture fixture;
  fixture.web.answer(blog, 200,
                     {{"ETag", "W/\"a\""}, {"Last-Modified", "Sun, 22 Nov 2026 19:33:20 GMT"}},
                     feed({{"1"}, {"2"}}));
  const auto first = fixture.fetch();
  REQUIRE(first.has_value());
  CHECK(first->items.size() == 2);
  const Position expected{.etag = "W/\"a\"", .last_modified = "Sun, 22 Nov 2026 19:33:20 GMT"};
  CHECK(first->position == expected);
  CHECK_FALSE(fixture.web.requests[0].headers.find("If-None-Match").has_value());

  fixture.web.answer(blog, 304);
  const auto second = fixture.fetch(first->position);
  REQUIRE(second.has_value());
  CHECK(*second == Batch{.target = target, .position = expected});
  CHECK(fixture.web.requests[1].headers.find("If-None-Match") == "W/\"a\"");
  CHECK(fixture.web.requests[1].headers.find("If-Modified-Since") == expected.last_modified);
}

TEST_CASE("a feed that moved for good is asked at its new address, others are not") {
  struct Row {
    std::vector<int> statuses;
    std::string expected;
  };
  const Row rows[] = {
      {{301}, "https://b.example/1"},
      {{308, 301}, "https://b.example/2"},
      {{302}, blog},
      {{303}, blog},
      {{307, 301}, blog},
      {{301, 302, 301}, "https://b.example/1"},
  };
  for (const Row& row : rows) {
    Fixture fixture;
    std::string from = blog;
    for (std::size_t i = 0; i < row.statuses.size(); ++i) {
      const std::string to = "https://b.example/" + std::to_string(i + 1);
      fixture.web.answer(from, row.statuses[i], {{"Location", to}});
      from = to;
    }
    fixture.web.answer(from, 200, {}, feed({{"1"}}));
    const auto batch = fixture.fetch();
    REQUIRE(batch.has_value());
    CHECK(batch->target.address == row.expected);
    CHECK(batch->items.size() == 1);
  }
}

TEST_CASE("a feed has not moved to what is no feed") {
  Fixture fixture;
  fixture.web.answer(blog, 301, {{"Location", "/parked"}});
  fixture.web.answer("https://blog.example/parked", 200, {}, "<html>For sale</html>");
  CHECK(fixture.fetch().error().message == "blog.example: this is a web page, not a feed");
}

TEST_CASE("redirects are followed five times, and only to the web") {
  Fixture fixture;
  fixture.web.answer(blog, 302, {{"Location", "/feed"}});
  const auto endless = fixture.fetch();
  REQUIRE_FALSE(endless.has_value());
  CHECK(endless.error().message == "blog.example redirects again after 5 redirects");
  CHECK(fixture.web.requests.size() == 6);
  for (const char* location : {"file:///etc/passwd", "ftp://blog.example/", ""}) {
    fixture.web.answer(blog, 302, {{"Location", location}});
    CHECK(fixture.fetch().error().message ==
          "blog.example redirects to what is no address of the web");
  }
  fixture.web.answer(blog, 302, {{"Location", "https://ada:secret@b.example/"}});
  CHECK_FALSE(fixture.fetch().has_value());
  CHECK(fixture.web.requests.back().url == "https://b.example/");
}

TEST_CASE("a feed that is gone says so and others that fail are errors") {
  Fixture fixture;
  fixture.web.answer(blog, 410);
  const auto gone = fixture.fetch();
  REQUIRE(gone.has_value());
  CHECK(gone->is_gone);
  fixture.web.answer(blog, 301, {{"Location", "https://b.example/"}});
  fixture.web.answer("https://b.example/", 410);
  CHECK(fixture.fetch().value().is_gone);
  fixture.web.answer(blog, 302, {{"Location", "https://b.example/"}});
  CHECK(fixture.fetch().error().code == ErrorCode::not_found);
  struct Row {
    int status;
    ErrorCode code;
  };
  for (const Row& row : {Row{404, ErrorCode::not_found}, Row{403, ErrorCode::forbidden},
                         Row{429, ErrorCode::rate_limited}, Row{500, ErrorCode::unavailable},
                         Row{503, ErrorCode::unavailable}, Row{206, ErrorCode::bad_response}}) {
    fixture.web.answer(blog, row.status, {{"Retry-After", "120"}});
    const auto failed = fixture.fetch();
    REQUIRE_FALSE(failed.has_value());
    CHECK(failed.error().code == row.code);
    const bool passes = row.status == 429 || row.status >= 500;
    CHECK(failed.error().retry_after == (passes ? std::optional(120s) : std::nullopt));
  }
}

TEST_CASE("a feed is left alone for as long as its answer is fresh, at most a day") {
  Fixture fixture;
  const auto wait = [&](const std::string& control) {
    fixture.web.answer(blog, 200, {{"Cache-Control", control}}, feed({}));
    return fixture.fetch().value().wait;
  };
  CHECK(wait("public, Max-Age=900") == 900s);
  CHECK(wait("max-age=99999999999") == std::chrono::seconds(24h));
  CHECK_FALSE(wait("max-age=0").has_value());
  CHECK_FALSE(wait("no-cache").has_value());
  CHECK_FALSE(wait("max-age=soon").has_value());
}

TEST_CASE("an item that is looked up is as its feed has it now") {
  Fixture fixture;
  fixture.web.answer(blog, 200, {}, feed({{"1", "Sun, 22 Nov 2026 19:33:20 GMT"}}));
  Item old = item_at("1", "2026-11-22T19:33:20Z");
  old.title = "Before the edit";
  const auto found = fixture.look_up(old);
  REQUIRE(found.has_value());
  CHECK(*found == item_at("1", "2026-11-22T19:33:20Z"));
  CHECK_FALSE(fixture.web.requests[0].headers.find("If-None-Match").has_value());
}

TEST_CASE("an item that is missing in its feed was deleted only if its own page says so") {
  Fixture fixture;
  Item item = item_at("2", "2026-11-22T19:33:20Z");
  item.url = "https://blog.example/2";
  for (const std::string& document :
       {feed({}), feed({{"3", "2026-11-23"}, {"1", "2026-11-21"}}), feed({{"3", "2026-11-23"}})}) {
    fixture.web.answers.clear();
    fixture.web.answer(blog, 200, {}, document);
    CHECK(fixture.look_up(item).value() == std::optional(item));
    for (const int status : {200, 403, 500}) {
      fixture.web.answer(item.url, status);
      CHECK(fixture.look_up(item).value() == std::optional(item));
    }
    for (const int status : {404, 410}) {
      fixture.web.answer(item.url, status);
      CHECK(fixture.look_up(item).value() == std::optional<Item>());
    }
    CHECK(fixture.web.requests.back().method == "HEAD");
  }
}

TEST_CASE("an item without a page that tells was deleted if its feed still has an older one") {
  Fixture fixture;
  Item item = item_at("2", "2026-11-22T19:33:20Z");
  for (const char* url : {"", "https://www.youtube.com/watch?v=2"}) {
    item.url = url;
    fixture.web.answer(blog, 200, {}, feed({{"3", "2026-11-23"}, {"1", "2026-11-21"}}));
    CHECK(fixture.look_up(item).value() == std::optional<Item>());
    fixture.web.answer(blog, 200, {}, feed({{"4", "2026-11-24"}, {"3", "2026-11-23"}}));
    CHECK(fixture.look_up(item).value() == std::optional(item));
  }
}

TEST_CASE("a feed that cannot be read says nothing about its items") {
  Fixture fixture;
  const Item item = item_at("2", "2026-11-22T19:33:20Z");
  CHECK_FALSE(fixture.look_up(item).has_value());
  fixture.web.answer(blog, 500);
  CHECK_FALSE(fixture.look_up(item).has_value());
  fixture.web.answer(blog, 200, {}, "<rss><channel>");
  CHECK_FALSE(fixture.look_up(item).has_value());
}

}  // namespace bb::feeds

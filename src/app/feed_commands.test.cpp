#include "app/feed_commands.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <sstream>

#include "features/feeds/sources/rss/rss.hpp"
#include "http/server.hpp"
#include "tests/temporary_folder.hpp"

namespace bb::app {
namespace {

const VirtualClock test_clock{TimePoint(std::chrono::seconds(1'793'388'800))};

constexpr std::string_view feed =
    "<rss version='2.0'><channel><title>A blog</title><link>https://blog.example/</link>"
    "<item><title>No date</title><guid>0</guid></item>"
    "<item><title>Oldest</title><guid>1</guid><pubDate>2026-11-20</pubDate></item>"
    "<item><title>Newest</title><link>https://blog.example/3</link><pubDate>2026-11-22</pubDate>"
    "<description>&lt;p&gt;It is out.&lt;/p&gt;</description></item>"
    "<item><title>Middle</title><guid>2</guid><pubDate>2026-11-21</pubDate></item>"
    "</channel></rss>";

struct Fixture {
  int preview(const std::string& address) {
    out.str("");
    err.str("");
    return preview_feed({.address = address}, sources, *client, out, err);
  }

  std::string file(std::string_view content) {
    const std::string name = folder.path("feed.xml");
    std::ofstream(name, std::ios::binary) << content;
    return name;
  }

  tests::TemporaryFolder folder;
  feeds::Sources sources;
  std::unique_ptr<http::Client> client = http::make_curl_client(
      {.user_agent = "test", .public_only = http::PublicOnly{.allowed_hosts = {"127.0.0.1"}}});
  std::ostringstream out;
  std::ostringstream err;

  Fixture() { sources.push_back(feeds::make_rss(test_clock)); }
};

std::unique_ptr<http::Server> serve(std::string_view body, Random& random) {
  auto server = http::Server::start(
      "127.0.0.1", 0, {},
      {.handle =
           [body](const http::Request&) {
             return http::Response{.status = 200, .headers = {}, .body = std::string(body)};
           }},
      test_clock, random);
  REQUIRE(server.has_value());
  return *std::move(server);
}

std::string url_of(const http::Server& server, const std::string& host = "127.0.0.1") {
  return "http://" + host + ":" + std::to_string(server.port()) + "/feed";
}

}  // namespace

TEST_CASE("feeds preview shows the newest three items of a file") {
  Fixture fixture;
  CHECK(fixture.preview(fixture.file(feed)) == 0);
  const std::string shown = fixture.out.str();
  CHECK(
      shown.starts_with("A blog\nRSS 2.0, 4 items, https://blog.example/\n\n"
                        "1. published 2026-11-22T00:00:00Z\n"));
  CHECK(shown.find("It is out.") != std::string::npos);
  CHECK(shown.find("Newest") < shown.find("Middle"));
  CHECK(shown.find("Middle") < shown.find("Oldest"));
  CHECK(shown.find("No date") == std::string::npos);
  CHECK(fixture.err.str().empty());
}

TEST_CASE("feeds preview shows a feed at an address") {
  Fixture fixture;
  SeededRandom random(1);
  const auto server = serve(feed, random);
  CHECK(fixture.preview(url_of(*server)) == 0);
  CHECK(fixture.out.str().starts_with("A blog\nRSS 2.0, 4 items"));
}

TEST_CASE("feeds preview says why something is refused") {
  Fixture fixture;
  const std::string name = fixture.file("<opml/>");
  CHECK(fixture.preview(name) == 2);
  CHECK(fixture.err.str() ==
        "busy-beaver: " + name +
            ": this is XML, but neither RSS nor Atom: it begins with <opml>\n");
  CHECK(fixture.out.str().empty());
  CHECK(fixture.preview(fixture.file(std::string(6'000'000, ' '))) == 2);
  CHECK(fixture.err.str().find("larger than 5 MiB") != std::string::npos);
  CHECK(fixture.preview("nothing like it") == 2);
}

TEST_CASE("feeds preview does not connect to what is not public") {
  Fixture fixture;
  SeededRandom random(1);
  const auto server = serve(feed, random);
  CHECK(fixture.preview(url_of(*server, "localhost")) == 2);
  CHECK(fixture.err.str().find("is not an address of the public Internet") != std::string::npos);
}

TEST_CASE("feeds preview tells what could not be asked from what is refused") {
  Fixture fixture;
  SeededRandom random(1);
  auto server = serve(feed, random);
  const std::string url = url_of(*server);
  server.reset();
  CHECK(fixture.preview(url) == 1);
}

}  // namespace bb::app

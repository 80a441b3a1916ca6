#include <doctest/doctest.h>

#include <chrono>

#include "crypto/crypto.hpp"
#include "sim/social_fixture.test.hpp"

namespace bb::sim {
namespace {

using namespace std::chrono_literals;
using test::SocialFixture;

std::string bearer_of(SocialFixture& world) {
  const SocialOptions& options = world.social->options();
  const http::Response response =
      world.send({.method = "POST",
                  .url = world.social->x_api_url() + "/oauth2/token",
                  .headers = {{"Authorization",
                               "Basic " + crypto::to_base64(options.x_consumer_key + ":" +
                                                            options.x_consumer_secret.reveal())},
                              {"Content-Type", "application/x-www-form-urlencoded"}},
                  .body = "grant_type=client_credentials"});
  return "Bearer " + json::string(SocialFixture::json_of(response), "access_token").value_or("");
}

}  // namespace

TEST_CASE("simulated feeds answer 304 to whoever has seen all of them") {
  SocialFixture world;
  world.social->add_post(Network::rss, "blog", {.text = "One", .title = "First"});
  const std::string url = world.social->address(Network::rss, "blog");
  const http::Response first = world.get(url);
  CHECK(first.status == 200);
  CHECK(first.body.contains("<title>First</title>"));
  const std::string tag = first.headers.find("ETag").value_or("");
  const std::string date = first.headers.find("Last-Modified").value_or("");
  CHECK(world.get(url, {{"If-None-Match", tag}}).status == 304);
  CHECK(world.get(url, {{"If-Modified-Since", date}}).status == 304);
  CHECK(world.social->not_modified() == 2);
  world.clock.advance(1min);
  world.social->add_post(Network::rss, "blog", {.text = "Two", .title = "Second"});
  CHECK(world.get(url, {{"If-None-Match", tag}, {"If-Modified-Since", date}}).status == 200);
  CHECK(world.get(url, {{"If-Modified-Since", date}}).status == 200);
}

TEST_CASE("simulated feeds move and end") {
  SocialFixture world;
  world.social->add_post(Network::atom, "blog", {.text = "One", .title = "First"});
  const std::string url = world.social->address(Network::atom, "blog");
  world.social->move_feed(Network::atom, "blog", "new-blog");
  const std::string target = world.social->address(Network::atom, "new-blog");
  const http::Response moved = world.get(url);
  CHECK(moved.status == 301);
  CHECK(moved.headers.find("Location") == target);
  CHECK(world.get(target).body.contains("First"));
  world.social->end_feed(Network::atom, "new-blog");
  CHECK(world.get(target).status == 410);
}

TEST_CASE("a simulated post appears when its time has come, and not after it was deleted") {
  SocialFixture world;
  const std::string url = world.social->address(Network::youtube, "ada");
  const std::string id = world.social->add_post(
      Network::youtube, "ada", {.text = "", .title = "A film", .at = world.clock.now() + 1h});
  CHECK_FALSE(world.get(url).body.contains(id));
  world.clock.advance(1h);
  CHECK(world.get(url).body.contains(id));
  world.social->delete_post(Network::youtube, "ada", id);
  CHECK_FALSE(world.get(url).body.contains(id));
}

TEST_CASE("a simulated network is out, and its faults hit the address that they name") {
  SocialFixture world;
  const std::string url = world.social->address(Network::json_feed, "blog");
  world.social->set_outage(Network::json_feed, 404);
  CHECK(world.get(url).status == 404);
  world.social->set_outage(Network::json_feed, std::nullopt);
  world.social->add_fault("/feeds/blog.json", rate_limited(90s));
  const http::Response limited = world.get(url);
  CHECK(limited.status == 429);
  CHECK(limited.headers.find("Retry-After") == "90");
  CHECK(world.get(url).status == 200);
  CHECK(world.social->requests("/feeds/blog.json") == 3);
}

TEST_CASE("a source of faults is asked with the path of a simulated feed") {
  SocialFixture world;
  const std::string url = world.social->address(Network::rss, "blog");
  std::string asked;
  world.social->draw_faults([&](std::string_view path) -> std::optional<Fault> {
    asked += path;
    return refused();
  });
  world.social->add_fault("/feeds/blog.rss", server_error());
  CHECK(world.get(url).status == 500);
  CHECK(asked.empty());
  CHECK(world.get(url).status == 503);
  CHECK(asked == "/feeds/blog.rss");
}

TEST_CASE("a page of a simulated site names its feeds") {
  SocialFixture world;
  const std::string page = world.social->page_address(Network::rss, "blog");
  CHECK(world.get(page).body.contains("href=\"/feeds/blog.rss\""));
}

TEST_CASE("the simulated X asks for credentials, and charges for a post once a day") {
  SocialFixture world;
  world.social->add_post(Network::x, "ada", {.text = "Hello", .pictures = 2});
  const std::string api = world.social->x_api_url();
  CHECK(world.get(api + "/2/users/by/username/ada").status == 401);
  const http::Headers headers{{"Authorization", bearer_of(world)}};
  const auto user = SocialFixture::json_of(world.get(api + "/2/users/by/username/Ada", headers));
  const std::string id = json::string(user, "data.id").value_or("");
  const std::string url = api + "/2/users/" + id + "/tweets?max_results=5";
  for (int i = 0; i < 2; ++i) {
    const http::Response posts = world.get(url, headers);
    CHECK(json::integer(SocialFixture::json_of(posts), "meta.result_count") == 1);
    CHECK(posts.headers.find("x-rate-limit-limit") == "10000");
  }
  CHECK(world.social->x_post_reads() == 1);
  CHECK(world.social->x_user_reads() == 1);
  world.clock.advance(24h);
  CHECK(world.get(url, headers).status == 200);
  CHECK(world.social->x_post_reads() == 2);
  world.social->set_x_credits(0);
  CHECK(world.get(url, headers).status == 402);
  world.social->revoke_x_bearers();
  CHECK(world.get(url, headers).status == 401);
}

TEST_CASE("the simulated Mastodon refuses whoever is not signed in, but for its RSS") {
  SocialFixture world;
  const std::string id = world.social->add_post(
      Network::mastodon, "ada", {.text = "Hi #cpp", .link = "https://example.org/a/long/address"});
  const std::string profile = world.social->address(Network::mastodon, "ada");
  const std::string api = profile.substr(0, profile.rfind('/')) + "/api/v1/";
  const auto account = SocialFixture::json_of(world.get(api + "accounts/lookup?acct=ada"));
  const std::string statuses =
      api + "accounts/" + json::string(account, "id").value_or("") + "/statuses";
  CHECK(world.get(statuses).body.contains("<p>Hi "));
  CHECK(world.get(statuses + "?since_id=" + id).body == "[]");
  world.social->set_mastodon_refusal(422);
  CHECK(world.get(statuses).status == 422);
  CHECK(world.get(profile + ".rss").body.contains(id));
}

TEST_CASE("the simulated Bluesky pages through the posts of an author") {
  SocialFixture world;
  for (int i = 0; i < 3; ++i) {
    world.clock.advance(1min);
    world.social->add_post(Network::bluesky, "ada.example", {.text = "Hi", .is_reply = i == 1});
  }
  const std::string feed = world.social->bluesky_api_url() +
                           "/xrpc/app.bsky.feed.getAuthorFeed?actor=ada.example&limit=1"
                           "&filter=posts_no_replies";
  const auto first = SocialFixture::json_of(world.get(feed));
  CHECK(json::string(first, "cursor") == "1");
  const auto second = SocialFixture::json_of(world.get(feed + "&cursor=1"));
  CHECK(json::array(second, "feed")->size() == 1);
  CHECK_FALSE(json::string(second, "cursor"));
}

}  // namespace bb::sim

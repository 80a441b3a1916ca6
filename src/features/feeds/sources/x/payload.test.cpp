#include "features/feeds/sources/x/payload.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>

namespace bb::feeds::x {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint now{std::chrono::milliseconds(1'795'000'000'000)};
constexpr std::string_view profile = "https://x.com/ada";

// One post as the timeline has it.
Item item_of(const std::string& post) {
  const auto page = parse_page(R"({"data":[)" + post + R"(],"meta":{"result_count":1}})", profile);
  REQUIRE(page);
  REQUIRE(page->items.size() == 1);
  return page->items.front();
}

Error error_of(int status, std::string body, http::Headers headers = {}) {
  return refusal({.status = status, .headers = std::move(headers), .body = std::move(body)}, now);
}

}  // namespace

TEST_CASE("a post of X is an item with full links, hashtags and the number of its pictures") {
  const Item item = item_of(R"({
    "id": "1700000000000000123", "text": "R&amp;D &lt;3 https://t.co/abcDEF1234, see #Cpp https://t.co/pic1234567",
    "created_at": "2026-11-20T10:00:00.000Z",
    "edit_history_tweet_ids": ["1700000000000000123"],
    "entities": {"urls": [
        {"start": 1, "end": 2, "url": "https://t.co/abcDEF1234", "expanded_url": "https://example.org/a?b=1&c=2"},
        {"url": "https://t.co/pic1234567", "expanded_url": "https://x.com/ada/status/17/photo/1", "display_url": "pic.x.com/pic1234567"}],
      "hashtags": [{"start": 1, "end": 5, "tag": "Cpp"}]},
    "attachments": {"media_keys": ["3_1", "3_2"]}, "possibly_sensitive": false})");
  CHECK(item == Item{.id = "1700000000000000123",
                     .url = "https://x.com/ada/status/1700000000000000123",
                     .text = "R&D <3 https://example.org/a?b=1&c=2, see #Cpp",
                     .published_at = TimePoint(std::chrono::sys_days(2026y / 11 / 20) + 10h),
                     .media = 2,
                     .hashtags = {"cpp"}});
}

TEST_CASE("a long text of X comes whole, with its own links") {
  const Item item = item_of(R"({"id": "17", "text": "cut... https://t.co/wrong",
    "entities": {"hashtags": [{"tag": "short"}]},
    "note_tweet": {"text": "the whole of it https://t.co/right",
      "entities": {"urls": [{"url": "https://t.co/right", "expanded_url": "https://example.org/"}],
                   "hashtags": [{"tag": "Long"}]}}})");
  CHECK(item.text == "the whole of it https://example.org/");
  CHECK(item.hashtags == std::vector<std::string>{"long"});
}

TEST_CASE("replies, reposts and sensitive posts of X are known as such") {
  CHECK(item_of(
            R"({"id": "1", "text": "a", "referenced_tweets": [{"type": "replied_to", "id": "2"}]})")
            .is_reply);
  CHECK(item_of(
            R"({"id": "1", "text": "a", "referenced_tweets": [{"type": "retweeted", "id": "2"}]})")
            .is_repost);
  const Item quoted =
      item_of(R"({"id": "1", "text": "a", "referenced_tweets": [{"type": "quoted", "id": "2"}]})");
  CHECK_FALSE(quoted.is_reply);
  CHECK_FALSE(quoted.is_repost);
  CHECK(item_of(R"({"id": "1", "text": "a", "possibly_sensitive": true})").content_warning ==
        "marked as sensitive on X");
}

TEST_CASE("an edited post of X keeps the id of its first version and counts as its newest") {
  const auto page = parse_page(
      R"({"data":[{"id":"30","text":"b","edit_history_tweet_ids":["9","30"]},{"id":"20","text":"a"}],
          "meta":{"result_count":2,"next_token":"abc"}})",
      profile);
  REQUIRE(page);
  CHECK(page->items.front().id == "9");
  CHECK(page->items.front().url == "https://x.com/ada/status/30");
  CHECK(page->newest == "30");
  CHECK(page->oldest == "20");
  CHECK(page->next_token == "abc");
  CHECK(page->billed == 2);
}

TEST_CASE("links of X that are none, or unknown, stay as they are") {
  const Item item =
      item_of(R"({"id": "1", "text": "https://t.co/ https://t.co/unknown https://t.co/script",
    "entities": {"urls": [{"url": "https://t.co/script", "expanded_url": "javascript:x"}, {"url": 7}, null]
}
})");
  CHECK(item.text == "https://t.co/ https://t.co/unknown https://t.co/script");
}

TEST_CASE("an empty page of X is no error, and what is no page is one") {
  CHECK(parse_page(R"({"meta":{"result_count":0}})", profile) == Page{});
  CHECK(parse_page("{}", profile).error().code == ErrorCode::bad_response);
  CHECK(parse_page("[]", profile).error().code == ErrorCode::bad_response);
  CHECK(
      parse_page(R"({"data":[{"id":"../1","text":"a"},{"text":"a"},7]})", profile)->items.empty());
  const auto unknown = parse_page(
      R"({"errors":[{"type":"https://api.twitter.com/2/problems/resource-not-found"}]})", profile);
  CHECK(unknown.error().code == ErrorCode::not_found);
}

TEST_CASE("an error of X is JSON with its type") {
  CHECK(is_error(R"({"title":"Not Found Error","type":"about:blank","status":404})"));
  CHECK(is_error(R"({"errors":[{"type":"about:blank"}]})"));
  CHECK_FALSE(is_error("<html>404</html>"));
  CHECK_FALSE(is_error("{}"));
  CHECK_FALSE(is_error("404"));
}

TEST_CASE("a post that is gone, or hidden from us, is reported with status 200") {
  for (const char* problem : {"resource-not-found", "not-authorized-for-resource"}) {
    CAPTURE(problem);
    const auto post = parse_post(R"({"errors":[{"type":"https://api.twitter.com/2/problems/)" +
                                     std::string(problem) + "\"}]}",
                                 profile);
    REQUIRE(post);
    CHECK_FALSE(*post);
  }
  CHECK(parse_post(R"({"errors":[{"type":"about:blank"}]})", profile).error().code ==
        ErrorCode::bad_response);
  CHECK(parse_post("{}", profile).error().code == ErrorCode::bad_response);
  CHECK((*parse_post(R"({"data":{"id":"1","text":"a"}})", profile))->item.text == "a");
}

TEST_CASE("an account of X needs an id and a name") {
  CHECK(parse_user(R"({"data":{"id":"7","username":"Ada"}})") ==
        User{.id = "7", .username = "Ada"});
  CHECK(parse_user(R"({"data":{"id":"7/..","username":"Ada"}})").error().code ==
        ErrorCode::bad_response);
  CHECK(parse_user(R"({"data":{"id":"7"}})").error().message.contains("data.username"));
}

TEST_CASE("refusals of X say what to do about them") {
  CHECK(error_of(401, "").code == ErrorCode::unauthorized);
  CHECK(error_of(401, "").message.contains("TWITTER_CONSUMER_KEY"));
  const Error unpaid = error_of(402, R"({"title":"CreditsDepleted"})");
  CHECK(unpaid.code == ErrorCode::forbidden);
  CHECK(unpaid.message.contains("no credits left"));
  CHECK(unpaid.retry_after == 24h);
  const Error no_access = error_of(403, R"({"errors":[{"code":453,"message":"subset"}]})");
  CHECK(no_access.code == ErrorCode::forbidden);
  CHECK(no_access.message.contains("access level"));
  CHECK(error_of(453, "").message == no_access.message);
  CHECK(error_of(403, R"({"title":"Forbidden"})").message.contains("part of a project"));
  CHECK(error_of(429, "", {{"x-rate-limit-reset", "1795000090"}}).retry_after == 90s);
  CHECK(
      error_of(429, R"({"type":"https://api.twitter.com/2/problems/usage-capped"})").retry_after ==
      24h);
  CHECK(error_of(503, "<html>").code == ErrorCode::unavailable);
}

}  // namespace bb::feeds::x

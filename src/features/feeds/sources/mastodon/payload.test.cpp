#include "features/feeds/sources/mastodon/payload.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>

#include "features/feeds/sources/answer.hpp"

namespace bb::feeds::mastodon {
namespace {

using namespace std::chrono_literals;

// One status, with further members.
Item item_of(const std::string& members) {
  const auto item = parse_status(
      R"({"id":"117","created_at":"2026-11-20T10:00:00.250Z","url":"https://example.social/@ada/117",
          "account":{"username":"ada","display_name":" Ada L. ","acct":"ada"})" +
      members + "}");
  REQUIRE(item);
  return *item;
}

}  // namespace

TEST_CASE("a status of Mastodon is an item without markup, with full links") {
  const Item item = item_of(
      R"~(,"content":"<p>R&amp;D for <span class=\"h-card\"><a href=\"https://x.example/@bob\" class=\"u-url mention\">@<span>bob</span></a></span>: <a href=\"https://example.org/a/long/way\"><span class=\"invisible\">https://</span><span class=\"ellipsis\">example.org/a/lo</span><span class=\"invisible\">ng/way</span></a></p><p>two<br>three</p>",
    "spoiler_text":"","sensitive":false,"tags":[{"name":"Cpp"},{"name":7}],"media_attachments":[{},{}],"in_reply_to_id":null,"reblog":null)~");
  CHECK(item ==
        Item{.id = "117",
             .url = "https://example.social/@ada/117",
             .text = "R&D for @bob: https://example.org/a/long/way\n\ntwo\nthree",
             .author = "Ada L.",
             .published_at = TimePoint(std::chrono::sys_days(2026y / 11 / 20) + 10h + 250ms),
             .media = 2,
             .hashtags = {"cpp"}});
}

TEST_CASE("a content warning of Mastodon is kept, and sensitive media have one") {
  CHECK(item_of(R"(,"spoiler_text":" blood ")").content_warning == "blood");
  CHECK(item_of(R"(,"sensitive":true,"media_attachments":[{}])").content_warning ==
        "sensitive media");
  CHECK(item_of(R"(,"sensitive":true,"media_attachments":[])").content_warning.empty());
}

TEST_CASE("a repost on Mastodon shows what is repeated, and links to it") {
  const Item item = item_of(R"(,"content":"","in_reply_to_id":null,"reblog":{"id":"99",
    "url":"https://other.example/@bob/99","content":"<p>b</p>","spoiler_text":"blood",
    "account":{"username":"bob","display_name":"","acct":"bob@other.example"}})");
  CHECK(item.id == "117");
  CHECK(item.is_repost);
  CHECK(item.url == "https://other.example/@bob/99");
  CHECK(item.author == "bob (@bob@other.example)");
  CHECK(item.text == "b");
  CHECK(item.content_warning == "blood");
}

TEST_CASE("a reply on Mastodon is known as such") {
  CHECK(item_of(R"(,"in_reply_to_id":"5")").is_reply);
}

TEST_CASE("statuses of Mastodon that are not for everyone, or none at all, are left out") {
  const auto items = parse_statuses(
      R"([{"id":"3","visibility":"direct"},{"id":"2","visibility":"private"},{"id":"a/b"},7,
          {"id":"1","visibility":"unlisted","url":"javascript:x"}])");
  REQUIRE(items);
  REQUIRE(items->size() == 1);
  CHECK(items->front().id == "1");
  CHECK(items->front().url.empty());
  CHECK(parse_statuses("{}").error().code == ErrorCode::bad_response);
  CHECK(parse_status("[]").error().code == ErrorCode::bad_response);
  CHECK(parse_account_id(R"({"id":"12"})") == "12");
  CHECK(parse_account_id(R"({"id":"../12"})").error().code == ErrorCode::bad_response);
}

TEST_CASE("ids of Mastodon are in the order of time, the longer ones later") {
  CHECK(is_newer("100", "99"));
  CHECK(is_newer("101", "100"));
  CHECK_FALSE(is_newer("100", "100"));
  CHECK(is_newer("1", ""));
}

TEST_CASE("an item of an account's RSS has the id of the status, and its content warning") {
  const Item item = from_feed({.id = "https://example.social/@ada/117",
                               .url = "https://example.social/@ada/117",
                               .title = "a title",
                               .text = "Content warning: blood\n\nb\nc"});
  CHECK(item.id == "117");
  CHECK(item.title.empty());
  CHECK(item.content_warning == "blood");
  CHECK(item.text == "b\nc");
  CHECK(from_feed({.id = "guid", .text = "b"}) == Item{.id = "guid", .text = "b"});
}

}  // namespace bb::feeds::mastodon

#include "features/feeds/sources/bluesky/payload.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>

namespace bb::feeds::bluesky {
namespace {

using namespace std::chrono_literals;

// One entry of the feed, with further members in its post, record and beside the post.
Entry entry_of(const std::string& in_post, const std::string& in_record = "",
               const std::string& beside = "") {
  const auto page = parse_author_feed(
      R"({"feed":[{"post":{"uri":"at://did:plc:abc/app.bsky.feed.post/3kaheyt6vpc22",
          "author":{"did":"did:plc:abc","handle":"ada.example","displayName":"Ada "},
          "indexedAt":"2026-11-20T10:00:05.5Z","record":{"createdAt":"2026-11-20T10:00:00Z")" +
      in_record + "}" + in_post + "}" + beside + R"(}],"cursor":"c"})");
  REQUIRE(page);
  CHECK(page->cursor == "c");
  REQUIRE(page->entries.size() == 1);
  return page->entries.front();
}

}  // namespace

TEST_CASE("a post of Bluesky is an item with full links and hashtags") {
  const Entry entry =
      entry_of(R"(,"embed":{"$type":"app.bsky.embed.images#view","images":[{},{}]},"labels":[])",
               R"(,"text":"Für alle: example.org/lon... #Cpp here","tags":["Hidden"],"facets":[
        {"index":{"byteStart":30,"byteEnd":34},"features":[{"$type":"app.bsky.richtext.facet#tag","tag":"Cpp"}]},
        {"index":{"byteStart":35,"byteEnd":39},"features":[{"uri":"https://example.com/"}]},
        {"index":{"byteStart":11,"byteEnd":29},"features":[{"uri":"https://example.org/long/path"}]}])");
  CHECK(entry ==
        Entry{.item = {.id = "at://did:plc:abc/app.bsky.feed.post/3kaheyt6vpc22",
                       .url = "https://bsky.app/profile/ada.example/post/3kaheyt6vpc22",
                       .text = "Für alle: https://example.org/long/path #Cpp here "
                               "(https://example.com/)",
                       .author = "Ada",
                       .published_at = TimePoint(std::chrono::sys_days(2026y / 11 / 20) + 10h),
                       .media = 2,
                       .hashtags = {"cpp", "hidden"}},
              .indexed_at = "2026-11-20T10:00:05.5Z",
              .author = "did:plc:abc",
              .handle = "ada.example"});
}

TEST_CASE("facets of Bluesky that lie outside of the text, or in each other, are left out") {
  CHECK(entry_of("", R"(,"text":"abc ü def","facets":[
      {"index":{"byteStart":0,"byteEnd":99},"features":[{"uri":"https://a.example/"}]},
      {"index":{"byteStart":-1,"byteEnd":2},"features":[{"uri":"https://b.example/"}]},
      {"index":{"byteStart":5,"byteEnd":7},"features":[{"uri":"https://c.example/"}]},
      {"index":{"byteStart":3,"byteEnd":3},"features":[{"uri":"https://d.example/"}]},
      {"index":{"byteStart":0,"byteEnd":3},"features":[{"uri":"https://e.example/"}]},
      {"index":{"byteStart":1,"byteEnd":4},"features":[{"uri":"https://f.example/"}]},
      {"index":{"byteStart":7,"byteEnd":10},"features":[{"uri":"javascript:x"}]
}, 7])")
            .item.text == "abc (https://e.example/) ü def");
}

TEST_CASE("a repost on Bluesky is an item of its own, at the time of the repost") {
  const Entry entry = entry_of("", R"(,"text":"a","reply":{"root":{},"parent":{}})",
                               R"(,"reason":{"$type":"app.bsky.feed.defs#reasonRepost",
                                 "by":{"did":"did:plc:xyz"},"indexedAt":"2026-11-21T00:00:00Z"})");
  CHECK(entry.item.id == "at://did:plc:abc/app.bsky.feed.post/3kaheyt6vpc22#repost");
  CHECK(entry.item.is_repost);
  CHECK_FALSE(entry.item.is_reply);
  CHECK(entry.item.published_at == TimePoint(std::chrono::sys_days(2026y / 11 / 21)));
  CHECK(entry.indexed_at == "2026-11-21T00:00:00Z");
  CHECK(entry.author.empty());
}

TEST_CASE("a pinned post of Bluesky is no repost, and a reply is known as such") {
  const Entry pinned = entry_of("", R"(,"text":"a","reply":{"root":{},"parent":{}})",
                                R"(,"reason":{"$type":"app.bsky.feed.defs#reasonPin"})");
  CHECK_FALSE(pinned.item.is_repost);
  CHECK(pinned.item.is_reply);
}

TEST_CASE("labels of moderators and authors become a content warning") {
  CHECK(entry_of(R"(,"labels":[{"val":"porn"},{"val":"gore"},{"val":"graphic-media"}])")
            .item.content_warning == "adult content and graphic media");
  CHECK(entry_of(R"(,"labels":[{"val":"porn","neg":true},{"val":"a-friend"},7])")
            .item.content_warning.empty());
  CHECK(entry_of("", R"(,"labels":{"values":[{"val":"nudity"}]})").item.content_warning ==
        "nudity");
}

TEST_CASE("a card, a film and a quotation with media count") {
  const Entry card = entry_of(
      R"(,"embed":{"$type":"app.bsky.embed.external#view","external":{"uri":"https://example.org/"}})",
      R"(,"text":"Read this")");
  CHECK(card.item.text == "Read this\nhttps://example.org/");
  CHECK(card.item.media == 0);
  CHECK(entry_of(R"(,"embed":{"$type":"app.bsky.embed.video#view"})").item.media == 1);
  CHECK(entry_of(
            R"(,"embed":{"$type":"app.bsky.embed.recordWithMedia#view","media":{"images":[{}]}})")
            .item.media == 1);
}

TEST_CASE("the time that an author claims is believed unless it is after the post was seen") {
  CHECK(entry_of("", R"(,"createdAt":"2031-01-01T00:00:00Z")").item.published_at ==
        TimePoint(std::chrono::sys_days(2026y / 11 / 20) + 10h + 5s + 500ms));
}

TEST_CASE("a post that is no more is nothing, and what is no answer of Bluesky an error") {
  const auto gone = parse_post(R"({"posts":[]})");
  REQUIRE(gone);
  CHECK_FALSE(*gone);
  CHECK(parse_post(R"({"posts":[{}]})").error().code == ErrorCode::bad_response);
  CHECK(parse_post("{}").error().message.contains("'posts'"));
  CHECK(parse_author_feed(R"({"feed":{}})").error().message.contains("'feed'"));
  CHECK(parse_author_feed(R"({"feed":[{},{"post":{"uri":"https://"}},
      {"post":{"uri":"at://did:plc:abc/app.bsky.feed.post/3k#repost","author":{"did":"did:plc:abc"},"record":{}}},
      {"post":{"uri":"at://did:plc:abc/app.bsky.feed.post/3k","author":{"did":"<script>"},"record":{}}},null]})")
            ->entries.empty());
}

TEST_CASE("a handle leads to a DID of a kind that Bluesky has") {
  CHECK(parse_did(R"({"did":"did:plc:abc"})") == "did:plc:abc");
  CHECK(parse_did(R"({"did":"did:key:abc"})").error().code == ErrorCode::bad_response);
  CHECK(parse_did(R"({"did":"did:plc:a/b"})").error().code == ErrorCode::bad_response);
}

TEST_CASE("Bluesky says with status 400 that there is no such account") {
  constexpr TimePoint now{};
  const auto code = [&](std::string body) {
    return refusal({.status = 400, .headers = {}, .body = std::move(body)}, now).code;
  };
  CHECK(code(R"({"error":"InvalidRequest","message":"Profile not found"})") ==
        ErrorCode::not_found);
  CHECK(code(R"({"error":"InvalidRequest","message":"Unable to resolve handle"})") ==
        ErrorCode::not_found);
  CHECK(code(R"({"error":"AccountTakedown","message":"Account has been suspended"})") ==
        ErrorCode::forbidden);
  CHECK(code(R"({"error":"InvalidRequest","message":"Error: Params must have x"})") ==
        ErrorCode::bad_response);
}

}  // namespace bb::feeds::bluesky

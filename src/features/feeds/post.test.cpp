#include "features/feeds/post.hpp"

#include <doctest/doctest.h>

#include "features/feeds/item_json.hpp"

namespace bb::feeds {
namespace {

const Item short_post = {.id = "1",
                         .url = "https://example.social/@ada/1",
                         .text = "Hello *world* <!channel>",
                         .author = "Ada",
                         .media = 2};

}  // namespace

TEST_CASE("with a preview a post is its author and its link") {
  const chat::Message message =
      render_post({.item = short_post, .feed_name = "feed"}, Look::preview);
  CHECK(message.previews_links);
  CHECK(message.fallback == "Ada: Hello *world* <!channel> https://example.social/@ada/1");
  CHECK((message.blocks == std::vector<chat::Block>{
                               chat::Section{.text = {{.text = "Ada", .style = chat::Style::bold},
                                                      {.text = " "},
                                                      {.text = "posted", .url = short_post.url}}},
                               chat::Context{.text = {{.text = "2 attachments"}}}}));
}

TEST_CASE("without a preview a post is its text as well") {
  const chat::Message message =
      render_post({.item = short_post,
                   .feed_name = "feed",
                   .twins = {{.source = "bluesky", .url = "https://bsky.example/1"}}},
                  Look::text);
  CHECK_FALSE(message.previews_links);
  REQUIRE(message.blocks.size() == 3);
  CHECK(message.blocks[1] == chat::Block(chat::Section{.text = {{.text = short_post.text}}}));
  CHECK(message.blocks[2] ==
        chat::Block(
            chat::Context{.text = {{.text = "2 attachments"},
                                   {.text = " · "},
                                   {.text = "on Bluesky", .url = "https://bsky.example/1"}}}));
}

TEST_CASE("an article is its title, and its feed if it has no author") {
  const chat::Message message = render_post(
      {.item = {.id = "1", .url = "https://example.org/1", .title = "News", .text = "Long text"},
       .feed_name = "The blog"},
      Look::preview);
  CHECK((message.blocks == std::vector<chat::Block>{chat::Section{
                               .text = {{.text = "The blog", .style = chat::Style::bold},
                                        {.text = ": "},
                                        {.text = "News", .url = "https://example.org/1"}}}}));
}

TEST_CASE("a post begins with its title where nobody has a name") {
  const chat::Message message = render_post(
      {.item = {.id = "1", .title = "News", .text = "Long text"}, .feed_name = ""}, Look::preview);
  CHECK(message.fallback == "News: Long text");
  CHECK(message.blocks.at(0) == chat::Block(chat::Section{.text = {{.text = "News"}}}));
}

TEST_CASE("what stands behind a content warning is neither shown nor previewed") {
  Item item = short_post;
  item.content_warning = "spoilers";
  for (const Look look : {Look::preview, Look::text}) {
    const chat::Message message = render_post({.item = item, .feed_name = "feed"}, look);
    CHECK_FALSE(message.previews_links);
    CHECK(message.fallback == "Ada: spoilers https://example.social/@ada/1");
    CHECK((message.blocks ==
           std::vector<chat::Block>{
               chat::Section{.text = {{.text = "Ada", .style = chat::Style::bold},
                                      {.text = " posted with a content warning: spoilers"}}},
               chat::Context{.text = {{.text = "2 attachments"},
                                      {.text = " · "},
                                      {.text = "open", .url = item.url}}}}));
  }
}

TEST_CASE("a repost names who reposts and whose post it is") {
  Item item = short_post;
  item.is_repost = true;
  item.author = "Ben (@ben)";
  const chat::Message message = render_post({.item = item, .feed_name = "Ada"}, Look::preview);
  CHECK(message.fallback == "Ada reposted Ben (@ben): Hello *world* <!channel> " + item.url);
  CHECK(message.blocks.at(0) ==
        chat::Block(chat::Section{.text = {{.text = "Ada", .style = chat::Style::bold},
                                           {.text = " "},
                                           {.text = "reposted", .url = item.url},
                                           {.text = " Ben (@ben)"}}}));
  item.content_warning = "spoilers";
  CHECK(render_post({.item = item, .feed_name = "Ada"}, Look::text).blocks.at(0) ==
        chat::Block(chat::Section{
            .text = {{.text = "Ada", .style = chat::Style::bold},
                     {.text = " reposted Ben (@ben) with a content warning: spoilers"}}}));
}

TEST_CASE("a long text is cut at the end of a word and a post without a link shows it") {
  std::string words;
  for (int i = 0; i < 1'000; ++i) {
    words += "word ";
  }
  const chat::Message message = render_post(
      {.item = {.id = "1", .text = words, .author = "Ada"}, .feed_name = "feed"}, Look::preview);
  REQUIRE(message.blocks.size() == 2);
  const std::string text = std::get<chat::Section>(message.blocks[1]).text.at(0).text;
  CHECK(text.size() <= 1'204);
  CHECK(text.ends_with("word …"));
}

TEST_CASE("an item that waits is stored as it is") {
  Item item = short_post;
  item.title = "T";
  item.content_warning = "W";
  item.hashtags = {"cpp", "rust"};
  item.is_reply = item.is_repost = item.is_prerelease = true;
  item.published_at = TimePoint(std::chrono::milliseconds(1'700'000'000'123));
  CHECK(item_from_json(to_json(item)) == item);
  CHECK(item_from_json(to_json({.id = "2"})) == Item{.id = "2"});
  CHECK_FALSE(item_from_json("nonsense"));
}

}  // namespace bb::feeds

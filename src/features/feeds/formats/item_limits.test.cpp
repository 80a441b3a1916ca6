#include "features/feeds/formats/item_limits.hpp"

#include <doctest/doctest.h>

#include <string>

#include "features/feeds/formats/document.hpp"
#include "features/feeds/sources/bluesky/payload.hpp"
#include "features/feeds/sources/mastodon/payload.hpp"
#include "features/feeds/sources/x/payload.hpp"

namespace bb::feeds {
namespace {

std::string repeated(std::size_t count, auto written) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) {
    all += (i == 0 || all.ends_with('>') ? "" : ",") + written(std::to_string(i));
  }
  return all;
}

const std::string long_word(50'000, 'a');

void check_limits(const Item& item) {
  CHECK(item.hashtags.size() == 100);
  CHECK(item.hashtags.back() == "t99");
  CHECK(item.title.size() <= 500);
  CHECK(item.text.size() <= longest_text);
  CHECK(item.author.size() <= 500);
  CHECK(item.content_warning.size() <= 500);
  CHECK(item.url.size() <= 2'000);
}

}  // namespace

TEST_CASE("of an item in a feed 100 hashtags are kept") {
  const std::string documents[] = {
      "<rss><channel><item><title>a</title>" +
          repeated(150, [](const auto& i) { return "<category>T" + i + "</category>"; }) +
          "</item></channel></rss>",
      "<feed><entry><title>a</title>" +
          repeated(150, [](const auto& i) { return "<category term='T" + i + "'/>"; }) +
          "</entry></feed>",
      R"({"version":"https://jsonfeed.org/version/1.1","items":[{"id":"1","content_text":")" +
          long_word + R"(","tags":[)" +
          repeated(150, [](const auto& i) { return "\"T" + i + "\""; }) + "]}]}"};
  for (const std::string& document : documents) {
    CAPTURE(document.substr(0, 30));
    const auto read = parse_document(document, "https://blog.example/");
    REQUIRE(read);
    check_limits(read->items.at(0));
  }
}

TEST_CASE("of a root's namespaces 100 are read") {
  const auto author = [](int others) {
    std::string root = "<rss";
    for (int i = 0; i < others; ++i) {
      root += " xmlns:a" + std::to_string(i) + "='https://a.example'";
    }
    const auto read = parse_document(
        root +
            " xmlns:d='http://purl.org/dc/elements/1.1/'><channel><item><title>a</title>"
            "<d:creator>Ada</d:creator></item></channel></rss>",
        "https://blog.example/");
    return read ? read->items.at(0).author : read.error().message;
  };
  CHECK(author(99) == "Ada");
  CHECK(author(100).empty());
}

TEST_CASE("of an answer of Mastodon 80 statuses are read, and their texts are cut") {
  const std::string tags = repeated(150, [](const auto& i) { return R"({"name":"T)" + i + "\"}"; });
  const std::string body = "[" +
                           repeated(90,
                                    [&](const auto& i) {
                                      return R"({"id":")" + i + R"(","url":"https://m.example/)" +
                                             (i == "0" ? long_word : i) + R"(","content":")" +
                                             long_word + R"(","spoiler_text":")" + long_word +
                                             R"(","account":{"display_name":")" + long_word +
                                             R"("},"tags":[)" + tags + "]}";
                                    }) +
                           "]";
  const auto items = mastodon::parse_statuses(body);
  REQUIRE(items);
  CHECK(items->size() == 80);
  CHECK(items->at(0).url.empty());
  check_limits(items->at(0));
}

TEST_CASE("of an answer of X 500 posts are read, and short links do not make a text long") {
  const std::string tags = repeated(150, [](const auto& i) { return R"({"tag":"T)" + i + "\"}"; });
  std::string links;
  for (int i = 0; i < 1'000; ++i) {
    links += "https://t.co/a ";
  }
  const std::string body =
      R"({"data":[)" +
      repeated(510,
               [&](const auto& i) {
                 return R"({"id":"1)" + i + R"(","text":")" + (i == "0" ? links : "a") +
                        R"(","entities":{"hashtags":[)" + tags +
                        R"(],"urls":[{"url":"https://t.co/a","expanded_url":"https://a.example/)" +
                        long_word.substr(0, 2'500) + R"("}]}})";
               }) +
      "]}";
  const auto page = x::parse_page(body, "https://x.com/ada");
  REQUIRE(page);
  CHECK(page->items.size() == 500);
  CHECK(page->billed == 510);
  CHECK(page->items.at(0).text.starts_with("https://t.co/a https://t.co/a"));
  check_limits(page->items.at(0));
}

TEST_CASE("of an answer of Bluesky 100 posts are read, and their texts are cut") {
  const std::string tags = repeated(150, [](const auto& i) { return "\"T" + i + "\""; });
  const std::string body =
      R"({"feed":[)" +
      repeated(110,
               [&](const auto& i) {
                 return R"({"post":{"uri":"at://did:plc:a/app.bsky.feed.post/)" + i +
                        R"(","author":{"did":"did:plc:a","handle":"ada.example","displayName":")" +
                        (i == "0" ? long_word : "") + R"("},"record":{"text":")" +
                        (i == "0" ? long_word : "") + R"(","tags":[)" + tags + "]}}}";
               }) +
      "]}";
  const auto page = bluesky::parse_author_feed(body);
  REQUIRE(page);
  CHECK(page->entries.size() == 100);
  check_limits(page->entries.at(0).item);
}

}  // namespace bb::feeds

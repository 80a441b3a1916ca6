#include "features/feeds/formats/document.hpp"

#include <doctest/doctest.h>

#include <string>

#include "base/time.hpp"

namespace bb::feeds {
namespace {

constexpr std::string_view address = "https://feed.example/blog/feed.xml";

TimePoint at(std::string_view time) {
  return parse_rfc3339(time).value();
}

Document parsed(std::string_view octets) {
  Result<Document> document = parse_document(octets, address);
  REQUIRE_MESSAGE(document.has_value(), (document ? "" : document.error().message));
  return *std::move(document);
}

Item only_item(std::string_view octets) {
  Document document = parsed(octets);
  REQUIRE(document.items.size() == 1);
  return document.items[0];
}

std::string refusal(std::string_view octets) {
  const Result<Document> document = parse_document(octets, address);
  REQUIRE_FALSE(document.has_value());
  CHECK(document.error().code == ErrorCode::bad_response);
  return document.error().message;
}

std::string rss(std::string_view items) {
  return "<rss version='2.0' xmlns:dc='http://purl.org/dc/elements/1.1/' "
         "xmlns:media='http://search.yahoo.com/mrss/' "
         "xmlns:content='http://purl.org/rss/1.0/modules/content/'><channel><title>A blog</title>"
         "<link>https://blog.example/</link>" +
         std::string(items) + "</channel></rss>";
}

std::string atom(std::string_view entries) {
  return "<feed xmlns='http://www.w3.org/2005/Atom' xmlns:media='http://search.yahoo.com/mrss/'>"
         "<title>A blog</title><link href='https://blog.example/'/>" +
         std::string(entries) + "</feed>";
}

std::string json_feed(std::string_view items) {
  return R"({"version": "https://jsonfeed.org/version/1.1", "title": "A blog",
             "home_page_url": "https://blog.example/", "items": [)" +
         std::string(items) + "]}";
}

std::string repeated(std::string_view text, std::size_t count) {
  std::string result;
  for (std::size_t i = 0; i < count; ++i) {
    result += text;
  }
  return result;
}

const Item whole_item{.id = "tag:blog.example,2026:1",
                      .url = "https://blog.example/1",
                      .title = "Caf\xC3\xA9 & more",
                      .text = "It is open.\n\nCome in!",
                      .author = "Ada",
                      .published_at = at("2026-11-22T19:33:20Z"),
                      .media = 1,
                      .hashtags = {"coffee", "c++"}};

}  // namespace

TEST_CASE("an item of RSS 2.0 is read whole") {
  const Document document = parsed(
      rss("<item><guid isPermaLink='false'>tag:blog.example,2026:1</guid><title>Caf&#233; &amp; "
          "more</title><link>https://blog.example/1</link><author>ada@blog.example (Ada)</author>"
          "<description>&lt;p&gt;It is &lt;b&gt;open&lt;/b&gt;.&lt;/p&gt;&lt;p&gt;Come in!"
          "&lt;/p&gt;</description><pubDate>Sun, 22 Nov 2026 20:33:20 +0100</pubDate>"
          "<enclosure url='https://blog.example/1.png' type='image/png' length='1'/>"
          "<category>Coffee</category><category>C++</category><category>coffee</category></item>"));
  CHECK(document == Document{.format = "RSS 2.0",
                             .title = "A blog",
                             .link = "https://blog.example/",
                             .items = {whole_item}});
}

TEST_CASE("an item of RSS 1.0 is read whole") {
  const Document document = parsed(
      "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' "
      "xmlns='http://purl.org/rss/1.0/' xmlns:dc='http://purl.org/dc/elements/1.1/'>"
      "<channel rdf:about='x'><title>A blog</title><link>https://blog.example/</link></channel>"
      "<item rdf:about='https://blog.example/1'><title>One</title>"
      "<link>https://blog.example/1</link><description>Words</description>"
      "<dc:creator>Ada</dc:creator><dc:date>2026-11-22T19:33:20Z</dc:date>"
      "<dc:subject>Coffee</dc:subject></item></rdf:RDF>");
  CHECK(document == Document{.format = "RSS 1.0",
                             .title = "A blog",
                             .link = "https://blog.example/",
                             .items = {{.id = "https://blog.example/1",
                                        .url = "https://blog.example/1",
                                        .title = "One",
                                        .text = "Words",
                                        .author = "Ada",
                                        .published_at = at("2026-11-22T19:33:20Z"),
                                        .hashtags = {"coffee"}}}});
}

TEST_CASE("an entry of Atom is read whole") {
  const Document document = parsed(atom(
      "<entry><id>tag:blog.example,2026:1</id><title type='html'>Caf&amp;eacute; &amp;amp; "
      "more</title><link rel='edit' href='/edit'/><link rel='alternate' "
      "href='https://blog.example/1'/><author><name>Ada</name></author>"
      "<published>2026-11-22T19:33:20Z</published><updated>2026-11-23T00:00:00Z</updated>"
      "<content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'><p>It is <b>open</b>.</p>"
      "<p>Come in!</p><img src='1.png'/></div></content>"
      "<category term='Coffee'/><category term='C++'/></entry>"));
  CHECK(document == Document{.format = "Atom",
                             .title = "A blog",
                             .link = "https://blog.example/",
                             .items = {whole_item}});
}

TEST_CASE("an item of JSON Feed is read whole") {
  const Document document = parsed(json_feed(
      R"({"id": "tag:blog.example,2026:1", "url": "https://blog.example/1",
          "title": "Caf\u00e9 & more", "content_html": "<p>It is <b>open</b>.</p><p>Come in!</p>",
          "authors": [{"name": "Ada"}], "date_published": "2026-11-22T19:33:20Z",
          "attachments": [{"url": "1.png", "mime_type": "image/png"},
                          {"url": "1.pdf", "mime_type": "application/pdf"}],
          "tags": ["Coffee", "C++"]})"));
  CHECK(document == Document{.format = "JSON Feed",
                             .title = "A blog",
                             .link = "https://blog.example/",
                             .items = {whole_item}});
}

TEST_CASE("members of a JSON Feed that are of another type are as if absent") {
  const Item item = only_item(json_feed(
      R"({"id": 17, "title": ["x"], "content_html": {}, "content_text": "Words", "tags": [1, "A"],
          "authors": "Ada", "attachments": 3, "date_published": 5})"));
  CHECK(item == Item{.id = "17", .text = "Words", .hashtags = {"a"}});
}

TEST_CASE("a channel of YouTube has its text and film in a media group") {
  const Item item = only_item(atom(
      "<entry><id>yt:video:abc</id><title>A film</title>"
      "<link rel='alternate' href='https://www.youtube.com/watch?v=abc'/>"
      "<media:group><media:title>A film</media:title><media:content url='https://x.example/1'/>"
      "<media:content url='https://x.example/2'/><media:description>What it shows"
      "</media:description></media:group></entry>"));
  CHECK(item.text == "What it shows");
  CHECK(item.media == 1);
}

TEST_CASE("a release of GitHub tells whether it is final") {
  const auto release = [](const std::string& tag) {
    return only_item(atom("<entry><id>tag:github.com,2008:Repository/1/" + tag +
                          "</id><title>A release</title></entry>"));
  };
  CHECK(release("v1.0.0-rc1").is_prerelease);
  CHECK_FALSE(release("v1.0.0").is_prerelease);
  CHECK_FALSE(only_item(atom("<entry><id>1.0-rc1</id><title>x</title></entry>")).is_prerelease);
}

TEST_CASE("relative links mean the place they stand in") {
  CHECK(only_item(rss("<item><link>/1</link></item>")).url == "https://blog.example/1");
  CHECK(only_item(rss("<item xml:base='https://x.example/a/'><link>1</link></item>")).url ==
        "https://x.example/a/1");
  CHECK(only_item("<rss><channel><item><link>1</link></item></channel></rss>").url ==
        "https://feed.example/blog/1");
  const std::string entry = "<entry xml:base='sub/'><link href='1'/></entry>";
  CHECK(only_item(atom(entry)).url == "https://feed.example/blog/sub/1");
  CHECK(only_item("<feed xml:base='https://x.example/'>" + entry + "</feed>").url ==
        "https://x.example/sub/1");
  CHECK(only_item(json_feed(R"({"url": "1"})")).url == "https://feed.example/blog/1");
  CHECK(only_item(rss("<item><link>javascript:alert(1)</link></item>")).url.empty());
}

TEST_CASE("an item keeps its id when the feed moves") {
  const std::string feed = rss("<item><link>/1</link></item>");
  const auto here = parse_document(feed, "http://old.example/feed");
  const auto there = parse_document(feed, "https://new.example/index.xml");
  REQUIRE((here.has_value() && there.has_value()));
  CHECK(here->items[0].id == there->items[0].id);
}

TEST_CASE("a guid is the link where there is none, unless it says that it is not one") {
  CHECK(only_item(rss("<item><guid>https://blog.example/1</guid></item>")).url ==
        "https://blog.example/1");
  CHECK(only_item(rss("<item><guid isPermaLink='false'>https://blog.example/1</guid></item>"))
            .url.empty());
  CHECK(only_item(rss("<item><guid>17</guid></item>")).url.empty());
}

TEST_CASE("prefixes are what the feed declares them to be") {
  const Item item = only_item(
      "<a:feed xmlns:a='http://www.w3.org/2005/Atom' xmlns='http://www.w3.org/2000/svg'>"
      "<a:entry><title>not this</title><a:id>1</a:id><a:title>this</a:title></a:entry></a:feed>");
  CHECK(item == Item{.id = "1", .title = "this"});
  CHECK(only_item(rss("<item><title xmlns='http://www.w3.org/2000/svg'>not this</title>"
                      "<title>this</title></item>"))
            .title == "this");
  CHECK(only_item(rss("<item><x:title>not this</x:title><dc:creator>Ada</dc:creator>"
                      "<title>this</title></item>"))
            .author == "Ada");
}

TEST_CASE("code in the title of an item of RSS is no markup") {
  CHECK(only_item(rss("<item><title>std::vector&lt;int&gt;</title></item>")).title ==
        "std::vector<int>");
  CHECK(only_item(rss("<item><title><![CDATA[An <em>important</em> one]]></title></item>")).title ==
        "An important one");
}

TEST_CASE("titles and summaries of Media RSS and iTunes count where there are no others") {
  const auto item = [](const std::string& elements) {
    return only_item(rss("<item xmlns:itunes='http://www.itunes.com/dtds/podcast-1.0.dtd'>" +
                         elements + "</item>"));
  };
  CHECK(item("<media:title>Film</media:title>").title == "Film");
  CHECK(item("<itunes:title>Talk</itunes:title>").title == "Talk");
  CHECK(item("<itunes:summary>About &lt;b&gt;beavers&lt;/b&gt;</itunes:summary>").text ==
        "About beavers");
  const Item usual = item(
      "<media:title>Film</media:title><itunes:summary>About</itunes:summary>"
      "<description>The text</description>");
  CHECK(usual.title.empty());
  CHECK(usual.text == "The text");
}

TEST_CASE("a person is named without an address") {
  const auto author = [](const std::string& text) {
    return only_item(rss("<item><title>x</title><author>" + text + "</author></item>")).author;
  };
  CHECK(author("ada@blog.example (Ada)") == "Ada");
  CHECK(author("Ada (ada@blog.example)") == "Ada");
  CHECK(author("Ada &lt;ada@blog.example&gt;") == "Ada");
  CHECK(author("ada@blog.example").empty());
  CHECK(author("Ada (Analyst)") == "Ada (Analyst)");
}

TEST_CASE("what is no feed is refused in words for people") {
  CHECK(refusal("") == "there is nothing in it");
  CHECK(refusal("hello") == "this is neither XML nor JSON");
  CHECK(refusal("<!DOCTYPE html><title>Hi</title>") == "this is a web page, not a feed");
  CHECK(refusal("<opml version='1.0'/>") ==
        "this is XML, but neither RSS nor Atom: it begins with <opml>");
  CHECK(refusal("<rss><channel>\n<item></channel></rss>") ==
        "the XML is not well-formed: line 2, start-end tags mismatch");
  CHECK(refusal("{\"items\": []}").find("not a JSON Feed") != std::string::npos);
  CHECK(refusal("{\"version\": ").find("not JSON at offset") != std::string::npos);
}

TEST_CASE("entities that a document defines are not expanded") {
  const Item item = only_item(
      "<?xml version='1.0'?><!DOCTYPE rss [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;'>"
      "<!ENTITY file SYSTEM 'file:///etc/passwd'>]>"
      "<rss><channel><item><guid>1</guid><description>&b;&file;</description></item></channel>"
      "</rss>");
  CHECK(item.text == "&b;&file;");
}

TEST_CASE("deep, wide and long documents are read in bounded memory or refused") {
  CHECK(refusal("<rss>" + repeated("<a>", 400'000)).find("not well-formed") != std::string::npos);
  CHECK(refusal("<rss>" + repeated("<a/>", 600'000) + "</rss>") ==
        "the XML has more than 500000 tags");
  CHECK(refusal(rss(repeated("<item><link>x</link></item>", 10'001))) ==
        "the feed has more than 10000 items");
  CHECK(refusal(atom(repeated("<entry/>", 10'001))) == "the feed has more than 10000 items");
  CHECK(refusal(json_feed(repeated("{},", 10'000) + "{}")) == "the feed has more than 10000 items");
  CHECK(refusal(json_feed(repeated("[", 100))).find("not JSON") != std::string::npos);
  const Item item = only_item(rss("<item><title>" + std::string(1'000'000, 'x') + "</title><guid>" +
                                  std::string(1'000'000, 'y') + "</guid><description>" +
                                  std::string(1'000'000, 'z') + "</description><link>/" +
                                  std::string(1'000'000, 'l') + "</link><enclosure url='" +
                                  std::string(1'000'000, 'u') + "'/></item>"));
  CHECK(item.title.size() <= 500);
  CHECK(item.id.size() <= 300);
  CHECK(item.text.size() <= 8 * 1024);
  CHECK(item.url.empty());
}

}  // namespace bb::feeds

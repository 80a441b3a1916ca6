#include "features/feeds/formats/html.hpp"

#include <doctest/doctest.h>

#include <string>

namespace bb::feeds {
namespace {

std::string repeated(std::string_view text, std::size_t count) {
  std::string result;
  for (std::size_t i = 0; i < count; ++i) {
    result += text;
  }
  return result;
}

}  // namespace

TEST_CASE("HTML becomes text as it is read") {
  struct Row {
    const char* html;
    const char* text;
  };
  const Row rows[] = {
      {"plain", "plain"},
      {"  two\n\n words ", "two words"},
      {"<p>One</p><p>Two</p>", "One\n\nTwo"},
      {"One<br>Two<br/>Three", "One\nTwo\nThree"},
      {"<div>One</div><div>Two</div>", "One\nTwo"},
      {"<ul><li>One</li> <li>Two</li></ul>after", "\xE2\x80\xA2 One\n\xE2\x80\xA2 Two\n\nafter"},
      {"a <b>bold</b>, <a href='https://example.org'>linked</a> word", "a bold, linked word"},
      {"<pre>int i;\n  i++;</pre>", "int i;\n  i++;"},
      {"caf&eacute; &amp; &#8220;quotes&#x201D;&nbsp;&hellip;",
       "caf\xC3\xA9 & \xE2\x80\x9Cquotes\xE2\x80\x9D\xC2\xA0\xE2\x80\xA6"},
      {"a<script>alert(1)</script><style>b{}</style>b<!-- comment -->", "ab"},
      {"3 < 4 and <unclosed", "3 < 4 and"},
      {"<span class='invisible'>https://</span><span>example.org/a</span>",
       "https://example.org/a"},
      {"<!channel> <@U123>", "<@U123>"},
      {"&lt;!channel&gt;", "<!channel>"},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.html));
    CHECK(html_to_text(row.html).text == row.text);
  }
}

TEST_CASE("pictures and films are counted, emoji and tracking pixels are not") {
  const PlainText read = html_to_text(
      "<img src=a.png><video src=b.mp4></video><img src=p.gif width=1 height=1>"
      "<img class='wp-smiley' alt=':-)' src=s.png>");
  CHECK(read == PlainText{.text = ":-)", .media = 2});
}

TEST_CASE("in a title only usual markup is markup") {
  CHECK(title_to_text("std::vector<int> &amp; friends") == "std::vector<int> & friends");
  CHECK(title_to_text("An <em>important</em>\n title<br/>") == "An important title");
  CHECK(title_to_text("if a<b then") == "if a<b then");
  CHECK(title_to_text("AT&T, &lt;p&gt;") == "AT&T, <p>");
  CHECK(title_to_text("Caf&eacute;") == "Caf\xC3\xA9");
}

TEST_CASE("a page names its feeds") {
  const Page page = read_page(
      "<!DOCTYPE html><html><head><base href='/blog/'><title>A blog</title>"
      "<link rel='stylesheet' href='style.css'>"
      "<LINK REL='Alternate Home' TYPE='application/rss+xml; charset=utf-8' TITLE=' The\n blog '"
      " HREF=' feed.xml '>"
      "<link rel=alternate type=application/json href=/wp-json/1>"
      "<link rel=alternate hreflang=de href=/de>"
      "<link rel=alternate type=application/feed+json href=feed.json>"
      "<link rel=alternate type=application/atom+xml href=''>"
      "<link rel=canonical href=https://example.org/blog/></head><body><p>Hello");
  CHECK(page ==
        Page{.base = "/blog/",
             .canonical = "https://example.org/blog/",
             .feeds = {{.type = "application/rss+xml; charset=utf-8",
                        .title = "The blog",
                        .href = "feed.xml"},
                       {.type = "application/feed+json", .title = "", .href = "feed.json"}}});
}

TEST_CASE("HTML that is deep or long is read in part") {
  CHECK(html_to_text(repeated("<div>", 1'000'000) + "x").text.empty());
  CHECK(html_to_text("seen " + repeated("<b>", 1'000'000)).text == "seen");
  CHECK(html_to_text(std::string(1'000'000, 'x')).text.size() == 16U * 1024);
  CHECK(read_page("<link rel=alternate type=text/xml href=a>" + repeated("<div>", 1'000'000))
            .feeds.size() == 1);
}

TEST_CASE("a page is read up to a tag with very many attributes, wherever that seems to begin") {
  std::string attributes;
  for (int i = 0; attributes.size() < 5U * 1024 * 1024; ++i) {
    attributes += " x" + std::to_string(i);
  }
  const std::string few = attributes.substr(0, 5'000);
  const std::string link = "<link rel=alternate type=text/xml href=a>";
  const std::string hostile[] = {
      "<a" + attributes + ">",
      "<a" + few + ">",
      "</a" + few + ">",
      "<a b='>'" + few + ">",
      "<a b=c'" + few + "'>",
      "<a b = \">\"" + few + ">",
      "<a b==\"><b c=\" ><d> \"" + few + ">",
      "<script><a b=\"</script><b c=' \" > '" + few + ">",
      "<!-- <a b=\" --><b c=' \" > '" + few + ">",
  };
  for (const std::string& tag : hostile) {
    CAPTURE(tag.substr(0, 60));
    CHECK(read_page(link + tag + link).feeds.size() == 1);
  }
  CHECK(html_to_text("seen <a" + few + ">not seen").text == "seen");
  CHECK(title_to_text("seen <a" + few + ">not seen") == "seen");
  // Long addresses, as of pictures that are in the page, are none of this.
  CHECK(read_page("<img src='data:" + std::string(50'000, 'a') + "'>" + link).feeds.size() == 1);
  CHECK(read_page(std::string(2U * 1024 * 1024, ' ') + link).feeds.empty());
}

}  // namespace bb::feeds

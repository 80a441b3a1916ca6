#include "chat/slack/render.hpp"

#include <doctest/doctest.h>

#include <boost/json.hpp>

namespace bb::chat::slack {
namespace {

boost::json::value rendered(const Message& message) {
  return boost::json::parse(render(message));
}

// The mrkdwn of one section.
std::string mrkdwn(Text text) {
  const auto json = rendered({.fallback = "x", .blocks = {Section{std::move(text)}}});
  return std::string(json.at("blocks").at(0).at("text").at("text").as_string());
}

constexpr std::string_view zwsp = "\u200B";

std::string apart(std::string_view marker) {
  return std::string(zwsp) + std::string(marker) + std::string(zwsp);
}

TEST_CASE("a message that wants previews of its links unfurls") {
  const boost::json::value json = rendered({.fallback = "Hi", .previews_links = true});
  CHECK(json.at("unfurl_links").as_bool());
  CHECK(json.at("unfurl_media").as_bool());
}

TEST_CASE("a message has its fallback and blocks and does not unfurl") {
  const auto json = rendered({.fallback = "Hello & welcome", .blocks = {Divider{}}});
  CHECK(json.at("text").as_string() == "Hello &amp; welcome");
  CHECK(json.at("blocks") == boost::json::parse(R"([{"type":"divider"}])"));
  CHECK_FALSE(json.at("unfurl_links").as_bool());
  CHECK_FALSE(json.at("unfurl_media").as_bool());
}

TEST_CASE("a message without blocks has no member blocks") {
  CHECK_FALSE(rendered({.fallback = "hi"}).as_object().contains("blocks"));
}

TEST_CASE("control sequences of Slack in foreign text stay text") {
  CHECK(mrkdwn({{.text = "<!channel> & <@U123>"}}) == "&lt;!channel&gt; &amp; &lt;@U123&gt;");
  const auto json = rendered({.fallback = "x", .blocks = {Section{{{.text = "@here #general"}}}}});
  CHECK(json.at("blocks").at(0).at("text").at("verbatim").as_bool());
}

TEST_CASE("markers in plain text do not style it") {
  CHECK(mrkdwn({{.text = "*bold*"}}) == apart("*") + "bold" + apart("*"));
  CHECK(mrkdwn({{.text = "_x_ ~y~"}}) ==
        apart("_") + "x" + apart("_") + " " + apart("~") + "y" + apart("~"));
  CHECK(mrkdwn({{.text = "snake_case_name"}}) == "snake_case_name");
  CHECK(mrkdwn({{.text = "2 * 3 * 4"}}) == "2 * 3 * 4");
  CHECK(mrkdwn({{.text = "`code`"}}) == "\u02CBcode\u02CB");
  CHECK(mrkdwn({{.text = "> quote\n> more"}}) ==
        std::string(zwsp) + "&gt; quote\n" + std::string(zwsp) + "&gt; more");
}

TEST_CASE("styles are shown where the text can carry them") {
  CHECK(mrkdwn({{.text = "done", .style = Style::bold}}) == "*done*");
  CHECK(mrkdwn({{.text = "done", .style = Style::italic}}) == "_done_");
  CHECK(mrkdwn({{.text = "a < b * c", .style = Style::code}}) == "`a &lt; b * c`");
  CHECK(mrkdwn({{.text = "a*b", .style = Style::bold}}) == "a*b");
  CHECK(mrkdwn({{.text = "a`b", .style = Style::code}}) == "a\u02CBb");
  CHECK(mrkdwn({{.text = "two\nlines", .style = Style::bold}}) == "two\nlines");
}

TEST_CASE("styled text inside of a word is set apart so that the style works") {
  CHECK(mrkdwn({{.text = "un"}, {.text = "do", .style = Style::bold}, {.text = "ne"}}) ==
        "un" + std::string(zwsp) + "*do*" + std::string(zwsp) + "ne");
}

TEST_CASE("a link keeps its shape whatever its text and address hold") {
  CHECK(mrkdwn({{.text = "a|b>c\nd", .url = "https://x.org/p|q>r s"}}) ==
        "<https://x.org/p%7Cq%3Er%20s|a/b&gt;c d>");
  CHECK(mrkdwn({{.text = "q", .url = "https://x.org/?a=1&b=2"}}) ==
        "<https://x.org/?a=1&amp;b=2|q>");
  CHECK(mrkdwn({{.text = " ", .url = "https://x.org"}}) == "<https://x.org|https://x.org>");
  CHECK(mrkdwn({{.text = "b", .style = Style::bold, .url = "https://x.org"}}) ==
        "*<https://x.org|b>*");
}

TEST_CASE("only http and https become links") {
  for (const char* url :
       {"javascript:alert(1)", "ftp://x.org", "/relative", "https://", "http:///x"}) {
    CHECK(mrkdwn({{.text = "click", .url = url}}) == "click");
  }
  CHECK(mrkdwn({{.text = "click", .url = "HTTP://x.org"}}) == "<HTTP://x.org|click>");
}

TEST_CASE("a mention needs a well-formed user id") {
  CHECK(mrkdwn({{.text = "ann", .user = {"U0123AB"}}}) == "<@U0123AB>");
  CHECK(mrkdwn({{.text = "ann", .style = Style::bold, .user = {"U0123AB"}}}) == "*<@U0123AB>*");
  CHECK(mrkdwn({{.text = "ann", .user = {"U1> <!here"}}}) == "ann");
}

TEST_CASE("an emoji needs a well-formed name") {
  CHECK(mrkdwn({{.text = "⭐", .emoji = "star"}}) == ":star:");
  CHECK(mrkdwn({{.text = "⭐", .emoji = "st ar"}}) == "⭐");
}

TEST_CASE("text cannot turn its direction around or hide characters") {
  CHECK(mrkdwn({{.text = "a\u202Egpj.exe\u2066\u200B\u2060"}}) == "agpj.exe");
  CHECK(mrkdwn({{.text = std::string("bell\a\x1b[31m \xff")}}) == "bell  [31m \uFFFD");
}

TEST_CASE("a section is cut at 3000 characters without breaking an entity") {
  const std::string text = mrkdwn({{.text = std::string(5'000, '&')}});
  CHECK(text.size() <= 3'000 + 2);
  CHECK(text.ends_with("&amp;…"));
}

TEST_CASE("a link that does not fit is left out whole") {
  const std::string text =
      mrkdwn({{.text = std::string(2'990, 'a')}, {.text = "link", .url = "https://x.org/long"}});
  CHECK(text == std::string(2'990, 'a') + "…");
}

TEST_CASE("characters are counted rather than octets") {
  std::string text;
  for (int i = 0; i < 2'999; ++i) {
    text += "ü";
  }
  CHECK(mrkdwn({{.text = text}}) == text);
}

TEST_CASE("a header is plain text of at most 150 characters") {
  const auto json =
      rendered({.fallback = "x", .blocks = {Header{"<b>\n" + std::string(200, 'x')}}});
  const auto& text = json.at("blocks").at(0).at("text");
  CHECK(text.at("type").as_string() == "plain_text");
  CHECK(text.at("text").as_string() == "<b> " + std::string(145, 'x') + "…");
}

TEST_CASE("buttons open addresses and have ids of their own") {
  const auto json = rendered({.fallback = "x",
                              .blocks = {Buttons{{{"Connect", "https://github.com/login"},
                                                  {"Bad", "javascript:alert(1)"},
                                                  {"Docs", "https://x.org"}}}}});
  CHECK(json.at("blocks") == boost::json::parse(R"([{"type":"actions","elements":[
    {"type":"button","text":{"type":"plain_text","text":"Connect","emoji":true},
     "url":"https://github.com/login","action_id":"open_1"},
    {"type":"button","text":{"type":"plain_text","text":"Docs","emoji":true},
     "url":"https://x.org","action_id":"open_2"}]}])"));
}

TEST_CASE("a picture stands beside its section") {
  const auto json = rendered(
      {.fallback = "x", .blocks = {Section{{{.text = "t"}}, {{"https://x.org/a.png", ""}}}}});
  CHECK(json.at("blocks").at(0).at("accessory") ==
        boost::json::parse(
            R"({"type":"image","image_url":"https://x.org/a.png","alt_text":"picture"})"));
}

TEST_CASE("a picture that Slack would refuse is left out and a long description is cut") {
  for (const std::string& url : {std::string("http://x.org/a.png"), std::string("javascript:a"),
                                 "https://x.org/" + std::string(3'000, 'a'), std::string()}) {
    CAPTURE(url);
    const auto json =
        rendered({.fallback = "x", .blocks = {Section{{{.text = "t"}}, {{url, "Ada"}}}}});
    CHECK_FALSE(json.at("blocks").at(0).as_object().contains("accessory"));
  }
  const auto json = rendered(
      {.fallback = "x",
       .blocks = {Section{{{.text = "t"}}, {{"https://x.org/a", std::string(3'000, 'd')}}}}});
  const std::string text(json.at("blocks").at(0).at("accessory").at("alt_text").as_string());
  CHECK(text == std::string(1'999, 'd') + "…");
}

TEST_CASE("empty blocks are left out") {
  const auto json = rendered(
      {.fallback = "x", .blocks = {Header{""}, Section{{}}, Context{{}}, Buttons{{}}, Divider{}}});
  CHECK(json.at("blocks").as_array().size() == 1);
}

TEST_CASE("a long fallback is cut at 4000 characters") {
  const auto json = rendered({.fallback = std::string(100'000, '<')});
  const std::string text(json.at("text").as_string());
  CHECK(text.size() <= 4'000 + 2);
  CHECK(text.size() > 3'900);
  CHECK(text.ends_with("&lt;…"));
}

}  // namespace
}  // namespace bb::chat::slack

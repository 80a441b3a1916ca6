#include "sim/slack_blocks.hpp"

#include <doctest/doctest.h>

#include <boost/json.hpp>

#include "sim/slack_fixture.test.hpp"

namespace bb::sim {
namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;

object mrkdwn(std::string text) {
  return {{"type", "mrkdwn"}, {"text", std::move(text)}};
}
object plain(std::string text) {
  return {{"type", "plain_text"}, {"text", std::move(text)}};
}
object section(object text) {
  return {{"type", "section"}, {"text", std::move(text)}};
}
object header(object text) {
  return {{"type", "header"}, {"text", std::move(text)}};
}
object actions(array elements) {
  return {{"type", "actions"}, {"elements", std::move(elements)}};
}
object button(object more = {}) {
  object made{{"type", "button"}, {"text", plain("Go")}, {"url", "https://example.org/"}};
  for (const auto& [name, given] : more) {
    made[name] = given;
  }
  return made;
}

array repeat(const object& item, std::size_t times) {
  array items;
  for (std::size_t i = 0; i < times; ++i) {
    items.push_back(item);
  }
  return items;
}

struct Refused {
  const char* what;
  array blocks;
  std::string why;  // the start of it
};

TEST_CASE("blocks that Slack refuses are refused with their place") {
  const Refused table[] = {
      {"51 blocks", repeat(section(mrkdwn("x")), 51), "no more than 50 items"},
      {"not an object", {"text"}, "must be an object [json-pointer:/blocks/0]"},
      {"no type", {object{}}, "unsupported type: "},
      {"unknown type", {object{{"type", "banner"}}}, "unsupported type: banner"},
      {"section without text", {object{{"type", "section"}}}, "missing required field: text"},
      {"empty section", {section(mrkdwn(""))}, "must be more than 0 characters"},
      {"long section",
       {section(mrkdwn(std::string(3'001, 'a')))},
       "must be less than 3001 characters [json-pointer:/blocks/0/text/text]"},
      {"text is a string", {object{{"type", "section"}, {"text", "x"}}}, "must be an object"},
      {"unknown member",
       {object{{"type", "divider"}, {"text", "x"}}},
       "invalid additional property: text"},
      {"emoji flag on mrkdwn",
       {section({{"type", "mrkdwn"}, {"text", "x"}, {"emoji", true}})},
       "invalid additional property: emoji"},
      {"header in mrkdwn", {header(mrkdwn("x"))}, "unsupported type: mrkdwn"},
      {"long header", {header(plain(std::string(151, 'a')))}, "must be less than 151"},
      {"no actions", {actions({})}, "must have 1 to 25 items"},
      {"26 buttons", {actions(repeat(button(), 26))}, "must have 1 to 25 items"},
      {"button without text", {actions({object{{"type", "button"}}})}, "missing required field"},
      {"button with mrkdwn",
       {actions({button({{"text", mrkdwn("x")}})})},
       "unsupported type: mrkdwn"},
      {"long label",
       {actions({button({{"text", plain(std::string(76, 'a'))}})})},
       "must be less than 76"},
      {"long url",
       {actions({button({{"url", "https://a/" + std::string(3'000, 'a')}})})},
       "must be less than 3001"},
      {"no url", {actions({button({{"url", "javascript:alert(1)"}})})}, "must be a valid URL"},
      {"style", {actions({button({{"style", "loud"}})})}, "must be a valid enum value"},
      {"image without text",
       {object{{"type", "image"}, {"image_url", "https://example.org/a.png"}}},
       "missing required field: alt_text"},
      {"11 in context",
       {object{{"type", "context"}, {"elements", repeat(mrkdwn("x"), 11)}}},
       "must have 1 to 10 items"},
      {"11 fields",
       {object{{"type", "section"}, {"fields", repeat(mrkdwn("x"), 11)}}},
       "must have 1 to 10 items"},
      {"same block_id",
       {object{{"type", "divider"}, {"block_id", "a"}},
        object{{"type", "divider"}, {"block_id", "a"}}},
       "`block_id` already exists"},
  };
  for (const Refused& row : table) {
    CAPTURE(row.what);
    const auto error = find_block_error(row.blocks);
    REQUIRE(error);
    CHECK(error->starts_with(row.why));
  }
}

TEST_CASE("blocks at their limits are accepted") {
  std::string characters;
  for (int i = 0; i < 3'000; ++i) {
    characters += "é";
  }
  const array blocks = {header(plain(std::string(150, 'a'))), section(mrkdwn(characters)),
                        object{{"type", "divider"}},
                        actions(repeat(button({{"style", "primary"}}), 25)),
                        object{{"type", "context"}, {"elements", repeat(mrkdwn("x"), 10)}}};
  CHECK_FALSE(find_block_error(blocks));
  CHECK_FALSE(find_block_error(repeat(section(mrkdwn("x")), 50)));
}

TEST_CASE("a picture beside a section needs an https address and a description") {
  const auto error_with = [](object image) {
    image["type"] = "image";
    object block = section(mrkdwn("x"));
    block["accessory"] = std::move(image);
    return find_block_error(array{block}).value_or("");
  };
  const std::string url = "https://e.org/" + std::string(2'986, 'a');
  CHECK(error_with({{"image_url", url}, {"alt_text", std::string(2'000, 'a')}}) == "");
  CHECK(error_with({{"image_url", url + "a"}, {"alt_text", "a"}})
            .starts_with("must be less than 3001 characters"));
  CHECK(error_with({{"image_url", "http://e.org/a"}, {"alt_text", "a"}})
            .starts_with("must be a valid URL"));
  CHECK(error_with({{"alt_text", "a"}}).starts_with("missing required field: image_url"));
  CHECK(error_with({{"image_url", url}}).starts_with("missing required field: alt_text"));
  CHECK(error_with({{"image_url", url}, {"alt_text", ""}})
            .starts_with("must be more than 0 characters"));
  CHECK(error_with({{"image_url", url}, {"alt_text", std::string(2'001, 'a')}})
            .starts_with("must be less than 2001 characters"));
  CHECK(error_with({{"image_url", url}, {"alt_text", "a"}, {"title", "b"}})
            .starts_with("invalid additional property: title"));
}

TEST_CASE("a message with 51 blocks is not posted") {
  test::SlackFixture fixture;
  const object answer = fixture.post(
      "chat.postMessage",
      {{"channel", fixture.general}, {"text", "x"}, {"blocks", repeat(section(mrkdwn("x")), 51)}});
  CHECK(test::SlackFixture::word(answer, "error") == "invalid_blocks");
  CHECK(fixture.slack->messages(fixture.general).empty());
  CHECK(fixture.error_of_post({{"channel", fixture.general}, {"blocks", object{}}}) ==
        "invalid_blocks_format");
  CHECK(fixture.error_of_post({{"channel", fixture.general}, {"blocks", "not json"}}) ==
        "invalid_blocks_format");
}

}  // namespace
}  // namespace bb::sim

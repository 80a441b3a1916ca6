#include "features/github_activity/replies.hpp"

#include <doctest/doctest.h>

#include <chrono>

namespace bb::github_activity {
namespace {

TEST_CASE("the fallback of an answer is the text of all its blocks") {
  const chat::Message message =
      reply({chat::Header{"Title"},
             chat::Section{.text = {{.text = "Hello "}, {.text = "ada", .user = {"U1"}}}},
             chat::Divider{}, chat::Context{.text = {{.text = "small"}}},
             chat::Buttons{.buttons = {{.label = "Go", .url = "https://example.org"}}}});
  CHECK(message.fallback == "Title\nHello ada\nsmall\nhttps://example.org");
  CHECK(message.blocks.size() == 5);
}

TEST_CASE("a long answer is parted between words") {
  std::string text;
  for (int i = 0; i < 1'000; ++i) {
    text += (i == 0 ? "" : " ") + std::to_string(i) + "-word";
  }
  const chat::Message message = reply(text);
  std::string joined;
  for (const chat::Block& block : message.blocks) {
    const std::string& part = std::get<chat::Section>(block).text.front().text;
    CHECK(part.size() <= 2'500);
    joined += (joined.empty() ? "" : " ") + part;
  }
  CHECK(message.blocks.size() == 4);
  CHECK(joined == text);
  CHECK(reply(std::string(6'000, 'x')).blocks.size() == 3);
}

TEST_CASE("a list names what fits and counts the others") {
  CHECK(list_text({}, 10) == "");
  CHECK(list_text({"a", "b", "c"}, 10) == "a, b and c");
  CHECK(list_text({"aaaa", "bbbb", "cccc"}, 12) == "aaaa, bbbb and 1 more");
  CHECK(list_text({"aaaa", "bbbb", "cccc"}, 1) == "aaaa and 2 more");
}

TEST_CASE("what GitHub last told is said with what keeps it from telling more") {
  const TimeZone zone = TimeZone::utc();
  const TimePoint time{std::chrono::seconds(1'700'000'000)};
  LinkedMember member;
  CHECK(github_text(member, zone).find("not heard") != std::string::npos);
  member.polled_at = time;
  CHECK(github_text(member, zone) == "GitHub last told me what you did at 2023-11-14 22:13 UTC.");
  member.error = "no answer";
  CHECK(github_text(member, zone).find("The last attempt failed.") != std::string::npos);
  CHECK(github_text(member, zone).find("no answer") == std::string::npos);
  member.gone_since = time;
  CHECK(github_text(member, zone).find("does not show your account since") != std::string::npos);
}

}  // namespace
}  // namespace bb::github_activity

#include "features/feeds/feed_settings.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <sstream>

namespace bb::feeds {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using Words = std::vector<std::string>;

}  // namespace

TEST_CASE("settings are read as people write them and stored as what differs from the defaults") {
  const Words words = {"delay=2h",       "Spacing=0",   "burst=3",     "suppress=#Private",
                       "words=C++,Rust", "replies=YES", "reposts=yes", "prereleases=no",
                       "hashtags=#cpp",  "look=text"};
  const Result<FeedSettings> settings = with_changes({}, words);
  REQUIRE(settings);
  CHECK(*settings == FeedSettings{.delay = hours(2),
                                  .spacing = minutes(0),
                                  .burst = 3,
                                  .suppress = "#private",
                                  .words = {"c++", "rust"},
                                  .hashtags = {"cpp"},
                                  .replies = true,
                                  .reposts = true,
                                  .prereleases = false,
                                  .look = Look::text});
  CHECK(to_text(*settings) ==
        "delay=2h spacing=0 burst=3 suppress=#private words=c++,rust hashtags=cpp replies=yes "
        "reposts=yes prereleases=no look=text");
  CHECK(from_text(to_text(*settings)) == *settings);
  CHECK(to_text(FeedSettings{}).empty());
  CHECK(with_changes(*settings, Words{"words=", "delay=30m"})->words.empty());
}

TEST_CASE("a setting that is not usable is named with what it takes") {
  const std::pair<std::string, std::string> rows[] = {
      {"delay=soon", "delay is a span such as 30m or 2h, at most 7d"},
      {"delay=8d", "delay is a span such as 30m or 2h, at most 7d"},
      {"burst=0", "burst is a number from 1 to 20"},
      {"replies=maybe", "replies is yes or no"},
      {"look=nice", "look is preview or text"},
      {"words=a b", "words takes no spaces"},
      {"colour=red",
       "there is no setting 'colour', but delay, spacing, burst, suppress, words, hashtags, "
       "replies, reposts, prereleases and look"}};
  for (const auto& [word, message] : rows) {
    const Result<FeedSettings> settings = with_changes({}, Words{word});
    REQUIRE_FALSE(settings);
    CHECK(settings.error().message == message);
  }
}

TEST_CASE("the user guide tells every setting and its default") {
  std::ifstream file("docs/user-guide.md", std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  const std::string guide = text.str();
  for (const Setting& setting : setting_table()) {
    const std::string fallback = setting.get({});
    const std::string row = "\n| `" + std::string(setting.name) + "` | " +
                            (fallback.empty() ? "any" : "`" + fallback + "`") + " | ";
    CAPTURE(row);
    CHECK(guide.find(row) != std::string::npos);
  }
}

TEST_CASE("an address with an equals sign is no setting") {
  CHECK(is_assignment("delay=1h"));
  CHECK_FALSE(is_assignment("https://example.org/feeds/videos.xml?channel_id=UC1"));
  CHECK_FALSE(is_assignment("@ada@example.social"));
  CHECK_FALSE(is_assignment("=1h"));
}

}  // namespace bb::feeds

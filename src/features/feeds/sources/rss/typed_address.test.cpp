#include "features/feeds/sources/rss/typed_address.hpp"

#include <doctest/doctest.h>

namespace bb::feeds {

using Addresses = std::vector<std::string>;

TEST_CASE("what people type becomes the addresses to try") {
  struct Row {
    const char* typed;
    Addresses expected;
  };
  const std::string channel = "UCAuUUnT6oDeKwE6v1NGQxug";
  const std::string videos = "https://www.youtube.com/feeds/videos.xml?";
  const Row rows[] = {
      {"https://Blog.example/feed#top", {"https://blog.example/feed"}},
      {" http://blog.example ", {"http://blog.example/"}},
      {"http://127.0.0.1:8080/feed", {"http://127.0.0.1:8080/feed"}},
      {"blog.example", {"https://blog.example/", "http://blog.example/"}},
      {"blog.example:8080/feed.xml",
       {"https://blog.example:8080/feed.xml", "http://blog.example:8080/feed.xml"}},
      {"feed://blog.example/rss", {"https://blog.example/rss", "http://blog.example/rss"}},
      {"feed:https://blog.example/rss", {"https://blog.example/rss"}},
      {"UCAuUUnT6oDeKwE6v1NGQxug", {videos + "channel_id=" + channel}},
      {"https://www.youtube.com/channel/UCAuUUnT6oDeKwE6v1NGQxug/videos",
       {videos + "channel_id=" + channel}},
      {"youtube.com/channel/UCAuUUnT6oDeKwE6v1NGQxug", {videos + "channel_id=" + channel}},
      {"https://www.youtube.com/playlist?list=PL123&x=1", {videos + "playlist_id=PL123"}},
      {"https://www.youtube.com/@CppCon", {"https://www.youtube.com/@CppCon"}},
      {"https://github.com/owner/project", {"https://github.com/owner/project/releases.atom"}},
      {"github.com/owner/project/releases/", {"https://github.com/owner/project/releases.atom"}},
      {"https://github.com/owner/project/commits.atom",
       {"https://github.com/owner/project/commits.atom"}},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.typed));
    CHECK((typed_addresses(row.typed) == row.expected));
  }
}

TEST_CASE("what is no address of the web is left to others") {
  for (const char* typed :
       {"", "@ada", "@ada@instance.example", "ada", "3.14", "two words.example", "did:plc:abc",
        "ftp://blog.example/", "file:///etc/passwd", "javascript:alert(1)", "ada@blog.example",
        "UCshort", "..", "a..b", "https://"}) {
    CAPTURE(std::string(typed));
    CHECK(typed_addresses(typed).empty());
  }
}

}  // namespace bb::feeds

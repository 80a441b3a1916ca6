#include "features/feeds/selection.hpp"

#include <doctest/doctest.h>

namespace bb::feeds {

TEST_CASE("an item is posted unless the settings of its feed say otherwise") {
  struct Row {
    Item item;
    FeedSettings settings;
    std::string_view reason;
  };
  const Row rows[] = {
      {{.id = "1", .text = "Hello"}, {}, ""},
      {{.id = "1", .text = "Hello", .is_reply = true}, {}, "a reply"},
      {{.id = "1", .text = "Hello", .is_reply = true}, {.replies = true}, ""},
      {{.id = "1", .text = "Hello", .is_repost = true}, {}, "a repost"},
      {{.id = "1", .text = "Hello", .is_repost = true}, {.reposts = true}, ""},
      {{.id = "1", .title = "2.0-rc1", .is_prerelease = true}, {}, ""},
      {{.id = "1", .title = "2.0-rc1", .is_prerelease = true},
       {.prereleases = false},
       "a pre-release"},
      {{.id = "1", .text = "Not for robots #NoBot."}, {}, "has the word #nobot"},
      {{.id = "1", .text = "About #nobots"}, {}, ""},
      {{.id = "1", .content_warning = "#nobot"}, {}, "has the word #nobot"},
      {{.id = "1", .text = "#nobot"}, {.suppress = ""}, ""},
      {{.id = "1", .text = "News of C++."}, {.words = {"rust", "c++"}}, ""},
      {{.id = "1", .title = "Rust 2.0"}, {.words = {"rust", "c++"}}, ""},
      {{.id = "1", .text = "Trust me"}, {.words = {"rust", "c++"}}, "has none of the words"},
      {{.id = "1", .text = "So", .hashtags = {"cpp"}}, {.hashtags = {"cpp"}}, ""},
      {{.id = "1", .text = "So #CPP!"}, {.hashtags = {"cpp"}}, ""},
      {{.id = "1", .text = "So cpp"}, {.hashtags = {"cpp"}}, "has none of the hashtags"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.item.text);
    CHECK(reason_against(row.item, row.settings) == row.reason);
  }
}

TEST_CASE("the same post has one fingerprint on every network") {
  const std::string post = fingerprint_of({.id = "1", .text = "We released 1.0 of #CPP-Tool!"});
  CHECK_FALSE(post.empty());
  for (const char* text : {"we released  1.0\nof #cpptool https://t.co/AbC",
                           "We released 1.0 of CPP-Tool! github.com/org/tool/rel…"}) {
    CHECK(fingerprint_of({.id = "2", .text = text}) == post);
  }
  CHECK(fingerprint_of({.id = "3", .text = "We released 1.1 of #CPP-Tool!"}) != post);
}

TEST_CASE("a text that many people write is never the same post") {
  for (const char* text : {"Thank you!", "Happy New Year!", "Спасибо большое!"}) {
    CHECK(fingerprint_of({.id = "1", .text = text}).empty());
  }
  CHECK_FALSE(fingerprint_of({.id = "1", .text = "Спасибо всем, кто пришёл!"}).empty());
}

TEST_CASE("articles, reposts and pictures without a text are never the same post") {
  CHECK(fingerprint_of({.id = "1", .title = "News", .text = "Hello to all who read this"}).empty());
  CHECK(
      fingerprint_of({.id = "1", .text = "Hello to all who read this", .is_repost = true}).empty());
  CHECK(fingerprint_of({.id = "1", .text = " https://example.org/p "}).empty());
}

}  // namespace bb::feeds

// HTML as it stands in feeds, and pages that name their feed.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace bb::feeds {

struct PlainText {
  std::string text;
  std::size_t media = 0;  // pictures, films, sounds; not emoji and tracking pixels

  bool operator==(const PlainText&) const = default;
};

// Without markup, its paragraphs as lines. What comes after 16 KiB, 500 tags or a tag that is
// longer than 4 KiB without its quoted values is left out.
PlainText html_to_text(std::string_view html);

// A title, in which nobody knows whether "<" is markup: only names of elements that occur in titles
// are, so that "vector<int>" stays as it is. One line.
std::string title_to_text(std::string_view title);

// One line: every run of white space as one space.
std::string one_line(std::string_view text);

struct PageLink {
  std::string type;  // "application/rss+xml"
  std::string title;
  std::string href;  // as written

  bool operator==(const PageLink&) const = default;
};

struct Page {
  std::string base;             // of <base href>, as written; empty: the page's own address
  std::string canonical;        // of <link rel="canonical">, as written
  std::vector<PageLink> feeds;  // of <link rel="alternate"> with a type that is one of feeds

  bool operator==(const Page&) const = default;
};

// What comes after 1 MiB, 10,000 tags or a tag that is longer than 4 KiB without its quoted values
// is left out.
Page read_page(std::string_view html);

}  // namespace bb::feeds

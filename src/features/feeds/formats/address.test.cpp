#include "features/feeds/formats/address.hpp"

#include <doctest/doctest.h>

namespace bb::feeds {

TEST_CASE("references are resolved against the document they stand in") {
  struct Row {
    const char* base;
    const char* reference;
    const char* expected;
  };
  const Row rows[] = {
      {"https://a.example/b/feed.xml", "c", "https://a.example/b/c"},
      {"https://a.example/b/feed.xml", "/c?d=e#f", "https://a.example/c?d=e#f"},
      {"https://a.example/b/feed.xml", "../c", "https://a.example/c"},
      {"https://a.example/b/feed.xml", "//x.example/y", "https://x.example/y"},
      {"https://a.example/b/feed.xml", "?page=2", "https://a.example/b/feed.xml?page=2"},
      {"https://a.example", "c", "https://a.example/c"},
      {"", "https://a.example/c", "https://a.example/c"},
      {"https://a.example/", " https://a.example/two words\n ", "https://a.example/two%20words"},
      {"https://a.example/", "/caf\xC3\xA9?q=[1]|2", "https://a.example/caf%C3%A9?q=%5B1%5D%7C2"},
      {"https://a.example/", "/100%?a=%zz", "https://a.example/100%25?a=%25zz"},
      {"https://a.example/", "http://[2606:4700::1111]/", "http://[2606:4700::1111]/"},
      {"https://a.example/", "#a#b", "https://a.example/#a%23b"},
      {"https://a.example/", "HTTPS://b.example/", "https://b.example/"},
      {"https://a.example/", "https://ada:secret@b.example/c", "https://b.example/c"},
      {"https://ada:secret@a.example/", "/c", "https://a.example/c"},
      {"https://a.example/", "javascript:alert(1)", ""},
      {"https://a.example/", "mailto:a@b.example", ""},
      {"https://a.example/", "file:///etc/passwd", ""},
      {"https://a.example/", "http:///path", ""},
      {"https://a.example/", "", ""},
      {"not an address", "c", ""},
      {"", "c", ""},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.reference));
    CHECK(resolve_address(row.base, row.reference) == row.expected);
  }
  CHECK(resolve_address("https://a.example/", std::string(3'000, 'x')).empty());
}

TEST_CASE("one address has one spelling") {
  for (const char* spelling :
       {"https://example.org/", "HTTPS://Example.ORG", "https://example.org:443/",
        "https://example.org:/#top", "https://ada:secret@example.org/"}) {
    CAPTURE(std::string(spelling));
    CHECK(normal_address(spelling) == "https://example.org/");
  }
  CHECK(normal_address("http://example.org:8080/Feed?a=B") == "http://example.org:8080/Feed?a=B");
  CHECK(normal_address("ftp://example.org/").empty());
  CHECK(normal_address("example.org").empty());
  CHECK(normal_address("https://example.org:port/").empty());
  CHECK(host_of("https://Example.org:8080/x") == "example.org");
  CHECK(host_of("nothing").empty());
}

}  // namespace bb::feeds

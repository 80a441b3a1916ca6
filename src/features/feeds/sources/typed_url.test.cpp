#include "features/feeds/sources/typed_url.hpp"

#include <doctest/doctest.h>

namespace bb::feeds {

TEST_CASE("an address is taken apart without its query") {
  CHECK(parse_typed_url(" HTTPS://WWW.Example.Org:8443/@Ada%20B/?x=1#y ") ==
        TypedUrl{.origin = "https://www.example.org:8443",
                 .host = "example.org",
                 .segments = {"@Ada B"}});
  CHECK(parse_typed_url("http://example.org")->segments.empty());
}

TEST_CASE("what is no address of the web is refused") {
  for (const char* typed :
       {"", "example.org", "ftp://example.org/", "https://", "https:///path",
        "https://ada:secret@example.org/", "javascript:alert(1)", "https://a b/"}) {
    CAPTURE(typed);
    CHECK_FALSE(parse_typed_url(typed));
  }
}

}  // namespace bb::feeds

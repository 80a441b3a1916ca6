#include "base/text.hpp"

#include <doctest/doctest.h>

namespace bb {

TEST_CASE("trim removes white space and the no-break space of phone keyboards") {
  CHECK(trim(" \t connect\r\n") == "connect");
  CHECK(trim("\xC2\xA0"
             "help\xC2\xA0 ") == "help");
  CHECK(trim("  ").empty());
}

TEST_CASE("a whole number is parsed only when it is all there is") {
  CHECK(parse_integer("42") == 42);
  CHECK(parse_integer("-7") == -7);
  CHECK_FALSE(parse_integer("42x"));
  CHECK_FALSE(parse_integer(""));
  CHECK_FALSE(parse_integer("9223372036854775808"));
}

TEST_CASE("ill-formed UTF-8 becomes the replacement character and the rest stays") {
  CHECK(to_valid_utf8("caf\xC3\xA9 \xF0\x9F\xA6\xAB") == "caf\xC3\xA9 \xF0\x9F\xA6\xAB");
  CHECK(to_valid_utf8("a\xFF"
                      "b") ==
        "a\xEF\xBF\xBD"
        "b");
  CHECK(to_valid_utf8("\xED\xA0\x80").find('\xED') == std::string::npos);  // a surrogate
  CHECK(to_valid_utf8("\xC0\xAF").find('\xC0') == std::string::npos);      // overlong
  CHECK(to_valid_utf8("\xF0\x9F\xA6") == "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST_CASE("a cut never splits a code point and shows an ellipsis") {
  CHECK(truncate("short", 10) == "short");
  CHECK(truncate("abcdefgh", 6) == "abc\xE2\x80\xA6");
  CHECK(truncate("\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9", 7) == "\xC3\xA9\xC3\xA9\xE2\x80\xA6");
  CHECK(truncate("abcdefgh", 2).empty());
}

TEST_CASE("control characters cannot reach a log line or terminal") {
  CHECK(escape_control("a\nb\x1B[31m\x7F") == "a\\nb\\x1b[31m\\x7f");
}

TEST_CASE("counts agree with their nouns and words are joined as in a sentence") {
  CHECK(count_of(1, "push", "pushes") == "1 push");
  CHECK(count_of(0, "push", "pushes") == "0 pushes");
  const std::vector<std::string> words = {"a", "b", "c"};
  CHECK(join_words(words) == "a, b and c");
}

}  // namespace bb

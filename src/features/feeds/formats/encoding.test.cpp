#include "features/feeds/formats/encoding.hpp"

#include <doctest/doctest.h>

#include <string>

namespace bb::feeds {
namespace {

using std::string_literals::operator""s;

// Each octet of `text` in a unit of `width` octets.
std::string widened(const std::string& text, std::size_t width, bool big_endian) {
  std::string result;
  for (const char c : text) {
    const std::string padding(width - 1, '\0');
    result += big_endian ? padding + c : c + padding;
  }
  return result;
}

}  // namespace

TEST_CASE("octets are read as the XML declaration says") {
  const auto declared = [](const std::string& label, const std::string& text) {
    const std::string head = "<?xml version='1.0' encoding='" + label + "'?>";
    return to_utf8(head + text).substr(head.size());
  };
  CHECK(declared("utf-8", "Gr\xC3\xBC\xC3\x9F") == "Gr\xC3\xBC\xC3\x9F");
  CHECK(declared("ISO-8859-1", "Gr\xFC\xDF") == "Gr\xC3\xBC\xC3\x9F");
  CHECK(declared("iso-8859-1", "\x93quoted\x94") == "\xE2\x80\x9Cquoted\xE2\x80\x9D");
  CHECK(declared("windows-1252", "\x80") == "\xE2\x82\xAC");
  CHECK(declared("cp1251", "\xCF\xF0") == "\xD0\x9F\xD1\x80");
  CHECK(declared("KOI8-R", "\xF0") == "\xD0\x9F");
  CHECK(declared("EUC-KR", "\xB0\xA1") == "\xEA\xB0\x80");
  CHECK(declared("gb2312", "\xC4\xE3") == "\xE4\xBD\xA0");
  CHECK(declared("Shift_JIS", "\x93\xFA") == "\xE6\x97\xA5");
  CHECK(declared("utf-16", "a \xC3\xA9") == "a \xC3\xA9");  // it is not, as one can read that
}

TEST_CASE("a byte order mark or the first octets tell the width of units") {
  const std::string text = "<rss>x</rss>";
  CHECK(to_utf8("\xEF\xBB\xBF" + text) == text);
  CHECK(to_utf8("\xFE\xFF" + widened(text, 2, true)) == text);
  CHECK(to_utf8("\xFF\xFE" + widened(text, 2, false)) == text);
  CHECK(to_utf8("\0\0\xFE\xFF"s + widened(text, 4, true)) == text);
  CHECK(to_utf8("\xFF\xFE\0\0"s + widened(text, 4, false)) == text);
  CHECK(to_utf8(widened(text, 2, true)) == text);
  CHECK(to_utf8(widened(text, 2, false)) == text);
  CHECK(to_utf8(widened(text, 4, true)) == text);
  CHECK(to_utf8(widened(text, 4, false)) == text);
}

TEST_CASE("what nobody declared is UTF-8 if it can be and windows-1252 if not") {
  CHECK(to_utf8("<a>\xC3\xA9</a>") == "<a>\xC3\xA9</a>");
  CHECK(to_utf8("<a>\xE9</a>") == "<a>\xC3\xA9</a>");
  CHECK(to_utf8("<?xml version='1.0' encoding='nonsense'?>\xE9").ends_with("\xC3\xA9"));
}

TEST_CASE("octets that mean nothing become replacement characters") {
  const std::string head = "<?xml version='1.0' encoding='UTF-8'?>";
  CHECK(to_utf8(head + "a\xFFz") == head + "a\xEF\xBF\xBDz");
  CHECK(to_utf8("\xFE\xFF\0a\xD8"s) == "a\xEF\xBF\xBD");
  CHECK(to_utf8("<?xml encoding='windows-1252'?>\x81").ends_with("\xEF\xBF\xBD"));
  CHECK(to_utf8("").empty());
}

}  // namespace bb::feeds

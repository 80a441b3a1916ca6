#include "base/json.hpp"

#include <doctest/doctest.h>

#include <boost/json.hpp>

namespace bb {

TEST_CASE("a broken document is refused with the position") {
  const auto parsed = json::parse(R"({"a": tru})");
  REQUIRE_FALSE(parsed);
  CHECK(parsed.error().message.find("offset 6") != std::string::npos);
  CHECK_FALSE(json::parse(""));
  CHECK_FALSE(json::parse("{} {}"));
  CHECK_FALSE(json::parse(R"({"a": 1)"));
  CHECK_FALSE(json::parse("\"\xFF\""));
}

TEST_CASE("a document nested too deeply is refused") {
  CHECK_FALSE(json::parse(std::string(100'000, '[')));
  CHECK(json::parse(std::string(60, '[') + std::string(60, ']')));
}

TEST_CASE("halves of surrogate pairs are replaced and everything else stays as it is") {
  const auto mended = [](std::string_view text) { return json::without_lone_surrogates(text); };
  CHECK(mended(R"(["\ud83d"])") == R"(["\ufffd"])");
  CHECK(mended(R"(["\uDE00 x \ud83d\ud83d\ude00"])") == R"(["\ufffd x \ufffd\ud83d\ude00"])");
  CHECK(mended(R"(["\ud83d\n", "\ud83d)") == R"(["\ufffd\n", "\ufffd)");
  for (const std::string_view whole : {R"(["\\ud83d"])", R"(["\ud83d\ude00"])", R"(["\u00e9\"\\"])",
                                       R"({"a": 1})", "", "\\", "\\u", R"("\uD8)", R"("\ud8zz")"}) {
    CAPTURE(whole);
    CHECK(mended(whole) == whole);
  }
  CHECK(json::parse(mended(R"(["\ud83d"])")));
}

TEST_CASE("values are found by path and only with the right type") {
  const auto value =
      json::parse(R"({"event": {"user": "U1", "count": 3, "big": 1e30}, "ok": true})").value();
  CHECK(json::string(value, "event.user") == "U1");
  CHECK(json::integer(value, "event.count") == 3);
  CHECK_FALSE(json::integer(value, "event.big"));
  CHECK_FALSE(json::string(value, "event.count"));
  CHECK_FALSE(json::string(value, "event.user.name"));
  CHECK(json::boolean(value, "ok") == true);
  CHECK(json::object(value, "event") != nullptr);
  CHECK(json::array(value, "event") == nullptr);
}

TEST_CASE("a missing required value names its path") {
  const auto value = json::parse(R"({"event": {}})").value();
  const auto missing = json::required_string(value, "event.user");
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code == ErrorCode::bad_response);
  CHECK(missing.error().message == "'event.user' is missing or not a string");
}

}  // namespace bb

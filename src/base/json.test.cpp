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

#include "http/message.hpp"

#include <doctest/doctest.h>

namespace bb::http {
namespace {

TEST_CASE("header names compare without regard to case and keep their order") {
  Headers headers{{"Accept", "a"}, {"X", "1"}};
  headers.add("accept", "b");
  CHECK(headers.find("ACCEPT") == "a");
  headers.set("ACCEPT", "c");
  REQUIRE(headers.entries().size() == 2);
  CHECK(headers.entries()[0].first == "X");
  CHECK(headers.find("Accept") == "c");
  headers.remove("aCCept");
  CHECK_FALSE(headers.find("Accept").has_value());
}

TEST_CASE("a header value cannot add another header") {
  Headers headers{{"Location", "a\r\nSet-Cookie: b"}};
  headers.add("X", std::string_view("c\0d", 3));
  CHECK(headers.find("Location") == "a  Set-Cookie: b");
  CHECK(headers.find("X") == "c d");
}

TEST_CASE("parameters are decoded as forms encode them") {
  const auto parameters = Parameters::parse("a=1+2&b=%C3%A9%26&&c&=d&a=3&e=x=y");
  REQUIRE(parameters.has_value());
  CHECK(parameters->find("a") == "1 2");
  CHECK(parameters->find("b") == "é&");
  CHECK(parameters->find("c") == "");
  CHECK(parameters->find("") == "d");
  CHECK(parameters->find("e") == "x=y");
  CHECK_FALSE(parameters->find("f").has_value());
}

TEST_CASE("parameters with an ill-formed escape are refused") {
  for (const char* const text : {"a=%", "a=%1", "a=%zz", "%4=a"}) {
    CAPTURE(text);
    CHECK_FALSE(Parameters::parse(text).has_value());
  }
}

TEST_CASE("encoded parameters are read back unchanged") {
  Parameters parameters;
  parameters.add("scope", "a b+c&d=e");
  parameters.add("ключ", std::string("\0\xFF%", 3));
  const std::string encoded = parameters.encode();
  CHECK(encoded == "scope=a%20b%2Bc%26d%3De&%D0%BA%D0%BB%D1%8E%D1%87=%00%FF%25");
  const auto again = Parameters::parse(encoded);
  REQUIRE(again.has_value());
  CHECK(again->encode() == encoded);
  CHECK(again->find("scope") == "a b+c&d=e");
}

TEST_CASE("a path keeps its plus signs") {
  CHECK(percent_decode("/a+b%2fc%00") == std::string("/a+b/c\0", 7));
  CHECK_FALSE(percent_decode("/%").has_value());
}

TEST_CASE("an error has one shape and survives any text") {
  const Response response = error_response(404, "no \"such\"\nthing \xFF");
  CHECK(response.status == 404);
  CHECK(response.headers.find("Content-Type") == "application/json");
  CHECK(response.body ==
        "{\"data\":{},\"error\":{\"message\":\"no \\\"such\\\"\\nthing \xEF\xBF\xBD\"}}");
}

TEST_CASE("a page may use inline style and nothing else") {
  const Response response = html_response(200, "<p>hello");
  CHECK(response.headers.find("Content-Type") == "text/html; charset=utf-8");
  const std::string policy = response.headers.find("Content-Security-Policy").value_or("");
  CHECK(policy.starts_with("default-src 'none'; style-src 'unsafe-inline'"));
  CHECK(policy.find("script") == std::string::npos);
}

TEST_CASE("every status has a phrase") {
  CHECK(reason_phrase(404) == "Not Found");
  CHECK(reason_phrase(299) == "Unknown");
}

}  // namespace
}  // namespace bb::http

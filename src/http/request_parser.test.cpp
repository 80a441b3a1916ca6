#include "http/request_parser.hpp"

#include <doctest/doctest.h>

namespace bb::http {
namespace {

RequestParser parser() {
  return RequestParser({.header_bytes = 4096, .body_bytes = 4096});
}

TEST_CASE("a request becomes a value however it is cut") {
  const std::string text =
      "POST /a%20b/c?x=1&y=%2F+z#f HTTP/1.1\r\nHost: example\r\nX-Two: 1\r\nx-two: 2\r\n"
      "Content-Length: 4\r\n\r\nbody";
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    CAPTURE(cut);
    RequestParser reading = parser();
    const std::size_t used = reading.feed(std::string_view(text).substr(0, cut));
    REQUIRE(used <= cut);
    CHECK(used + reading.feed(std::string_view(text).substr(used)) == text.size());
    REQUIRE((reading.state() == RequestParser::State::complete));
    CHECK(reading.keep_alive());
    const Request request = reading.take();
    CHECK(request.method == "POST");
    CHECK(request.path == "/a b/c");
    CHECK(request.query.find("x") == "1");
    CHECK(request.query.find("y") == "/ z");
    CHECK(request.body == "body");
    CHECK(request.headers.find("x-TWO") == "1");
    CHECK(request.headers.entries().size() == 4);
  }
}

TEST_CASE("octets behind a request are left for the next one") {
  const std::string one = "GET /1 HTTP/1.1\r\nHost: a\r\n\r\n";
  RequestParser reading = parser();
  CHECK(reading.feed(one + "GET /2 HTTP/1.1\r\n") == one.size());
  CHECK((reading.state() == RequestParser::State::complete));
}

TEST_CASE("a coding beside chunked is not guessed at") {
  for (const char* const value : {"gzip", "gzip, chunked", "chunked, chunked", "identity"}) {
    CAPTURE(value);
    RequestParser reading = parser();
    reading.feed("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: " + std::string(value) +
                 "\r\n\r\n");
    CHECK((reading.state() == RequestParser::State::rejected));
  }
}

TEST_CASE("a trailer cannot grow over the limit of the header") {
  RequestParser reading = parser();
  std::string text =
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n";
  for (int i = 0; i < 1000; ++i) {
    text += "X-Trailer: some value\r\n";
  }
  reading.feed(text);
  CHECK((reading.state() == RequestParser::State::rejected));
}

}  // namespace
}  // namespace bb::http

#include "http/recorded_exchange.hpp"

#include <doctest/doctest.h>

namespace bb::http {
namespace {

using namespace std::chrono_literals;

RecordedExchange exchange_with(const std::string& body) {
  return {.at = TimePoint(1'800'000'000s),
          .method = "POST",
          .url = "https://a.example/x?y=1",
          .request_headers = {{"Accept", "*/*"}, {"X-Two", "1"}, {"X-Two", "2"}},
          .request_body = body,
          .answer = Response{.status = 201, .headers = {{"ETag", "\"a\""}}, .body = body}};
}

Result<std::vector<RecordedExchange>> parse_after_header(const std::string& lines) {
  return parse_recording(recording_header() + "\n" + lines);
}

}  // namespace

TEST_CASE("an exchange is read back as it was written") {
  for (const std::string& body :
       {std::string(), std::string("text\nwith \"lines\""), std::string(R"({"a":[1,"b",null]})"),
        std::string(R"({"a": 1})"), std::string("{broken"), std::string("\xff\x00\xfe", 3),
        std::string(R"(["big",123456789012345678901234567890])"), std::string("\"quoted\"")}) {
    CAPTURE(body);
    const RecordedExchange exchange = exchange_with(body);
    const std::string line = format_exchange(exchange);
    CHECK(line.find('\n') == std::string::npos);
    const auto parsed = parse_after_header(line);
    REQUIRE_MESSAGE(parsed, (parsed ? "" : parsed.error().message));
    REQUIRE(parsed->size() == 1);
    const RecordedExchange& read = parsed->front();
    CHECK((read.at == exchange.at));
    CHECK(read.method == exchange.method);
    CHECK(read.url == exchange.url);
    CHECK((read.request_headers == exchange.request_headers));
    CHECK(read.request_body == body);
    REQUIRE(read.answer);
    CHECK((*read.answer == *exchange.answer));
  }
}

TEST_CASE("an error is read back as it was written") {
  RecordedExchange exchange = exchange_with("");
  exchange.answer = fail(ErrorCode::uncertain, "a.example/x: Timeout was reached");
  const auto parsed = parse_after_header(format_exchange(exchange));
  REQUIRE(parsed);
  REQUIRE_FALSE(parsed->front().answer);
  CHECK((parsed->front().answer.error() == exchange.answer.error()));
}

TEST_CASE("a line shows its JSON as JSON and its text as text") {
  CHECK(
      format_exchange(exchange_with(R"({"a":1})")) ==
      R"({"at":"2027-01-15T08:00:00Z","request":{"method":"POST","url":"https://a.example/x?y=1",)"
      R"("headers":{"Accept":"*/*","X-Two":["1","2"]},"body":{"a":1}},)"
      R"("response":{"status":201,"headers":{"ETag":"\"a\""},"body":{"a":1}}})");
  CHECK(format_exchange(exchange_with("plain")).contains(R"("body":"plain")"));
  CHECK(format_exchange(exchange_with("\xff")).contains(R"("body_base64":"/w==")"));
}

TEST_CASE("a recording that was continued has its header twice") {
  const std::string line = format_exchange(exchange_with("")) + "\n";
  const auto parsed = parse_after_header(line + "\n" + recording_header() + "\r\n" + line);
  REQUIRE(parsed);
  CHECK(parsed->size() == 2);
}

TEST_CASE("what cannot be read is told with its line") {
  struct Case {
    std::string line;
    std::string problem;
  };
  const std::string start = R"({"at":"2027-01-15T08:00:00Z","request":{"method":"GET","url":"u")";
  const std::vector<Case> cases = {
      {"{", "line 2: not JSON"},
      {"7", "'at' is missing"},
      {R"({"at":"yesterday"})", "line 2: "},
      {R"({"at":"2027-01-15T08:00:00Z","request":{"method":"GET"}})", "'request.url' is missing"},
      {start + "}}", "neither 'response' nor 'error'"},
      {start + R"(},"response":{}})", "response: 'status' is missing"},
      {start + R"(},"response":{"status":5}})", "'status' is not a status"},
      {start + R"(},"response":{"status":200,"headers":[]}})", "'headers' is not an object"},
      {start + R"(},"response":{"status":200,"headers":{"A":1}}})", "'A' is neither"},
      {start + R"(},"response":{"status":200,"body_base64":"?"}})", "not base64"},
      {start + R"(},"error":{"code":"odd","message":"m"}})", "'error.code' is not known"},
      {start + R"(},"error":{"code":"internal"}})", "'message' is missing"},
      {R"({"format":"busy-beaver-http","version":2})", "another version"},
  };
  for (const auto& [line, problem] : cases) {
    CAPTURE(line);
    const auto parsed = parse_after_header(line);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().message.starts_with("line 2: "));
    CHECK(parsed.error().message.contains(problem));
  }
}

TEST_CASE("a file without the header is no recording") {
  CHECK(parse_recording("").error().message.contains("empty"));
  CHECK(parse_recording("\n{\"log\": 1}\n").error().message.starts_with("line 2: this is not"));
}

}  // namespace bb::http

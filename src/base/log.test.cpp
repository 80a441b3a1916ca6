#include "base/log.hpp"

#include <doctest/doctest.h>

namespace bb::log {
namespace {

std::string line_with(std::string_view value) {
  return detail::text_line("event", "", {{"key", value}});
}

TEST_CASE("a text line has the event then the request then the fields") {
  CHECK(
      detail::text_line("job_failed", "r1", {{"attempt", 3}, {"final", true}, {"kind", "poll"}}) ==
      "job_failed request_id=r1 attempt=3 final=true kind=poll");
  CHECK(detail::text_line("started", "", {}) == "started");
}

TEST_CASE("values that would not stand alone are quoted") {
  CHECK(line_with("") == R"(event key="")");
  CHECK(line_with("two words") == R"(event key="two words")");
  CHECK(line_with("a=b") == R"(event key="a=b")");
  CHECK(line_with("plain/value:1") == "event key=plain/value:1");
}

TEST_CASE("no value breaks out of its quotes") {
  CHECK(line_with(R"(\" forged=1)") == R"(event key="\\\" forged=1")");
  CHECK(line_with(R"(\)") == R"(event key="\\")");
  CHECK(line_with(R"(say "hi")") == R"(event key="say \"hi\"")");
}

TEST_CASE("a newline and a backslash before an n stay different") {
  CHECK(line_with("a\nb") == R"(event key="a\nb")");
  CHECK(line_with(R"(a\nb)") == R"(event key="a\\nb")");
  CHECK(line_with("\x1b[31m") == R"(event key="\x1b[31m")");
}

}  // namespace
}  // namespace bb::log

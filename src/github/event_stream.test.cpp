#include "github/event_stream.hpp"

#include <doctest/doctest.h>

#include "github/event_files.test.hpp"

namespace bb::github {

TEST_CASE("an array of events is read") {
  const Outcome outcome = read("[" + event(1) + "," + event(2) + "]\n");
  CHECK((outcome.ids == Ids{"1", "2"}));
  CHECK(outcome.rejections.empty());
}

TEST_CASE("pretty-printed arrays are read whatever their indentation") {
  for (const std::string indent : {"", "  ", "\t"}) {
    const Outcome outcome =
        read("[\n" + pretty_event(1, indent) + ",\n" + pretty_event(2, indent) + "\n]");
    CHECK((outcome.ids == Ids{"1", "2"}));
    CHECK(outcome.rejections.empty());
  }
}

TEST_CASE("JSON lines are read with any line end and blank lines") {
  const Outcome outcome = read(event(1) + "\r\n\r\n" + event(2) + "\n\n   \n" + event(3));
  CHECK((outcome.ids == Ids{"1", "2", "3"}));
  CHECK(outcome.rejections.empty());
}

TEST_CASE("concatenated objects on one line are read") {
  CHECK((read(event(1) + event(2) + event(3)).ids == Ids{"1", "2", "3"}));
}

TEST_CASE("single documents over several lines are read") {
  const Outcome outcome = read(pretty_event(1, "") + "\n" + pretty_event(2, "") + "\n");
  CHECK((outcome.ids == Ids{"1", "2"}));
  CHECK(outcome.rejections.empty());
}

TEST_CASE("pages within an array are flattened") {
  const Outcome outcome = read("[[" + event(1) + "," + event(2) + "],[],[" + event(3) + "]]");
  CHECK((outcome.ids == Ids{"1", "2", "3"}));
  CHECK(outcome.rejections.empty());
}

TEST_CASE("a byte order mark is skipped") {
  CHECK((read("\xEF\xBB\xBF" + event(1)).ids == Ids{"1"}));
  CHECK((read("\xEF\xBB\xBF[" + event(1) + "]").ids == Ids{"1"}));
}

TEST_CASE("nothing is read from nothing") {
  for (const std::string text : {"", "\n\n", "[]", "[\n]\n", "\xEF\xBB\xBF"}) {
    const Outcome outcome = read(text);
    CHECK(outcome.counts.events == 0);
    CHECK(outcome.counts.rejected == 0);
  }
}

TEST_CASE("gzip is found by its first octets and members may be concatenated") {
  const std::string zipped = gzip(event(1) + "\n") + gzip(event(2) + "\n" + event(3));
  const Outcome outcome = read(zipped);
  CHECK((outcome.ids == Ids{"1", "2", "3"}));
  CHECK(outcome.rejections.empty());
  CHECK(outcome.octets == zipped.size());
  CHECK(read(zipped + std::string(1000, '\0')).rejections.empty());
}

TEST_CASE("an event may span members of a gzip file") {
  const std::string text = event(1);
  CHECK((read(gzip(text.substr(0, 50)) + gzip("") + gzip(text.substr(50))).ids == Ids{"1"}));
}

TEST_CASE("octets after the gzip data are reported once") {
  const Outcome outcome = read(gzip(event(1)) + "garbage");
  CHECK((outcome.ids == Ids{"1"}));
  REQUIRE(outcome.rejections.size() == 1);
  CHECK(outcome.rejections[0].find("follows the gzip data") != std::string::npos);
}

TEST_CASE("more than one window of events is read") {
  std::string text;
  for (int i = 1; i <= 5000; ++i) {
    text += event(i, R"({"text":")" + std::string(static_cast<std::size_t>(i % 700), 'x') + "\"}") +
            "\n";
  }
  const Outcome plain = read(text);
  CHECK(plain.counts.events == 5000);
  CHECK(plain.counts.rejected == 0);
  CHECK(plain.octets == text.size());
  CHECK(read(gzip(text)).counts.events == 5000);
  CHECK(plain.ids.back() == "5000");
}

TEST_CASE("what is no event is rejected with its position") {
  Outcome outcome = read("{\"message\":\"Not Found\"}\n" + event(1) + "\nnull\n");
  CHECK((outcome.ids == Ids{"1"}));
  REQUIRE(outcome.rejections.size() == 2);
  CHECK(outcome.rejections[0].starts_with("line 1: "));
  CHECK(outcome.rejections[1].starts_with("line 3: "));

  outcome = read("[{\"id\":1,\"full_name\":\"o/r\"}," + event(1) + ",7,\"x\"]");
  CHECK((outcome.ids == Ids{"1"}));
  REQUIRE(outcome.rejections.size() == 3);
  CHECK(outcome.rejections[0].starts_with("element 1 (offset 1): "));
  CHECK(outcome.rejections[1].starts_with("element 3 (offset "));
}

TEST_CASE("lines and pretty-printed documents may follow each other") {
  const Outcome outcome = read(event(1) + "\n" + pretty_event(2, "") + "\n" + event(3) + "\n");
  CHECK((outcome.ids == Ids{"1", "2", "3"}));
  CHECK(outcome.rejections.empty());
}

}  // namespace bb::github

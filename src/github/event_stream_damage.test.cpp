// Damaged files: what is not damaged is read, and what is damaged is reported once.
#include <doctest/doctest.h>

#include "base/random.hpp"
#include "github/event_files.test.hpp"

namespace bb::github {

TEST_CASE("a damaged line is reported by number and the other lines are read") {
  const std::string good = event(2);
  for (const std::string& bad :
       {std::string("<html>"), good.substr(0, 30), good.substr(0, good.size() - 1),
        good.substr(0, good.size() / 2), good.substr(3), std::string("{\"a\":}"),
        std::string("\xFF\xFE"), std::string("{{{{"), std::string("\"x"), std::string("nul")}) {
    const Outcome outcome = read(event(1) + "\n" + bad + "\n" + event(3) + "\n" + event(4) + "\n");
    CHECK_MESSAGE((outcome.ids == Ids{"1", "3", "4"}), bad);
    REQUIRE_MESSAGE(outcome.rejections.size() == 1, bad);
    CHECK(outcome.rejections[0].starts_with("line 2: "));
  }
}

TEST_CASE("lines cut at any offset cost no other line and are reported once each") {
  const std::string payload = R"({"action":"started","list":[{"a":[1,{"b":null}]},"x"]})";
  const std::string good = event(1, payload);
  for (std::size_t length = 1; length < good.size(); ++length) {
    for (const std::string& cut : {good.substr(0, length), good.substr(0, length) + " \r"}) {
      std::string text;
      for (int i = 0; i < 4; ++i) {
        text += cut + "\n" + event(i, payload) + "\n";
      }
      const Outcome outcome = read(text + cut);
      CHECK_MESSAGE((outcome.ids == Ids{"0", "1", "2", "3"}), cut);
      REQUIRE_MESSAGE(outcome.rejections.size() == 5, cut);
      for (std::size_t i = 0; i < 5; ++i) {
        CHECK(outcome.rejections[i].starts_with("line " + std::to_string(2 * i + 1) + ": "));
      }
    }
  }
}

TEST_CASE("several cut lines in a row are reported one by one") {
  const std::string cut = R"({"id":)";
  const Outcome outcome = read(cut + "\n" + cut + "\n" + cut + "\n" + event(1) + "\n" + cut + "\n" +
                               cut + "\n<html>\n" + event(2) + "\n" + cut);
  CHECK((outcome.ids == Ids{"1", "2"}));
  REQUIRE(outcome.rejections.size() == 7);
  CHECK(outcome.rejections[1].starts_with("line 2: "));
  CHECK(outcome.rejections[5].starts_with("line 7: "));
  CHECK(outcome.rejections[6].starts_with("line 9: "));
}

TEST_CASE("lines whose beginning is lost cost no other line and are reported once each") {
  const std::string good = event(1);
  for (std::size_t begin = 1; begin < good.size(); ++begin) {
    const std::string rest = good.substr(begin);
    const Outcome outcome =
        read(rest + "\n" + event(2) + "\n" + rest + "\n" + event(3) + "\n" + rest);
    CHECK_MESSAGE((outcome.ids == Ids{"2", "3"}), rest);
    CHECK_MESSAGE(outcome.rejections.size() == 3, rest);
  }
}

TEST_CASE("a long first line that is cut does not swallow the next line") {
  const std::string cut = R"({"text":")" + std::string(400'000, 'x') + R"(","id":)";
  const Outcome outcome = read(cut + "\n" + event(1) + "\n" + event(2) + "\n");
  CHECK((outcome.ids == Ids{"1", "2"}));
  CHECK(outcome.rejections.size() == 1);
}

TEST_CASE("elements cut at any offset cost no other element of the array") {
  const std::string payload = R"({"action":"started","list":[{"a":[1,{"b":null}]},"x"]})";
  const std::string good = event(2, payload);
  for (const std::string separator : {",", ", ", ",\n", "\n,", ",\r\n  "}) {
    for (std::size_t length = 1; length < good.size(); ++length) {
      const std::string cut = good.substr(0, length);
      for (const std::string& after : {separator, std::string()}) {
        const Outcome outcome = read("[" + event(1, payload) + separator + cut + after +
                                     event(3, payload) + separator + event(4, payload) + "]\n");
        CHECK_MESSAGE((outcome.ids == Ids{"1", "3", "4"}), cut);
        CHECK_MESSAGE(outcome.rejections.size() == 1, cut);
      }
    }
  }
}

TEST_CASE("pretty-printed elements cut at any line cost no other element of the array") {
  for (const std::string indent : {"", "  "}) {
    const std::string good = pretty_event(2, indent);
    for (std::size_t end = good.find('\n'); end != std::string::npos;
         end = good.find('\n', end + 1)) {
      const Outcome outcome = read("[\n" + pretty_event(1, indent) + ",\n" + good.substr(0, end) +
                                   ",\n" + pretty_event(3, indent) + "\n]\n");
      CHECK_MESSAGE((outcome.ids == Ids{"1", "3"}), good.substr(0, end));
      CHECK(outcome.rejections.size() == 1);
    }
  }
}

TEST_CASE("pretty-printed documents cut at any offset cost no other document") {
  const std::string good = pretty_event(2, "");
  for (std::size_t length = 1; length < good.size(); ++length) {
    const std::string cut = good.substr(0, length);
    const Outcome outcome =
        read(pretty_event(1, "") + "\n" + cut + "\n" + pretty_event(3, "") + "\n" + cut);
    CHECK_MESSAGE((outcome.ids == Ids{"1", "3"}), cut);
    CHECK(outcome.rejections.size() == 2);
  }
}

TEST_CASE("what an element of many lines is not is sought again only so often") {
  std::string text;
  for (int round = 0; round < 5; ++round) {
    for (int depth = 0; depth < 60; ++depth) {
      text += "{\"a\":[\n";
    }
    text += std::string(100'000, ' ') + "!\n";
  }
  CHECK(read(text + event(1) + "\n").ids == Ids{"1"});
}

TEST_CASE("a line cut before a value does not swallow the next line") {
  const std::string cut = event(2).substr(0, event(2).find("{\"action\""));
  const Outcome outcome = read(event(1) + "\n" + cut + "\n" + event(3) + "\n" + event(4) + "\n");
  CHECK((outcome.ids == Ids{"1", "3", "4"}));
  CHECK(outcome.rejections.size() == 1);
}

TEST_CASE("a damaged element of a pretty-printed array does not stop the rest") {
  for (const std::string indent : {"", "  "}) {
    std::string bad = pretty_event(2, indent);
    bad.replace(bad.find("\"type\""), 1, "");
    const Outcome outcome = read("[\n" + pretty_event(1, indent) + ",\n" + bad + ",\n" +
                                 pretty_event(3, indent) + "\n]\n");
    CHECK((outcome.ids == Ids{"1", "3"}));
    CHECK(outcome.rejections.at(0).starts_with("element 2 (offset "));
  }
}

TEST_CASE("a damaged element of an array on one line does not stop the rest") {
  std::string bad = event(2);
  bad.replace(bad.find("\"actor\""), 1, "");
  for (const std::string comma : {",", ", "}) {
    const Outcome outcome = read("[" + event(1) + comma + bad + comma + event(3) + "]");
    CHECK((outcome.ids == Ids{"1", "3"}));
    CHECK(outcome.rejections.size() == 1);
  }
}

TEST_CASE("a damaged object among concatenated ones does not stop the rest") {
  std::string bad = event(2);
  bad.replace(bad.find("\"actor\""), 1, "");
  const Outcome outcome = read(event(1) + bad + event(3));
  CHECK((outcome.ids == Ids{"1", "3"}));
  CHECK(outcome.rejections.at(0).starts_with("line 1 (offset "));
}

TEST_CASE("an ill-formed octet in a text does not cost the event") {
  const Outcome outcome = read(event(1, "{\"action\":\"a\xFFz\"}"));
  CHECK((outcome.ids == Ids{"1"}));
}

TEST_CASE("an event above 8 MiB is rejected and what follows is read") {
  const std::string huge = event(2, R"({"text":")" + std::string(9'000'000, 'x') + "\"}");
  const Outcome lines = read(event(1) + "\n" + huge + "\n" + event(3) + "\n");
  CHECK((lines.ids == Ids{"1", "3"}));
  REQUIRE(lines.rejections.size() == 1);
  CHECK(lines.rejections[0] == "line 2: larger than 8 MiB, skipped");
  CHECK((read("[" + event(1) + "," + huge + "," + event(3) + "]").ids == Ids{"1", "3"}));
}

TEST_CASE("deep nesting is rejected") {
  const Outcome outcome = read(event(1, std::string(100'000, '[') + std::string(100'000, ']')) +
                               "\n" + event(2) + "\n");
  CHECK((outcome.ids == Ids{"2"}));
  CHECK(outcome.counts.rejected == 1);
  CHECK(read(std::string(1'000'000, '[')).counts.events == 0);
  CHECK(read(std::string(1'000'000, '{')).counts.rejected == 1);
}

TEST_CASE("an array that ends early is reported once and what came before counts") {
  for (const std::string rest : {"", ",", ",{\"id\":", ",\n"}) {
    const Outcome outcome = read("[" + event(1) + "," + event(2) + rest);
    CHECK((outcome.ids == Ids{"1", "2"}));
    CHECK(outcome.rejections.size() == 1);
  }
}

TEST_CASE("a file cut anywhere keeps what came before the cut") {
  const std::string lines = event(1) + "\n" + event(2) + "\n" + event(3) + "\n";
  const std::string array = "[\n" + pretty_event(1, "  ") + ",\n" + pretty_event(2, "  ") + "\n]\n";
  for (const std::string& text : {lines, array}) {
    for (std::size_t length = 0; length < text.size(); ++length) {
      const Outcome outcome = read(text.substr(0, length));
      CHECK(outcome.counts.rejected <= 1);
      CHECK(outcome.counts.events <= 3);
    }
  }
  CHECK(read(lines.substr(0, lines.size() - 10)).counts.events == 2);
}

TEST_CASE("gzip data cut anywhere keep what came before and are reported once") {
  SeededRandom random(1);
  std::string text;
  for (int i = 1; i <= 300; ++i) {
    text += event(i, R"({"action":")" + std::to_string(random.below(1'000'000'000)) + "\"}") + "\n";
  }
  const std::string zipped = gzip(text);
  for (std::size_t length = 3; length < zipped.size(); length += 29) {
    const Outcome outcome = read(zipped.substr(0, length));
    CHECK(outcome.counts.rejected == 1);
    CHECK(outcome.rejections[0].find("gzip data end early") != std::string::npos);
  }
  CHECK(read(zipped.substr(0, zipped.size() - 4)).counts.events == 300);
  CHECK(read(zipped.substr(0, zipped.size() / 2)).counts.events > 50);
}

TEST_CASE("flipped bits never stop the reader nor cost more than a few events") {
  std::string lines;
  std::string array = "[";
  for (int i = 1; i <= 20; ++i) {
    lines += event(i) + "\n";
    array += (i == 1 ? "" : ",") + event(i);
  }
  array += "]";
  const std::string zipped = gzip(lines);
  SeededRandom random(7);
  const auto flipped = [&random](std::string text) {
    const std::uint64_t bit = random.below(text.size() * 8);
    text[bit / 8] =
        static_cast<char>(static_cast<unsigned char>(text[bit / 8]) ^ (1U << (bit % 8)));
    return text;
  };
  for (int round = 0; round < 300; ++round) {
    CHECK(read(flipped(lines)).counts.events >= 18);
    CHECK(read(flipped(array)).counts.events >= 17);
    CHECK(read(flipped(zipped)).counts.events <= 20);
  }
}

TEST_CASE("random octets end with a report") {
  SeededRandom random(3);
  for (int round = 0; round < 60; ++round) {
    const std::string noise = random.bytes(1 + random.below(5000));
    CHECK(read(noise).counts.events == 0);
    CHECK(read("\x1F\x8B\x08" + noise).counts.events == 0);
  }
}

}  // namespace bb::github

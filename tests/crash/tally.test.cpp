#include "tests/crash/tally.hpp"

#include <doctest/doctest.h>

namespace bb::crash {
namespace {

const std::vector<Expected> two_answers = {{.channel = "D1", .mark = "o/1 "},
                                           {.channel = "D1", .mark = "o/2 "}};
const std::vector<Expected> digest = {{.channel = "C1", .mark = "", .messages = 3}};

Tally of(const std::vector<Expected>& expected, const Standing& standing) {
  return count(expected, standing);
}

}  // namespace

TEST_CASE("nothing is lost or doubled where everything stands once") {
  const Tally tally = of(two_answers, {{"D1", {"hid o/2 .", "hid o/1 ."}}});
  CHECK(tally.lost == 0);
  CHECK(tally.doubled == 0);
  CHECK(tally.findings.empty());
}

TEST_CASE("an answer that is missing is lost and another one twice does not make up for it") {
  const Tally tally = of(two_answers, {{"D1", {"hid o/2 .", "hid o/2 ."}}});
  CHECK(tally.lost == 1);
  CHECK(tally.doubled == 1);
  CHECK(tally.findings.size() == 2);
  CHECK(of(two_answers, {}).lost == 2);
}

TEST_CASE("an answer that nobody asked for counts as doubled") {
  const Tally tally = of(two_answers, {{"D1", {"hid o/1 .", "hid o/2 .", "hello"}}, {"D2", {"x"}}});
  CHECK(tally.lost == 0);
  CHECK(tally.doubled == 2);
}

TEST_CASE("a digest with one part missing and another twice is not whole") {
  CHECK(of(digest, {{"C1", {"lead", "part 1", "part 2"}}}).findings.empty());
  const Tally tally = of(digest, {{"C1", {"lead", "part 1", "part 1"}}});
  CHECK(tally.lost == 1);
  CHECK(tally.doubled == 1);
  CHECK(of(digest, {{"C1", {"lead", "part 1", "part 2", "lead"}}}).doubled == 1);
}

TEST_CASE("what the bot may not have heard of is right absent and whole but not in part") {
  const std::vector<Expected> perhaps = {
      {.channel = "C1", .mark = "", .messages = 2, .certain = false}};
  CHECK(of(perhaps, {}).findings.empty());
  CHECK(of(perhaps, {{"C1", {"lead", "part 1"}}}).findings.empty());
  CHECK(of(perhaps, {{"C1", {"lead"}}}).lost == 1);
  CHECK(of(perhaps, {{"C1", {"lead", "part 1", "lead"}}}).doubled == 1);
}

}  // namespace bb::crash

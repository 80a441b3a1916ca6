#include "base/ids.hpp"

#include <doctest/doctest.h>

#include <sstream>

#include "base/result.hpp"
#include "base/secret.hpp"

namespace bb {

TEST_CASE("ids are 26 characters and sort by the time they were made") {
  VirtualClock clock(TimePoint(std::chrono::hours(480'000)));
  SeededRandom random(1);
  const std::string earlier = new_id(clock, random);
  const std::string twin = new_id(clock, random);
  clock.advance(std::chrono::milliseconds(1));
  const std::string later = new_id(clock, random);
  CHECK(earlier.size() == 26);
  CHECK(earlier != twin);
  CHECK(earlier < later);
  CHECK(twin < later);
}

TEST_CASE("a secret prints as stars") {
  std::ostringstream out;
  out << Secret("xoxb-1");
  CHECK(out.str() == "***");
}

TEST_CASE("an error gains context on its way up") {
  const Error error{.code = ErrorCode::not_found, .message = "no such user"};
  CHECK(error.within("reading octocat").message == "reading octocat: no such user");
  CHECK(error.within("reading octocat").code == ErrorCode::not_found);
}

TEST_CASE("seeded randomness repeats itself and system randomness does not") {
  SeededRandom one(7);
  SeededRandom other(7);
  CHECK(one.bytes(16) == other.bytes(16));
  SystemRandom system;
  CHECK(system.bytes(16) != system.bytes(16));
  for (int i = 0; i < 100; ++i) {
    CHECK(one.below(3) < 3);
  }
}

}  // namespace bb

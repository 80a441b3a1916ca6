#include "github/turns.hpp"

#include <doctest/doctest.h>

#include <string>
#include <thread>

namespace bb::github {
namespace {

const VirtualClock& test_clock() {
  static const VirtualClock clock{TimePoint(std::chrono::hours(500'000))};
  return clock;
}

Deadline in(std::chrono::milliseconds time) {
  return {test_clock(), test_clock().now() + time};
}

Deadline never() {
  return {test_clock(), std::nullopt};
}

}  // namespace

TEST_CASE("a call that somebody waits for is told of and goes before the others") {
  Turns turns;
  std::string order;
  auto first = turns.take(never());
  REQUIRE(first);
  CHECK_FALSE(first->should_end());
  std::thread patient([&] {
    // Waits as well, and in vain as long as anybody urgent does.
    const auto turn = turns.take(never());
    order += "patient";
  });
  std::thread urgent([&] {
    const auto turn = turns.take(in(std::chrono::hours(1)));
    order += "urgent ";
  });
  while (!first->should_end()) {
    std::this_thread::yield();
  }
  first.reset();
  urgent.join();
  patient.join();
  CHECK(order == "urgent patient");
}

TEST_CASE("a call whose deadline comes before its turn gets none and is not waited for") {
  Turns turns;
  auto first = turns.take(never());
  CHECK_FALSE(turns.take(in(std::chrono::milliseconds(0))).has_value());
  CHECK_FALSE(first->should_end());
  first.reset();
  CHECK(turns.take(never()).has_value());
}

TEST_CASE("a call that somebody waits for does not end for another one") {
  Turns turns;
  auto first = turns.take(in(std::chrono::hours(1)));
  std::thread second([&] { CHECK(turns.take(in(std::chrono::hours(1))).has_value()); });
  for (int i = 0; i < 1'000; ++i) {
    CHECK_FALSE(first->should_end());
  }
  first.reset();
  second.join();
}

}  // namespace bb::github

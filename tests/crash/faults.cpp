#include "tests/crash/faults.hpp"

#include <span>

namespace bb::crash {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

struct Kind {
  const char* name;
  sim::Fault fault;
};

constexpr std::uint64_t failing_posts = 15;  // of 100
constexpr std::uint64_t failing_reads = 5;
constexpr std::uint64_t failing_sources = 12;

// Longer than the bot waits for an answer.
constexpr milliseconds never{25'000};

const Kind of_posts[] = {
    {"429 with Retry-After", sim::rate_limited(seconds(1))},
    {"500 before it was posted", sim::server_error()},
    {"503 before it was posted", sim::refused()},
    {"page instead of JSON", sim::html_instead(502)},
    {"fatal_error before it was posted", sim::error_word("fatal_error")},
    {"fatal_error after it was posted", sim::false_error("fatal_error")},
    {"internal_error after it was posted", sim::false_error("internal_error")},
    {"504 after it was posted", sim::no_answer(milliseconds(0))},
    {"answer cut short", sim::cut_short()},
    {"answer late", sim::late_answer(milliseconds(400))},
    {"time-out after it was posted", sim::no_answer(never)},
    {"posted 3 s late, perhaps after the caller", sim::late_call(seconds(3))},
};

const Kind of_reads[] = {
    {"429 with Retry-After", sim::rate_limited(seconds(1))},
    {"500 to a question", sim::server_error()},
    {"page instead of JSON", sim::html_instead()},
    {"answer late", sim::late_answer(milliseconds(400))},
};

const Kind of_sources[] = {
    {"429 with Retry-After", sim::rate_limited(seconds(1))},
    {"500", sim::server_error()},
    {"503", sim::refused()},
    {"page instead of a feed", sim::html_instead()},
    {"page of a proxy", sim::html_instead(502)},
    {"answer cut short", sim::cut_short()},
    {"answer late", sim::late_answer(milliseconds(400))},
    {"answer 3 s late, perhaps after the caller", sim::late_answer(seconds(3))},
};

}  // namespace

std::optional<sim::Fault> Faults::draw(std::string_view method) {
  const bool is_post = method == "chat.postMessage";
  if (!on_ || random_.below(100) >= (is_post ? failing_posts : failing_reads)) {
    return std::nullopt;
  }
  const std::span<const Kind> kinds = is_post ? std::span<const Kind>(of_posts) : of_reads;
  const Kind& kind = kinds[random_.below(kinds.size())];
  counts_.with([&](auto& counts) { ++counts[kind.name]; });
  return kind.fault;
}

Fate Faults::draw_fate(std::string_view request) {
  constexpr std::uint64_t failing = 4;  // of 100
  if (!on_ || random_.below(100) >= failing) {
    return Fate::pass;
  }
  const bool is_before = random_.below(2) == 0;
  const bool is_post = request.find("chat.postMessage") != std::string_view::npos;
  counts_.with([&](auto& counts) {
    ++counts[is_post ? is_before ? "reset before it was posted" : "reset after it was posted"
                     : "reset of a question"];
  });
  return is_before ? Fate::reset_before : Fate::reset_after;
}

std::optional<sim::Fault> Faults::draw_of_source() {
  if (!on_ || random_.below(100) >= failing_sources) {
    return std::nullopt;
  }
  const Kind& kind = of_sources[random_.below(std::size(of_sources))];
  counts_of_sources_.with([&](auto& counts) { ++counts[kind.name]; });
  return kind.fault;
}

Faults::Counts Faults::counts() const {
  return counts_.with([](const auto& counts) { return counts; });
}

Faults::Counts Faults::counts_of_sources() const {
  return counts_of_sources_.with([](const auto& counts) { return counts; });
}

}  // namespace bb::crash

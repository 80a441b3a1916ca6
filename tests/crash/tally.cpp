#include "tests/crash/tally.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace bb::crash {
namespace {

constexpr std::size_t shown_bytes = 60;

std::string quoted(const std::string& text) {
  std::string line = text.substr(0, shown_bytes);
  std::ranges::replace(line, '\n', ' ');
  return "'" + line + "'";
}

}  // namespace

Tally count(std::span<const Expected> expected, const Standing& standing) {
  Tally tally;
  std::map<std::string, std::vector<bool>> claimed;
  for (const auto& [channel, texts] : standing) {
    claimed[channel].resize(texts.size());
  }
  for (const Expected& one : expected) {
    std::size_t found = 0;
    std::set<std::string> different;
    if (const auto channel = standing.find(one.channel); channel != standing.end()) {
      for (std::size_t i = 0; i < channel->second.size(); ++i) {
        const std::string& text = channel->second[i];
        if (text.find(one.mark) != std::string::npos) {
          claimed[one.channel][i] = true;
          different.insert(text);
          ++found;
        }
      }
    }
    const std::size_t right = std::min(different.size(), one.messages);
    const bool is_missing = right < one.messages && (one.certain || found > 0);
    const std::string what = fmt::format("{} of {} messages with {} in {}", found, one.messages,
                                         quoted(one.mark), one.channel);
    if (is_missing) {
      tally.lost += one.messages - right;
      tally.findings.push_back("lost: " + what);
    }
    if (found > right) {
      tally.doubled += found - right;
      tally.findings.push_back("doubled: " + what);
    }
  }
  for (const auto& [channel, texts] : standing) {
    for (std::size_t i = 0; i < texts.size(); ++i) {
      if (!claimed[channel][i]) {
        ++tally.doubled;
        tally.findings.push_back(
            fmt::format("nobody asked for: {} in {}", quoted(texts[i]), channel));
      }
    }
  }
  return tally;
}

}  // namespace bb::crash

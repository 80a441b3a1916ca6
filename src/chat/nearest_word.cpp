#include "chat/nearest_word.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

namespace bb::chat {
namespace {

constexpr std::size_t longest_typo = 40;  // octets; the work grows with their square
constexpr std::size_t short_word = 3;     // "hi" is not a typo of "hide"

// Levenshtein distance: how many letters apart two words are.
std::size_t distance(std::string_view left, std::string_view right) {
  std::vector<std::size_t> row(right.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < left.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < right.size(); ++j) {
      const std::size_t replaced = diagonal + (left[i] == right[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string nearest_word(std::string_view text, std::span<const std::string> words) {
  if (text.empty() || text.size() > longest_typo) {
    return {};
  }
  std::size_t best = text.size() <= short_word ? 2 : 3;  // more apart is another word, not a typo
  std::string nearest;
  for (const std::string& word : words) {
    const std::size_t apart = distance(text, word);
    if (apart < best) {
      best = apart;
      nearest = word;
    }
  }
  return nearest;
}

}  // namespace bb::chat

// What somebody who mistyped a word probably meant.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace bb::chat {

// The word that is at most two letters (one, if `text` is short) apart from `text`; empty if there
// is none. The first of several.
std::string nearest_word(std::string_view text, std::span<const std::string> words);

}  // namespace bb::chat

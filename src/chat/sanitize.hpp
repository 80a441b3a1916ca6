// Text and addresses from outside, made fit for every sink before the sink's own escaping.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace bb::chat {

// Valid UTF-8 without what makes text look like another one: bidirectional marks, overrides and
// isolates, and invisible characters. Joiners stay between letters and emoji that they can join,
// tags in the flags that are made with them. Line separators of Unicode and carriage returns become
// newlines; the other controls of U+0080..009F become visible as \xNN.
std::string without_disguise(std::string_view text);

// Sanitized text that, if it is written from right to left, does not reorder what stands around it.
std::string isolated(std::string text);

// White space, newlines and control characters of ASCII become one space each run; none at the
// ends.
std::string one_line(std::string_view text);

// `url` if it is an absolute http or https address, with everything percent-encoded that is not
// allowed in one or that is markup somewhere; nothing otherwise. At most 2,000 octets.
std::optional<std::string> web_address(std::string_view url);

}  // namespace bb::chat

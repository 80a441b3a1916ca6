// What Slack's error words mean (https://api.slack.com/methods/chat.postMessage#errors): one row
// each. The code of a row says what follows from it for a post:
//
//   not_found      the destination or the thread is gone: posted outside the thread if it was for
//                  one, otherwise the channel is disabled
//   forbidden      not permitted: the channel is disabled
//   unauthorized   the token is dead: the workspace is paused
//   rate_limited   the method waits for Retry-After
//   invalid_input  the content is refused: posted once more as plain text, then failed
//   conflict       the delivery's id in the metadata is refused: posted once more without it, and
//                  cannot be looked for any more
//   unavailable    certainly not posted: tried again
//   uncertain      it may have been posted: looked for, then posted again
#pragma once

#include <span>
#include <string_view>

#include "base/result.hpp"

namespace bb::chat::slack {

struct ErrorWord {
  std::string_view word;
  ErrorCode code;
  std::string_view advice = {};  // for the person who can mend it
};

std::span<const ErrorWord> error_words();

// Nothing for a word that is not in the table.
const ErrorWord* find_error_word(std::string_view word);

}  // namespace bb::chat::slack

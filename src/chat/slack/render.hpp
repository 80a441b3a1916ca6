// chat::Message as the JSON of chat.postMessage (Block Kit).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "chat/message.hpp"

namespace bb::chat::slack {

// Arguments of chat.postMessage without `channel`: text, blocks, unfurl_links and unfurl_media
// (false). Limits of Block Kit that one block can break (section 3,000 characters, header 150, ...)
// are kept by cutting at a code point with an ellipsis; the caller keeps a message below 50 blocks.
std::string render(const Message& message);

// The characters of a text in a section or context, as Slack counts them, before anything is cut.
std::size_t length(const Text& text);

// &, < and > as entities: all that mrkdwn needs so that text stays text
// (https://api.slack.com/reference/surfaces/formatting#escaping).
std::string escape(std::string_view text);

}  // namespace bb::chat::slack

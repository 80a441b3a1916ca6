// Messages as Slack would show them, for a terminal.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace bb::sim {

struct Names {
  std::map<std::string, std::string, std::less<>> users;     // id -> name
  std::map<std::string, std::string, std::less<>> channels;  // id -> name without #
};

enum class Ansi { never, always };

struct SlackMessage;

// One mrkdwn text: names instead of ids, "text (url)" for links, Unicode emoji, markers of bold and
// italic gone. Control characters are escaped, except newlines.
std::string show_mrkdwn(std::string_view mrkdwn, const Names& names, Ansi ansi);

// Author, time of day (UTC) and content; blocks win over the text, as in Slack. Ends with a
// newline. A reply is indented, to be shown after its parent.
std::string show_message(const SlackMessage& message, const Names& names, Ansi ansi);

}  // namespace bb::sim

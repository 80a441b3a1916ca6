// Emoji by their short names in Slack.
#pragma once

#include <string_view>

namespace bb::sim {

// The Unicode form of a short name such as "star"; empty for names not known here.
std::string_view find_emoji(std::string_view name);

}  // namespace bb::sim

// The page that a member's browser shows after GitHub sent it back.
#pragma once

#include <string>
#include <string_view>

namespace bb::github_activity {

// A complete HTML document; all texts are escaped.
std::string result_page(std::string_view title, std::string_view explanation,
                        std::string_view last_words =
                            "You can close this page and go back to "
                            "Slack.");

}  // namespace bb::github_activity

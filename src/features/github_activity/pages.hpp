// The page that a member's browser shows after GitHub sent it back.
#pragma once

#include <string>
#include <string_view>

namespace bb::github_activity {

// A complete HTML document; both texts are escaped.
std::string result_page(std::string_view title, std::string_view explanation);

}  // namespace bb::github_activity

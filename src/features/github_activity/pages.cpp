#include "features/github_activity/pages.hpp"

namespace bb::github_activity {
namespace {

std::string escape_html(std::string_view text) {
  std::string result;
  for (const char c : text) {
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      case '\'':
        result += "&#39;";
        break;
      default:
        result += c;
    }
  }
  return result;
}

}  // namespace

std::string result_page(std::string_view title, std::string_view explanation,
                        std::string_view last_words) {
  return R"(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>)" +
         escape_html(title) + R"( - Busy Beaver</title>
<style>
body { font: 1.1rem/1.6 system-ui, sans-serif; color: #222; background: #f6f4f0; margin: 0; }
main { max-width: 34rem; margin: 12vh auto; padding: 2rem; background: #fff; border-radius: .75rem; }
h1 { font-size: 1.5rem; margin-top: 0; }
</style>
</head>
<body>
<main>
<h1>)" + escape_html(title) +
         R"(</h1>
<p>)" + escape_html(explanation) +
         R"(</p>
<p>)" + escape_html(last_words) +
         R"(</p>
</main>
</body>
</html>
)";
}

}  // namespace bb::github_activity

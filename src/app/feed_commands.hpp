// `busy-beaver feeds ...`.
#pragma once

#include <iosfwd>
#include <string>

#include "chat/terminal.hpp"
#include "features/feeds/context.hpp"
#include "http/client.hpp"

namespace CLI {
class App;
}

namespace bb::app {

struct FeedPreviewOptions {
  std::string address;  // what would be added, or a file; "-" is the standard input
  chat::Color color = chat::Color::never;
};

// Adds the command to `parent`; the options must live until the command line is parsed.
CLI::App* add_feeds_preview(CLI::App& parent, FeedPreviewOptions& options);

// The newest three items as they would be posted. Exit codes: 0, 1 where the other side could not
// be asked, 2 where it is refused.
int preview_feed(const FeedPreviewOptions& options, const feeds::Sources& sources,
                 http::Client& client, std::ostream& out, std::ostream& err);

}  // namespace bb::app

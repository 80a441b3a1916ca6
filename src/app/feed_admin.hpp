// `busy-beaver feeds add`, `list`, `set`, `remove`, `pause`, `resume` and `test`.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "app/channel_lookup.hpp"
#include "features/feeds/context.hpp"
#include "features/feeds/wish.hpp"

namespace CLI {
class App;
}

namespace bb::app {

struct FeedOptions {
  std::string feed = {};                   // an address or account, or the name of a known one
  std::string channel = {};                // name or id; empty: any
  std::vector<std::string> settings = {};  // "delay=1h"
  bool json = false;
};

// Add the commands to `parent`; the options must live until the command line is parsed.
CLI::App* add_feeds_add(CLI::App& parent, FeedOptions& options);
CLI::App* add_feeds_list(CLI::App& parent, FeedOptions& options);
CLI::App* add_feeds_set(CLI::App& parent, FeedOptions& options);
CLI::App* add_feeds_test(CLI::App& parent, FeedOptions& options);
CLI::App* add_feeds_change(CLI::App& parent, FeedOptions& options, const std::string& name,
                           const std::string& help);

// Exit codes: 0, 1 failed, 2 wrong usage.
int add_feed(const feeds::Context& context, FeedOptions options, const FindChannel& find_channel,
             std::ostream& out, std::ostream& err);
int list_feeds(const feeds::Context& context, const FeedOptions& options, std::ostream& out,
               std::ostream& err);
int test_feed(const feeds::Context& context, const FeedOptions& options, std::ostream& out,
              std::ostream& err);
int change_feed(const feeds::Context& context, const FeedOptions& options, feeds::Action action,
                std::ostream& out, std::ostream& err);

}  // namespace bb::app

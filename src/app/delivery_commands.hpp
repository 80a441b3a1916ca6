// `busy-beaver deliveries list`, `show`, `retry` and `skip`, and `busy-beaver channels`.
#pragma once

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <string>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "storage/database.hpp"

namespace CLI {
class App;
}

namespace bb::app {

struct DeliveryOptions {
  std::string id = {};
  std::string state = {};    // empty: all
  std::string channel = {};  // empty: all
  std::int64_t limit = 50;
  bool content = false;
  bool json = false;
};

// Add the commands to `parent`; the options must live until the command line is parsed.
CLI::App* add_deliveries_list(CLI::App& parent, DeliveryOptions& options);
CLI::App* add_deliveries_show(CLI::App& parent, DeliveryOptions& options);
CLI::App* add_deliveries_retry(CLI::App& parent, DeliveryOptions& options);
CLI::App* add_deliveries_skip(CLI::App& parent, DeliveryOptions& options);
CLI::App* add_channels_list(CLI::App& parent, DeliveryOptions& options);
CLI::App* add_channels_enable(CLI::App& parent, DeliveryOptions& options);

// Exit codes: 0, 1 where there is no such delivery or its state forbids it, 2 wrong usage.
int list_deliveries(storage::Database& database, const DeliveryOptions& options, std::ostream& out,
                    std::ostream& err);

// `key` is asked only where the content is wanted.
int show_delivery(storage::Database& database, const DeliveryOptions& options,
                  const std::function<Result<Secret>()>& key, std::ostream& out, std::ostream& err);
int retry_delivery(storage::Database& database, const DeliveryOptions& options, const Clock& clock,
                   std::ostream& out, std::ostream& err);
int skip_delivery(storage::Database& database, const DeliveryOptions& options, const Clock& clock,
                  std::ostream& out, std::ostream& err);

// The channels that take no posts.
int list_channels(storage::Database& database, const DeliveryOptions& options, std::ostream& out,
                  std::ostream& err);
int enable_channel(storage::Database& database, const DeliveryOptions& options, std::ostream& out,
                   std::ostream& err);

}  // namespace bb::app

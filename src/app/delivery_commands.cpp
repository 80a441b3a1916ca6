#include "app/delivery_commands.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <ostream>

#include "app/table.hpp"
#include "base/text.hpp"
#include "crypto/crypto.hpp"
#include "jobs/deliver.hpp"
#include "jobs/delivery_control.hpp"
#include "jobs/disabled_channels.hpp"

namespace bb::app {
namespace {

constexpr int done = 0;
constexpr int failed = 1;
constexpr int wrong_usage = 2;
constexpr std::int64_t longest_list = 10'000;
constexpr std::array<std::string_view, 5> states = {"pending", "sending", "sent", "failed",
                                                    "skipped"};

using jobs::DeliveryRecord;
using jobs::DisabledChannel;

boost::json::object json_of(const DeliveryRecord& delivery) {
  return {{"id", delivery.id.value},
          {"key", delivery.idempotency_key},
          {"workspace", delivery.workspace_id},
          {"channel", delivery.channel.value},
          {"audience", delivery.audience},
          {"state", delivery.state},
          {"form", delivery.form},
          {"has_content", !delivery.sealed.empty()},
          {"timestamp", delivery.platform_timestamp},
          {"error", delivery.error},
          {"unclear", delivery.unclear},
          {"created_at", to_json(delivery.created_at)},
          {"attempted_at", to_json(delivery.attempted_at)},
          {"retried_at", to_json(delivery.retried_at)},
          {"finished_at", to_json(delivery.finished_at)}};
}

int report(std::string_view message, std::ostream& err) {
  err << "busy-beaver: " << message << "\n";
  return failed;
}

Result<std::string> open_content(const DeliveryRecord& delivery, const Result<Secret>& key) {
  if (delivery.sealed.empty()) {
    return fail(ErrorCode::not_found, "its message is not stored any more");
  }
  if (!key) {
    return fail(key.error());
  }
  SystemRandom random;
  std::optional<std::string> content =
      crypto::Sealer(*key, random).open(delivery.sealed, jobs::sealing_context(delivery.id.value));
  if (!content) {
    return fail(ErrorCode::unauthorized,
                "its message cannot be opened: SECRET_KEY is not the one it was sealed with");
  }
  return *std::move(content);
}

CLI::App* add_with_id(CLI::App& parent, const char* name, const char* help,
                      DeliveryOptions& options) {
  CLI::App* command = parent.add_subcommand(name, help);
  command->add_option("id", options.id, "As deliveries list shows it")
      ->required()
      ->option_text("ID");
  return command;
}

}  // namespace

CLI::App* add_deliveries_list(CLI::App& parent, DeliveryOptions& options) {
  CLI::App* command =
      parent.add_subcommand("list", "List messages on their way to Slack, the newest first");
  command->add_option("--state", options.state, "pending, sending, sent, failed or skipped")
      ->option_text("STATE");
  command->add_option("--channel", options.channel, "Only those to this channel, by its id")
      ->option_text("CHANNEL");
  command->add_option("--limit", options.limit, "At most so many")
      ->option_text("N")
      ->check(CLI::Range(std::int64_t{1}, longest_list))
      ->capture_default_str();
  command->add_flag("--json", options.json, "As a JSON array");
  command->footer("Example:\n  busy-beaver deliveries list --state failed");
  return command;
}

CLI::App* add_deliveries_show(CLI::App& parent, DeliveryOptions& options) {
  CLI::App* command = add_with_id(parent, "show", "Show everything about a message", options);
  command->add_flag("--content", options.content,
                    "With what it says, if SECRET_KEY opens it; it may be about members");
  command->add_flag("--json", options.json, "As a JSON object");
  command->footer("Example:\n  busy-beaver deliveries show 01JD9Z5W3M8T4XQ6K0V7B2N1CF");
  return command;
}

CLI::App* add_deliveries_retry(CLI::App& parent, DeliveryOptions& options) {
  CLI::App* command = add_with_id(parent, "retry", "Post a failed message after all", options);
  command->footer(
      "After an unclear answer it is looked for in the channel first. A channel that takes no\n"
      "posts is enabled if this one gets through.\n\n"
      "Example:\n  busy-beaver deliveries retry 01JD9Z5W3M8T4XQ6K0V7B2N1CF");
  return command;
}

CLI::App* add_deliveries_skip(CLI::App& parent, DeliveryOptions& options) {
  CLI::App* command = add_with_id(parent, "skip", "Do not post a message, and forget it", options);
  command->footer("Example:\n  busy-beaver deliveries skip 01JD9Z5W3M8T4XQ6K0V7B2N1CF");
  return command;
}

CLI::App* add_channels_list(CLI::App& parent, DeliveryOptions& options) {
  CLI::App* command =
      parent.add_subcommand("list", "List the channels that take no posts, and why");
  command->add_flag("--json", options.json, "As a JSON array");
  command->footer("Example:\n  busy-beaver channels list");
  return command;
}

CLI::App* add_channels_enable(CLI::App& parent, DeliveryOptions& options) {
  CLI::App* command = parent.add_subcommand("enable", "Post in a channel again");
  command->add_option("channel", options.channel, "The id of the channel")
      ->required()
      ->option_text("CHANNEL");
  command->footer(
      "What has failed meanwhile stays failed: see busy-beaver deliveries retry.\n\n"
      "Example:\n  busy-beaver channels enable C0123ABCD");
  return command;
}

int list_deliveries(storage::Database& database, const DeliveryOptions& options, std::ostream& out,
                    std::ostream& err) {
  if (!options.state.empty() && std::ranges::find(states, options.state) == states.end()) {
    err << "busy-beaver: --state: '" << truncate(escape_control(options.state), 60)
        << "' is not one of pending, sending, sent, failed, skipped\n";
    return wrong_usage;
  }
  const auto found = database.read([&](storage::Connection& connection) {
    return jobs::list_deliveries(
        connection, {.state = options.state, .channel = options.channel, .limit = options.limit});
  });
  if (options.json) {
    boost::json::array array;
    for (const DeliveryRecord& delivery : found) {
      array.push_back(json_of(delivery));
    }
    out << boost::json::serialize(array) << "\n";
    return done;
  }
  if (found.empty()) {
    err << "There are no such deliveries.\n";
    return done;
  }
  std::vector<std::vector<std::string>> rows = {{"ID", "STATE", "CHANNEL", "CREATED", "ERROR"}};
  for (const DeliveryRecord& delivery : found) {
    rows.push_back({delivery.id.value, delivery.state, delivery.channel.value,
                    to_text(delivery.created_at), delivery.error});
  }
  print_table(rows, out);
  return done;
}

int show_delivery(storage::Database& database, const DeliveryOptions& options,
                  const std::function<Result<Secret>()>& key, std::ostream& out,
                  std::ostream& err) {
  const std::optional<DeliveryRecord> delivery =
      database.read([&](storage::Connection& connection) {
        return jobs::find_delivery(connection, DeliveryId{options.id});
      });
  if (!delivery) {
    return report("there is no delivery '" + truncate(escape_control(options.id), 60) + "'", err);
  }
  std::string content;
  if (options.content) {
    Result<std::string> opened = open_content(*delivery, key());
    if (!opened) {
      return report(opened.error().message, err);
    }
    content = *std::move(opened);
  }
  if (options.json) {
    boost::json::object object = json_of(*delivery);
    if (options.content) {
      object["content"] = content;
    }
    out << boost::json::serialize(object) << "\n";
    return done;
  }
  print_fields({{"id", delivery->id.value},
                {"key", delivery->idempotency_key},
                {"workspace", delivery->workspace_id},
                {"channel", delivery->channel.value},
                {"audience", delivery->audience},
                {"state", delivery->state},
                {"form", delivery->form},
                {"message", delivery->sealed.empty() ? "not stored any more" : "stored, sealed"},
                {"timestamp", delivery->platform_timestamp},
                {"unclear calls", std::to_string(delivery->unclear)},
                {"created at", to_text(delivery->created_at)},
                {"attempted at", to_text(delivery->attempted_at)},
                {"retried at", to_text(delivery->retried_at)},
                {"finished at", to_text(delivery->finished_at)},
                {"error", delivery->error},
                {"content", content}},
               out);
  return done;
}

int retry_delivery(storage::Database& database, const DeliveryOptions& options, const Clock& clock,
                   std::ostream& out, std::ostream& err) {
  SystemRandom random;
  jobs::Queue queue(database, clock, random);
  const Result<void> retried = database.write([&](storage::Connection& connection) {
    return jobs::retry_delivery(connection, queue, DeliveryId{options.id}, clock.now());
  });
  if (!retried) {
    return report(retried.error().message, err);
  }
  out << "the delivery is tried again\n";
  return done;
}

int skip_delivery(storage::Database& database, const DeliveryOptions& options, const Clock& clock,
                  std::ostream& out, std::ostream& err) {
  const Result<std::string> skipped = database.write([&](storage::Connection& connection) {
    return jobs::skip_delivery(connection, DeliveryId{options.id}, clock.now());
  });
  if (!skipped) {
    return report(skipped.error().message, err);
  }
  out << (*skipped == "sending"
              ? "the delivery is skipped; it was being posted, so it may be in the "
                "channel\n"
              : "the delivery is skipped\n");
  return done;
}

int list_channels(storage::Database& database, const DeliveryOptions& options, std::ostream& out,
                  std::ostream& err) {
  const std::vector<DisabledChannel> channels = database.read(jobs::disabled_channels);
  if (options.json) {
    boost::json::array array;
    for (const DisabledChannel& channel : channels) {
      array.push_back(boost::json::object{{"workspace", channel.workspace.value},
                                          {"channel", channel.channel.value},
                                          {"since", to_json(channel.since)},
                                          {"reason", channel.reason}});
    }
    out << boost::json::serialize(array) << "\n";
    return done;
  }
  if (channels.empty()) {
    err << "All channels take posts.\n";
    return done;
  }
  std::vector<std::vector<std::string>> rows = {{"CHANNEL", "DISABLED SINCE", "REASON"}};
  for (const DisabledChannel& channel : channels) {
    rows.push_back({channel.channel.value, to_text(channel.since), channel.reason});
  }
  print_table(rows, out);
  return done;
}

int enable_channel(storage::Database& database, const DeliveryOptions& options, std::ostream& out,
                   std::ostream& err) {
  const bool enabled = database.write([&](storage::Connection& connection) {
    bool any = false;
    for (const DisabledChannel& channel : jobs::disabled_channels(connection)) {
      if (channel.channel.value == options.channel) {
        any = jobs::enable(connection, channel.workspace, channel.channel) || any;
      }
    }
    return any;
  });
  if (!enabled) {
    return report("the channel '" + truncate(escape_control(options.channel), 60) +
                      "' is not disabled; busy-beaver channels list shows those that are",
                  err);
  }
  out << "the channel takes posts again\n";
  return done;
}

}  // namespace bb::app

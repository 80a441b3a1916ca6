#include "app/commands.hpp"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <functional>
#include <iostream>
#include <iterator>
#include <memory>
#include <type_traits>

#include "app/api_tokens.hpp"
#include "app/app.hpp"
#include "app/config.hpp"
#include "app/database_commands.hpp"
#include "app/delivery_commands.hpp"
#include "app/demo.hpp"
#include "app/digest_commands.hpp"
#include "app/feed_admin.hpp"
#include "app/feed_commands.hpp"
#include "app/job_commands.hpp"
#include "app/outbound_http.hpp"
#include "app/preview.hpp"
#include "app/schedule_commands.hpp"
#include "app/secret_key.hpp"
#include "app/serve.hpp"
#include "app/version.hpp"
#include "base/time.hpp"
#include "chat/slack/render.hpp"
#include "chat/slack/web_api.hpp"
#include "features/feeds/sources.hpp"
#include "storage/migrations.hpp"

namespace bb::app {
namespace {

constexpr int failed = 1;
constexpr int wrong_usage = 2;

int report(const Error& error) {
  std::cerr << "busy-beaver: " << error.message << "\n";
  return error.code == ErrorCode::invalid_input ? wrong_usage : failed;
}

Result<Config> read_config() {
  const Result<Environment> environment = read_environment();
  if (!environment) {
    return fail(environment.error());
  }
  return load_config(*environment);
}

// A command is a row: how it is added to the command line, and what it does when it was named.
struct Command {
  CLI::App* parsed = nullptr;
  std::function<int(const Config&)> run;
};

Command serve_command(CLI::App& app) {
  CLI::App* command = app.add_subcommand("serve", "Run the bot");
  command->footer(
      "Settings are environment variables; SLACK_BOTUSER_OAUTH_TOKEN and SLACK_SIGNING_SECRET have "
      "to\n"
      "be set. See docs/configuration.md. Stops in good order on SIGTERM and SIGINT.\n\n"
      "Example:\n"
      "  SLACK_BOTUSER_OAUTH_TOKEN=xoxb-... SLACK_SIGNING_SECRET=... busy-beaver serve");
  return {command, [](const Config& config) {
            if (const Result<void> usable = check_serve_config(config); !usable) {
              return report(usable.error());
            }
            const Result<void> served = serve(config);
            return served ? 0 : report(served.error());
          }};
}

Command demo_command(CLI::App& app) {
  CLI::App* command =
      app.add_subcommand("demo", "Show the bot at work in a simulated Slack, without any account");
  auto once = std::make_shared<bool>(false);
  command->add_flag("--once", *once, "End after the story instead of waiting for what you type");
  command->footer("Examples:\n  busy-beaver demo\n  busy-beaver demo --once");
  return {command, [once](const Config& config) {
            const bool color = isatty(STDOUT_FILENO) == 1 && !config.no_color;
            const Result<void> shown =
                demo({.once = *once, .color = color, .log = config.log}, std::cin, std::cout);
            return shown ? 0 : report(shown.error());
          }};
}

// Runs `use` with the opened database, which is made if there is none.
template <class Use>
int with_new_database(const Config& config, Use use) {
  const SystemClock clock;
  const auto database = open_database(config, clock);
  return database ? use(**database, clock) : report(database.error());
}

// The same, but a mistyped address makes no empty database in which there is nothing to be seen.
template <class Use>
int with_database(const Config& config, Use use) {
  const Result<std::string> file = storage::sqlite_file(config.database_uri);
  if (file && !std::filesystem::exists(*file)) {
    return report({.code = ErrorCode::invalid_input,
                   .message = "there is no database " + *file +
                              ": check DATABASE_URI, or make it with busy-beaver serve"});
  }
  return with_new_database(config, std::move(use));
}

std::vector<Command> database_commands(CLI::App& app) {
  CLI::App* migrate = add_migrate(app);
  CLI::App* database = app.add_subcommand("db", "Work with the database as a whole");
  database->require_subcommand(1);
  auto options = std::make_shared<CopyOptions>();
  CLI::App* copy = add_copy(*database, *options);
  const auto migrate_it = [](const Config& config) {
    return migrate_database(config.database_uri, SystemClock(), std::cout, std::cerr);
  };
  const auto copy_it = [options](const Config& /*config*/) {
    return copy_database(*options, SystemClock(), std::cout, std::cerr);
  };
  CLI::App* forget = add_forget_key(*database);
  const auto forget_it = [](const Config& config) {
    return with_database(config, [](storage::Database& opened, const Clock& /*clock*/) {
      forget_secret_key(opened);
      std::cerr << "The next SECRET_KEY that serve starts with is the one of this database.\n";
      return 0;
    });
  };
  return {{migrate, migrate_it}, {copy, copy_it}, {forget, forget_it}};
}

std::vector<Command> digest_commands(CLI::App& app) {
  CLI::App* digest = app.add_subcommand("digest", "Look at summaries of GitHub activity");
  digest->require_subcommand(1);
  auto preview = std::make_shared<PreviewOptions>();
  auto explain = std::make_shared<ExplainOptions>();
  auto kinds = std::make_shared<KindsOptions>();
  const auto preview_of = [preview](const Config& config) {
    preview->no_color = config.no_color;
    const SystemClock clock;
    const auto client = make_http_client(config, config.secret_key, clock);
    return client ? run_preview(*preview, config.github, **client, clock, std::cout, std::cerr)
                  : report(client.error());
  };
  const auto explain_of = [explain](const Config& config) {
    return with_database(config, [&](storage::Database& database, const Clock& clock) {
      return explain_digests(database, *explain, config.digest.zone, clock, std::cout, std::cerr);
    });
  };
  const auto kinds_of = [kinds](const Config& config) {
    return with_database(config, [&](storage::Database& database, const Clock& /*clock*/) {
      return choose_kinds(database, *kinds, std::cout, std::cerr);
    });
  };
  return {{add_preview(*digest, *preview), preview_of},
          {add_explain(*digest, *explain), explain_of},
          {add_kinds(*digest, *kinds), kinds_of}};
}

// Asks Slack through `client`, which has to live; nothing without a token.
FindChannel find_channel_at_slack(const Config& config, http::Client& client, const Clock& clock) {
  if (config.slack.bot_token.empty()) {
    return {};
  }
  const std::shared_ptr<chat::Platform> platform =
      chat::slack::make_web_api(client, clock, config.slack.api_url, config.slack.bot_token);
  return [platform](std::string_view name) { return platform->find_channel(name); };
}

int set_schedule_of(const Config& config, const ScheduleOptions& options) {
  return with_database(config, [&](storage::Database& database, const Clock& clock) {
    const auto client = make_http_client(config, config.secret_key, clock);
    if (!client) {
      return report(client.error());
    }
    return set_schedule(database, options, config.digest.zone,
                        find_channel_at_slack(config, **client, clock), clock, std::cout,
                        std::cerr);
  });
}

std::vector<Command> schedule_commands(CLI::App& app) {
  CLI::App* schedule =
      app.add_subcommand("schedule", "Choose when digests are posted by themselves");
  schedule->require_subcommand(1);
  const auto options = std::make_shared<ScheduleOptions>();
  std::vector<Command> commands = {
      {add_schedule_set(*schedule, *options),
       [options](const Config& config) { return set_schedule_of(config, *options); }},
      {add_schedule_list(*schedule, *options), [options](const Config& config) {
         return with_database(config, [&](storage::Database& database, const Clock& clock) {
           return list_schedules(database, *options, clock, std::cout, std::cerr);
         });
       }}};
  for (const auto& [word, help] :
       {std::pair("remove", "End a schedule"), std::pair("pause", "Post nothing until resume"),
        std::pair("resume", "Go on after pause")}) {
    commands.push_back(
        {add_schedule_change(*schedule, *options, word, help),
         [options, name = std::string(word)](const Config& config) {
           return with_database(config, [&](storage::Database& database, const Clock& clock) {
             return change_schedule(database, *options, name, clock, std::cout, std::cerr);
           });
         }});
  }
  return commands;
}

// Runs `use` with what work on feeds needs, and with Slack's channels.
template <class Use>
int with_feeds(const Config& config, Use use) {
  return with_database(config, [&](storage::Database& database, const Clock& clock) {
    SystemRandom random;
    const Result<Secret> key = secret_key(config, random);
    if (!key) {
      return report(key.error());
    }
    const auto client = make_http_client(config, *key, clock);
    if (!client) {
      return report(client.error());
    }
    const auto feed_client = make_feed_client(config, *key, clock);
    if (!feed_client) {
      return report(feed_client.error());
    }
    const crypto::Sealer sealer(*key, random);
    jobs::Queue queue(database, clock, random);
    jobs::Outbox outbox(database, queue, clock, random, sealer);
    const feeds::Sources sources = feeds::make_sources(config.feed_sources, clock, random);
    return use(feeds::Context{.database = database,
                              .queue = queue,
                              .outbox = outbox,
                              .sources = sources,
                              .client = **feed_client,
                              .clock = clock,
                              .random = random,
                              .render = &chat::slack::render,
                              .budget = config.feed_budget},
               find_channel_at_slack(config, **client, clock));
  });
}

std::vector<Command> feed_commands(CLI::App& app) {
  CLI::App* group = app.add_subcommand("feeds", "Choose what is posted of accounts and blogs");
  group->require_subcommand(1);
  const auto preview = std::make_shared<FeedPreviewOptions>();
  const auto preview_of = [preview](const Config& config) {
    preview->color =
        isatty(STDOUT_FILENO) == 1 && !config.no_color ? chat::Color::always : chat::Color::never;
    const SystemClock clock;
    SystemRandom random;
    const auto client = make_feed_client(config, config.secret_key, clock);
    if (!client) {
      return report(client.error());
    }
    const feeds::Sources sources = feeds::make_sources(config.feed_sources, clock, random);
    return preview_feed(*preview, sources, **client, std::cout, std::cerr);
  };
  const auto options = std::make_shared<FeedOptions>();
  const auto add = [options](const Config& config) {
    return with_feeds(config, [&](const feeds::Context& context, const FindChannel& find_channel) {
      return add_feed(context, *options, find_channel, std::cout, std::cerr);
    });
  };
  const auto list = [options](const Config& config) {
    return with_feeds(config, [&](const feeds::Context& context, const FindChannel& /*unused*/) {
      return list_feeds(context, *options, std::cout, std::cerr);
    });
  };
  const auto test = [options](const Config& config) {
    return with_feeds(config, [&](const feeds::Context& context, const FindChannel& /*unused*/) {
      return test_feed(context, *options, std::cout, std::cerr);
    });
  };
  const auto change = [options](feeds::Action action) {
    return [options, action](const Config& config) {
      return with_feeds(config, [&](const feeds::Context& context, const FindChannel& /*unused*/) {
        return change_feed(context, *options, action, std::cout, std::cerr);
      });
    };
  };
  return {
      {add_feeds_preview(*group, *preview), preview_of},
      {add_feeds_add(*group, *options), add},
      {add_feeds_list(*group, *options), list},
      {add_feeds_test(*group, *options), test},
      {add_feeds_set(*group, *options), change(feeds::Action::set)},
      {add_feeds_change(*group, *options, "remove", "End a feed"), change(feeds::Action::remove)},
      {add_feeds_change(*group, *options, "pause", "Post nothing until resume"),
       change(feeds::Action::pause)},
      {add_feeds_change(*group, *options, "resume", "Go on after pause"),
       change(feeds::Action::resume)}};
}

std::vector<Command> token_commands(CLI::App& app) {
  CLI::App* token = app.add_subcommand("token", "Manage the tokens of the REST API");
  token->require_subcommand(1);
  auto name = std::make_shared<std::string>();
  auto role = std::make_shared<std::string>("admin");
  CLI::App* create = token->add_subcommand("create", "Make a token and print it, this once");
  create->add_option("--username", *name, "Who will use it")->required();
  create->add_option("--role", *role, "What it allows")->capture_default_str();
  create->footer("Example:\n  busy-beaver token create --username admin");
  CLI::App* list = token->add_subcommand("list", "List users and whether their token works");
  list->footer("Example:\n  busy-beaver token list");
  CLI::App* revoke = token->add_subcommand("revoke", "Make a token useless");
  revoke->add_option("--username", *name, "Whose token")->required();
  revoke->footer("Example:\n  busy-beaver token revoke --username admin");
  const auto create_token_of = [name, role](const Config& config) {
    return with_new_database(config, [&](storage::Database& database, const Clock& clock) {
      SystemRandom random;
      const Result<Secret> made = create_token(database, *name, *role, clock, random);
      if (!made) {
        return report(made.error());
      }
      std::cerr << "The token of " << *name << ", which cannot be shown again:\n";
      std::cout << made->reveal() << "\n";
      return 0;
    });
  };
  const auto list_all = [](const Config& config) {
    return with_database(config, [&](storage::Database& database, const Clock& /*clock*/) {
      const std::vector<ApiUser> users = list_tokens(database);
      if (users.empty()) {
        std::cerr << "There are no tokens yet: busy-beaver token create --username NAME\n";
      }
      for (const ApiUser& user : users) {
        std::cout << user.name << "\t" << user.role << "\t" << format_rfc3339(user.created_at)
                  << "\t" << (user.revoked ? "revoked" : "active") << "\n";
      }
      return 0;
    });
  };
  const auto revoke_of = [name](const Config& config) {
    return with_database(config, [&](storage::Database& database, const Clock& clock) {
      const Result<void> revoked = revoke_token(database, *name, clock);
      if (!revoked) {
        return report(revoked.error());
      }
      std::cout << "revoked the token of " << *name << "\n";
      return 0;
    });
  };
  return {{create, create_token_of}, {list, list_all}, {revoke, revoke_of}};
}

// `run` of a command that takes the database and its options, and the time if it needs that.
template <class Options, class Run>
std::function<int(const Config&)> on_database(std::shared_ptr<Options> options, Run run) {
  return [options = std::move(options), run](const Config& config) {
    return with_database(config, [&](storage::Database& database, const Clock& clock) {
      if constexpr (std::is_invocable_v<Run, storage::Database&, const Options&, const Clock&,
                                        std::ostream&, std::ostream&>) {
        return run(database, *options, clock, std::cout, std::cerr);
      } else {
        return run(database, *options, std::cout, std::cerr);
      }
    });
  };
}

std::vector<Command> job_commands(CLI::App& app) {
  CLI::App* jobs =
      app.add_subcommand("jobs", "Look at work in the background, try it again, give it up");
  jobs->require_subcommand(1);
  const auto options = std::make_shared<JobOptions>();
  return {{add_jobs_list(*jobs, *options), on_database(options, &list_jobs)},
          {add_jobs_show(*jobs, *options), on_database(options, &show_job)},
          {add_jobs_retry(*jobs, *options), on_database(options, &retry_job)},
          {add_jobs_discard(*jobs, *options), on_database(options, &discard_job)}};
}

std::vector<Command> delivery_commands(CLI::App& app) {
  CLI::App* deliveries =
      app.add_subcommand("deliveries", "Look at messages to Slack, try them again, give them up");
  deliveries->require_subcommand(1);
  const auto options = std::make_shared<DeliveryOptions>();
  const auto show = [options](const Config& config) {
    return with_database(config, [&](storage::Database& database, const Clock& /*clock*/) {
      SystemRandom random;
      return show_delivery(
          database, *options, [&] { return secret_key(config, random); }, std::cout, std::cerr);
    });
  };
  return {{add_deliveries_list(*deliveries, *options), on_database(options, &list_deliveries)},
          {add_deliveries_show(*deliveries, *options), show},
          {add_deliveries_retry(*deliveries, *options), on_database(options, &retry_delivery)},
          {add_deliveries_skip(*deliveries, *options), on_database(options, &skip_delivery)}};
}

std::vector<Command> channel_commands(CLI::App& app) {
  CLI::App* channels = app.add_subcommand("channels", "Look at channels that take no posts");
  channels->require_subcommand(1);
  const auto options = std::make_shared<DeliveryOptions>();
  return {{add_channels_list(*channels, *options), on_database(options, &list_channels)},
          {add_channels_enable(*channels, *options), on_database(options, &enable_channel)}};
}

int run_parsed(const std::vector<Command>& commands) {
  const auto named = std::ranges::find_if(
      commands, [](const Command& command) { return command.parsed->parsed(); });
  const Result<Config> config = read_config();
  if (!config) {
    return report(config.error());
  }
  try {
    return named->run(*config);
  } catch (const storage::DatabaseError& error) {
    return report({.code = ErrorCode::unavailable, .message = error.what()});
  }
}

}  // namespace

int run_command(int argc, char** argv) {
  CLI::App app("Busy Beaver: a bot that helps a community talk about each other's work",
               "busy-beaver");
  app.set_version_flag("--version", std::string("busy-beaver ") + version);
  app.require_subcommand(1);
  app.footer(
      "Examples:\n"
      "  busy-beaver demo                              see what it does, without any account\n"
      "  busy-beaver digest preview --login octocat    what a summary would say about someone\n"
      "  busy-beaver serve                             run the bot\n\n"
      "Every command has --help. Exit codes: 0 done, 1 failed, 2 wrong usage or configuration.");
  std::vector<Command> commands = {serve_command(app), demo_command(app)};
  std::ranges::move(database_commands(app), std::back_inserter(commands));
  std::ranges::move(digest_commands(app), std::back_inserter(commands));
  std::ranges::move(schedule_commands(app), std::back_inserter(commands));
  std::ranges::move(feed_commands(app), std::back_inserter(commands));
  std::ranges::move(token_commands(app), std::back_inserter(commands));
  std::ranges::move(job_commands(app), std::back_inserter(commands));
  std::ranges::move(delivery_commands(app), std::back_inserter(commands));
  std::ranges::move(channel_commands(app), std::back_inserter(commands));
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : wrong_usage;
  }
  try {
    return run_parsed(commands);
  } catch (const std::exception& error) {
    return report({.code = ErrorCode::internal, .message = error.what()});
  }
}

}  // namespace bb::app

// The configuration, from environment variables and a .env file. The only reader of the
// environment.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "features/feeds/paid_reads.hpp"
#include "features/feeds/sources.hpp"
#include "features/github_activity/summary.hpp"
#include "github/api.hpp"
#include "jobs/outbox.hpp"
#include "jobs/schedule.hpp"

namespace bb::app {

using Environment = std::map<std::string, std::string>;

// One row per variable; docs/configuration.md and README.md are tested against it.
struct Variable {
  std::string_view name;
  std::string_view fallback;  // used where the variable is absent or empty
  std::string_view help;
};
std::span<const Variable> variables();

struct SlackSettings {
  std::string api_url;
  Secret bot_token;
  Secret signing_secret;
};

// DIGEST_CHANNEL, DIGEST_TIME, DIGEST_WEEKDAYS and DIGEST_TIMEZONE.
struct DigestSchedule {
  std::string channel;  // name or id
  jobs::Timetable timetable;
};

// TWITTER_USERNAME and TWITTER_CHANNEL.
struct EnvironmentFeed {
  std::string username;  // of X
  std::string channel;   // name or id
};

struct Config {
  std::string database_uri;
  Secret secret_key;  // empty: kept in a file beside the database
  SlackSettings slack;
  github::Settings github;
  std::size_t github_concurrency = 10;          // requests under way at the same time
  std::vector<std::string> feed_allowed_hosts;  // that need not be on the public Internet
  feeds::SourceSettings feed_sources;
  std::string base_url;  // without a trailing slash
  std::string listen_address;
  std::uint16_t port = 0;
  log::Settings log;
  jobs::UncertainPolicy post_uncertain = jobs::UncertainPolicy::skip;
  std::chrono::seconds post_settling = jobs::default_settling;
  github_activity::Summary::Settings digest{.zone = TimeZone::utc()};
  std::optional<DigestSchedule> digest_schedule;    // nothing: schedules are set by people alone
  std::optional<EnvironmentFeed> environment_feed;  // nothing: feeds are set by people alone
  feeds::ReadBudget feed_budget;
  // One for answers, seven for as much slow work as the limits of its kinds allow, one more for
  // posts.
  std::size_t job_workers = 9;
  std::chrono::milliseconds remote_time{20'000};  // for one call of Slack or GitHub
  std::string http_record;  // the file to write what is sent and received to; empty: none
  std::string http_replay;  // the file to take all answers from; empty: the network
  bool no_color = false;    // https://no-color.org
};

// The process's environment over the variables of `.env` in the working folder; an unreadable line
// of .env is an error that names its number.
Result<Environment> read_environment();

// Lines of NAME=value; blank lines, # comments, `export ` and quotes around the value are allowed.
Result<Environment> parse_env_file(std::string_view text);

// invalid_input lists every variable that is wrong, one a line, and what to set it to.
Result<Config> load_config(const Environment& environment);

// What `serve` needs beyond a valid configuration: lists every missing variable and where to find
// it.
Result<void> check_serve_config(const Config& config);

}  // namespace bb::app

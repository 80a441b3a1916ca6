#include "app/config.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <set>
#include <sstream>
#include <vector>

#include "base/text.hpp"

namespace bb::app {
namespace {

constexpr std::array table = {
    Variable{"SLACK_BOTUSER_OAUTH_TOKEN", "",
             "the bot token of the Slack app (xoxb-...), page \"OAuth & Permissions\""},
    Variable{"SLACK_SIGNING_SECRET", "",
             "the signing secret of the Slack app, page \"Basic Information\""},
    Variable{"GITHUB_APP_CLIENT_ID", "",
             "the client id of the GitHub OAuth app with which members show who they are"},
    Variable{"GITHUB_APP_CLIENT_SECRET", "", "the client secret of the same OAuth app"},
    Variable{
        "GITHUB_OAUTH_TOKEN", "",
        "GitHub tokens for reading public events, one or several separated by commas or spaces; "
        "used beside the OAuth app's id and secret"},
    Variable{"BASE_URL", "http://localhost:5000",
             "where members' browsers reach this service, e.g. https://beaver.example.org"},
    Variable{"DATABASE_URI", "sqlite:data/busy-beaver.db",
             "where everything is stored; or postgresql://user@host/database"},
    Variable{"SECRET_KEY", "",
             "16 characters or more that seal stored messages; absent: a file beside the database, "
             "made once"},
    Variable{"PORT", "5000", "the port to listen on; 0 takes a free one"},
    Variable{"LISTEN_ADDRESS", "127.0.0.1", "the address to listen on; 0.0.0.0 for all"},
    Variable{"LOG_LEVEL", "info", "debug, info, warning, error or off"},
    Variable{"LOG_FORMAT", "text", "text or json"},
    Variable{"POST_UNCERTAIN", "skip",
             "skip or resend: what to do with a channel post when neither Slack's answer nor the "
             "channel's history tells whether it was posted"},
    Variable{"POST_SETTLE_SECONDS", "45",
             "how long after a call without an answer Slack may still post the message: an empty "
             "history is believed only then"},
    Variable{"DIGEST_CHANNEL", "",
             "the channel that gets a daily summary at DIGEST_TIME, by name or id"},
    Variable{"DIGEST_TIME", "", "when it gets it, in the zone DIGEST_TIMEZONE, e.g. 19:00"},
    Variable{"DIGEST_WEEKDAYS", "daily", "on which days, e.g. mon-fri"},
    Variable{"DIGEST_TIMEZONE", "UTC", "the IANA time zone of summaries, e.g. America/Chicago"},
    Variable{"DIGEST_LAYOUT", "thread",
             "thread or channel: where the members of a summary appear, in the thread of its first "
             "message or below it"},
    Variable{"TWITTER_USERNAME", "", "an account of X whose posts TWITTER_CHANNEL gets, without @"},
    Variable{"TWITTER_CHANNEL", "", "the channel that gets them, by name or id"},
    Variable{"X_MONTHLY_BUDGET_USD", "5",
             "how many dollars a month reading posts of X may cost, at half a cent each"},
    Variable{
        "TWITTER_CONSUMER_KEY", "",
        "the API key of the X app with which posts of X accounts are read; X charges for each"},
    Variable{"TWITTER_CONSUMER_SECRET", "", "the API key secret of the same X app"},
    Variable{"TWITTER_ACCESS_TOKEN", "",
             "an access token of that app: posts are read as this person instead of as the app"},
    Variable{"TWITTER_ACCESS_TOKEN_SECRET", "", "the secret of the same access token"},
    Variable{"SLACK_API_URL", "https://slack.com/api", "another Slack, for tests"},
    Variable{"X_API_URL", "https://api.x.com", "another API of X, for tests"},
    Variable{"BLUESKY_API_URL", "https://public.api.bsky.app",
             "another AppView of Bluesky, which answers without an account"},
    Variable{"GITHUB_API_URL", "https://api.github.com",
             "another GitHub API, e.g. of an Enterprise"},
    Variable{"GITHUB_WEB_URL", "https://github.com", "another GitHub, e.g. of an Enterprise"},
    Variable{"GITHUB_CONCURRENCY", "10",
             "how many requests for members' events are under way at the same time, 1 to 100"},
    Variable{"FEED_ALLOWED_HOSTS", "",
             "hosts that feeds may be fetched from although they are not on the public Internet, "
             "separated by commas or spaces, e.g. blog.intranet"},
    Variable{"HTTP_RECORD", "",
             "a file to record all requests to Slack and GitHub in, without credentials"},
    Variable{"HTTP_REPLAY", "", "a recording to take all answers from instead of the network"},
    Variable{"NO_COLOR", "", "set to anything: no colours in the terminal"},
};

// Reads the variables one by one and remembers what is wrong with them.
class Reader {
 public:
  explicit Reader(const Environment& environment) : environment_(environment) {}

  std::string text(std::string_view name) {
    const auto found = environment_.find(std::string(name));
    if (found != environment_.end() && !trim(found->second).empty()) {
      return std::string(trim(found->second));
    }
    return std::string(std::ranges::find(table, name, &Variable::name)->fallback);
  }

  // Separated by commas or white space; one that is listed twice counts once.
  template <class Word = std::string>
  std::vector<Word> words(std::string_view name) {
    constexpr std::string_view separators = ", \t\r\n";
    std::set<std::string> known;
    std::vector<Word> found;
    const std::string list = text(name);
    for (std::size_t at = 0; (at = list.find_first_not_of(separators, at)) != std::string::npos;) {
      const std::size_t end = std::min(list.find_first_of(separators, at), list.size());
      const std::string one = list.substr(at, end - at);
      if (known.insert(one).second) {
        found.emplace_back(one);
      }
      at = end;
    }
    return found;
  }

  // An http or https address, without its trailing slashes.
  std::string url(std::string_view name) {
    std::string value = text(name);
    while (value.ends_with('/')) {
      value.pop_back();
    }
    const std::string lower = to_lower(value);
    const bool is_http = lower.starts_with("http://") && lower.size() > 7;
    const bool is_https = lower.starts_with("https://") && lower.size() > 8;
    if ((!is_http && !is_https) || value.find_first_of(" \"<>?#") != std::string::npos) {
      complain(name, "has to be an address such as https://beaver.example.org");
    }
    return value;
  }

  std::int64_t number(std::string_view name, std::int64_t lowest, std::int64_t highest) {
    const auto value = parse_integer(text(name));
    if (!value || *value < lowest || *value > highest) {
      complain(name, "has to be a number from " + std::to_string(lowest) + " to " +
                         std::to_string(highest));
      return lowest;
    }
    return *value;
  }

  template <class T, std::size_t n>
  T choice(std::string_view name, const std::array<std::pair<std::string_view, T>, n>& choices) {
    const std::string value = to_lower(text(name));
    std::vector<std::string> words;
    for (const auto& [word, meaning] : choices) {
      if (value == word) {
        return meaning;
      }
      words.emplace_back(word);
    }
    complain(name, "has to be one of " + join_words(words));
    return choices.front().second;
  }

  TimeZone time_zone(std::string_view name) {
    const Result<TimeZone> zone = TimeZone::find(text(name));
    if (!zone) {
      complain(name, "has to be a time zone such as America/Chicago");
    }
    return zone.value_or(TimeZone::utc());
  }

  std::optional<DigestSchedule> digest_schedule(const TimeZone& zone) {
    const std::string channel = text("DIGEST_CHANNEL");
    const std::string time = text("DIGEST_TIME");
    const auto weekdays = jobs::parse_weekdays(text("DIGEST_WEEKDAYS"));
    if (!weekdays) {
      complain("DIGEST_WEEKDAYS", "has to be days such as mon-fri, sat,sun or daily");
    }
    if (channel.empty() != time.empty()) {
      complain("DIGEST_CHANNEL", "and DIGEST_TIME belong together: set both or none");
    }
    const auto time_of_day = jobs::parse_time_of_day(time);
    if (!time.empty() && !time_of_day) {
      complain("DIGEST_TIME", "has to be a time of day such as 19:00");
    }
    if (channel.empty() || !weekdays || !time_of_day) {
      return std::nullopt;
    }
    return DigestSchedule{
        .channel = channel,
        .timetable = {.time_of_day = *time_of_day, .weekdays = *weekdays, .zone = zone}};
  }

  std::optional<EnvironmentFeed> environment_feed() {
    std::string username = text("TWITTER_USERNAME");
    const std::string channel = text("TWITTER_CHANNEL");
    check_pair("TWITTER_USERNAME", "TWITTER_CHANNEL");
    if (username.starts_with('@')) {
      username.erase(0, 1);
    }
    const bool is_name = username.size() <= 50 && std::ranges::all_of(username, [](char c) {
                           return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                                  (c >= '0' && c <= '9') || c == '_';
                         });
    if (!is_name) {
      complain("TWITTER_USERNAME", "has to be the name of an account, such as cppcon");
    }
    if (username.empty() || channel.empty() || !is_name) {
      return std::nullopt;
    }
    return EnvironmentFeed{.username = username, .channel = channel};
  }

  void check_pair(std::string_view one, std::string_view other) {
    if (text(one).empty() != text(other).empty()) {
      complain(one, "and " + std::string(other) + " belong together: set both or none");
    }
  }

  void complain(std::string_view name, const std::string& what) {
    problems_ += "\n  " + std::string(name) + " " + what;
  }

  [[nodiscard]] const std::string& problems() const { return problems_; }

 private:
  const Environment& environment_;
  std::string problems_;
};

}  // namespace

namespace {

// Within quotes up to the closing one; else up to a comment, which stands after white space.
std::string_view env_value(std::string_view text) {
  if (!text.empty() && (text.front() == '"' || text.front() == '\'')) {
    const std::size_t end = text.find(text.front(), 1);
    if (end != std::string_view::npos) {
      return text.substr(1, end - 1);
    }
  }
  if (text.starts_with('#')) {
    return {};
  }
  return trim(text.substr(0, std::min(text.find(" #"), text.find("\t#"))));
}

}  // namespace

std::span<const Variable> variables() {
  return table;
}

Result<Environment> parse_env_file(std::string_view text) {
  Environment result;
  std::size_t number = 0;
  for (std::string_view line : split(text, '\n')) {
    ++number;
    line = trim(line);
    if (line.empty() || line.front() == '#') {
      continue;
    }
    if (line.starts_with("export ")) {
      line = trim(line.substr(7));
    }
    const std::size_t equals = line.find('=');
    const std::string_view name = trim(line.substr(0, equals));
    const bool is_name = !name.empty() && std::ranges::all_of(name, [](char c) {
      return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    });
    if (equals == std::string_view::npos || !is_name) {
      return fail(ErrorCode::invalid_input,
                  ".env: line " + std::to_string(number) + " is not NAME=value");
    }
    result[std::string(name)] = std::string(env_value(trim(line.substr(equals + 1))));
  }
  return result;
}

Result<Environment> read_environment() {
  Environment result;
  if (std::ifstream file(".env", std::ios::binary); file) {
    std::ostringstream text;
    text << file.rdbuf();
    Result<Environment> parsed = parse_env_file(text.str());
    if (!parsed) {
      return parsed;
    }
    result = *std::move(parsed);
  }
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const std::size_t equals = text.find('=');
    if (equals != std::string_view::npos) {
      result[std::string(text.substr(0, equals))] = std::string(text.substr(equals + 1));
    }
  }
  return result;
}

Result<Config> load_config(const Environment& environment) {
  using Level = log::Level;
  using Format = log::Format;
  using Policy = jobs::UncertainPolicy;
  using github_activity::Layout;
  static constexpr std::array<std::pair<std::string_view, Level>, 6> levels = {
      {{"info", Level::info},
       {"debug", Level::debug},
       {"warning", Level::warning},
       {"warn", Level::warning},
       {"error", Level::error},
       {"off", Level::off}}};
  static constexpr std::array<std::pair<std::string_view, Format>, 2> formats = {
      {{"text", Format::text}, {"json", Format::json}}};
  static constexpr std::array<std::pair<std::string_view, Policy>, 2> policies = {
      {{"skip", Policy::skip}, {"resend", Policy::resend}}};
  static constexpr std::array<std::pair<std::string_view, Layout>, 2> layouts = {
      {{"thread", Layout::thread}, {"channel", Layout::channel}}};
  constexpr std::size_t shortest_key = 16;
  constexpr std::int64_t most_dollars = 1'000'000;
  constexpr std::int64_t reads_per_dollar = 200;  // X charges $0.005 for each post

  Reader reader(environment);
  Config config;
  config.database_uri = reader.text("DATABASE_URI");
  config.secret_key = Secret(reader.text("SECRET_KEY"));
  if (!config.secret_key.empty() && config.secret_key.reveal().size() < shortest_key) {
    reader.complain("SECRET_KEY", "has to be 16 characters or more");
  }
  config.slack = {.api_url = reader.url("SLACK_API_URL"),
                  .bot_token = Secret(reader.text("SLACK_BOTUSER_OAUTH_TOKEN")),
                  .signing_secret = Secret(reader.text("SLACK_SIGNING_SECRET"))};
  config.github = {.api_url = reader.url("GITHUB_API_URL"),
                   .web_url = reader.url("GITHUB_WEB_URL"),
                   .client_id = reader.text("GITHUB_APP_CLIENT_ID"),
                   .client_secret = Secret(reader.text("GITHUB_APP_CLIENT_SECRET")),
                   .tokens = reader.words<Secret>("GITHUB_OAUTH_TOKEN")};
  config.feed_allowed_hosts = reader.words("FEED_ALLOWED_HOSTS");
  config.github_concurrency = static_cast<std::size_t>(reader.number("GITHUB_CONCURRENCY", 1, 100));
  reader.check_pair("GITHUB_APP_CLIENT_ID", "GITHUB_APP_CLIENT_SECRET");
  config.feed_sources.x = {
      .api_url = reader.url("X_API_URL"),
      .consumer_key = reader.text("TWITTER_CONSUMER_KEY"),
      .consumer_secret = Secret(reader.text("TWITTER_CONSUMER_SECRET")),
      .access_token = Secret(reader.text("TWITTER_ACCESS_TOKEN")),
      .access_token_secret = Secret(reader.text("TWITTER_ACCESS_TOKEN_SECRET"))};
  reader.check_pair("TWITTER_CONSUMER_KEY", "TWITTER_CONSUMER_SECRET");
  reader.check_pair("TWITTER_ACCESS_TOKEN", "TWITTER_ACCESS_TOKEN_SECRET");
  if (!config.feed_sources.x.access_token.empty() && config.feed_sources.x.consumer_key.empty()) {
    reader.complain("TWITTER_ACCESS_TOKEN", "needs TWITTER_CONSUMER_KEY");
  }
  config.feed_sources.bluesky_api_url = reader.url("BLUESKY_API_URL");
  config.base_url = reader.url("BASE_URL");
  config.listen_address = reader.text("LISTEN_ADDRESS");
  config.port = static_cast<std::uint16_t>(reader.number("PORT", 0, 65'535));
  config.log = {.level = reader.choice("LOG_LEVEL", levels),
                .format = reader.choice("LOG_FORMAT", formats)};
  config.post_uncertain = reader.choice("POST_UNCERTAIN", policies);
  config.post_settling = std::chrono::seconds(reader.number("POST_SETTLE_SECONDS", 0, 3'600));
  config.digest = {.zone = reader.time_zone("DIGEST_TIMEZONE"),
                   .layout = reader.choice("DIGEST_LAYOUT", layouts),
                   // Elsewhere an id is another person's.
                   .pictures = config.github.web_url == "https://github.com"};
  config.digest_schedule = reader.digest_schedule(config.digest.zone);
  config.environment_feed = reader.environment_feed();
  config.feed_budget = {
      {"x", reader.number("X_MONTHLY_BUDGET_USD", 0, most_dollars) * reads_per_dollar}};
  config.http_record = reader.text("HTTP_RECORD");
  config.http_replay = reader.text("HTTP_REPLAY");
  if (!config.http_record.empty() && !config.http_replay.empty()) {
    reader.complain("HTTP_RECORD", "and HTTP_REPLAY exclude each other: set one of them");
  }
  config.no_color = !reader.text("NO_COLOR").empty();
  if (!reader.problems().empty()) {
    return fail(ErrorCode::invalid_input, "the configuration is not usable:" + reader.problems());
  }
  return config;
}

Result<void> check_serve_config(const Config& config) {
  std::string missing;
  const auto require = [&missing](const Secret& secret, std::string_view name) {
    if (secret.empty()) {
      missing += "\n  " + std::string(name) + ": " +
                 std::string(std::ranges::find(table, name, &Variable::name)->help);
    }
  };
  require(config.slack.bot_token, "SLACK_BOTUSER_OAUTH_TOKEN");
  require(config.slack.signing_secret, "SLACK_SIGNING_SECRET");
  if (!missing.empty()) {
    return fail(ErrorCode::invalid_input,
                "these variables have to be set first:" + missing +
                    "\nSee docs/configuration.md, or try `busy-beaver demo`, which needs none.");
  }
  return {};
}

}  // namespace bb::app

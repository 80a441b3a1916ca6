#include "app/config.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <sstream>

namespace bb::app {
namespace {

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

const Environment slack_environment = {{"SLACK_BOTUSER_OAUTH_TOKEN", "xoxb-1"},
                                       {"SLACK_SIGNING_SECRET", "s3cret"}};

}  // namespace

TEST_CASE("an empty environment gives the documented defaults") {
  const Config config = load_config({}).value();
  CHECK(config.database_uri == "sqlite:data/busy-beaver.db");
  CHECK(config.port == 5000);
  CHECK(config.listen_address == "127.0.0.1");
  CHECK(config.slack.api_url == "https://slack.com/api");
  CHECK(config.github.api_url == "https://api.github.com");
  CHECK((config.post_uncertain == jobs::UncertainPolicy::skip));
}

TEST_CASE("several GitHub tokens are separated by commas or spaces") {
  const Config config =
      load_config({{"GITHUB_OAUTH_TOKEN", " ghp_one, ghp_two ghp_one,,\tghp_three "}}).value();
  std::vector<std::string> tokens;
  for (const Secret& token : config.github.tokens) {
    tokens.push_back(token.reveal());
  }
  CHECK((tokens == std::vector<std::string>{"ghp_one", "ghp_two", "ghp_three"}));
  CHECK(load_config({}).value().github.tokens.empty());
}

TEST_CASE("the credentials of X are whole or absent") {
  const Config config = load_config({{"TWITTER_CONSUMER_KEY", "key"},
                                     {"TWITTER_CONSUMER_SECRET", "s1"},
                                     {"TWITTER_ACCESS_TOKEN", "token"},
                                     {"TWITTER_ACCESS_TOKEN_SECRET", "s2"},
                                     {"X_API_URL", "http://127.0.0.1:1/x/"}})
                            .value();
  CHECK(config.feed_sources.x.api_url == "http://127.0.0.1:1/x");
  CHECK(config.feed_sources.x.consumer_key == "key");
  CHECK(config.feed_sources.x.consumer_secret.reveal() == "s1");
  CHECK(config.feed_sources.x.access_token.reveal() == "token");
  CHECK(config.feed_sources.x.access_token_secret.reveal() == "s2");
  CHECK(load_config({{"TWITTER_CONSUMER_KEY", "key"}})
            .error()
            .message.contains("TWITTER_CONSUMER_KEY and TWITTER_CONSUMER_SECRET belong together"));
  CHECK(load_config({{"TWITTER_ACCESS_TOKEN", "token"}, {"TWITTER_ACCESS_TOKEN_SECRET", "s2"}})
            .error()
            .message.contains("TWITTER_ACCESS_TOKEN needs TWITTER_CONSUMER_KEY"));
}

TEST_CASE("addresses are taken with or without a trailing slash and over plain http") {
  const Config config = load_config({{"SLACK_API_URL", "http://127.0.0.1:8080/api/"},
                                     {"BASE_URL", "https://beaver.example.org//"}})
                            .value();
  CHECK(config.slack.api_url == "http://127.0.0.1:8080/api");
  CHECK(config.base_url == "https://beaver.example.org");
}

TEST_CASE("all wrong variables are reported at once with what to set") {
  const auto config = load_config({{"PORT", "http"},
                                   {"BASE_URL", "beaver.example.org"},
                                   {"LOG_LEVEL", "loud"},
                                   {"SECRET_KEY", "short"},
                                   {"GITHUB_APP_CLIENT_ID", "id"},
                                   {"POST_UNCERTAIN", "maybe"}});
  REQUIRE_FALSE(config);
  CHECK(config.error().code == ErrorCode::invalid_input);
  for (const char* expected :
       {"PORT has to be a number from 0 to 65535", "BASE_URL has to be an address", "LOG_LEVEL has",
        "SECRET_KEY has to be 16", "GITHUB_APP_CLIENT_SECRET belong", "POST_UNCERTAIN has"}) {
    CAPTURE(expected);
    CHECK(config.error().message.find(expected) != std::string::npos);
  }
}

TEST_CASE("HTTP is recorded or replayed but not both") {
  CHECK(load_config({{"HTTP_RECORD", "a.jsonl"}}).value().http_record == "a.jsonl");
  CHECK(load_config({{"HTTP_REPLAY", "b.jsonl"}}).value().http_replay == "b.jsonl");
  const auto both = load_config({{"HTTP_RECORD", "a.jsonl"}, {"HTTP_REPLAY", "b.jsonl"}});
  REQUIRE_FALSE(both);
  CHECK(both.error().message.find("HTTP_RECORD and HTTP_REPLAY") != std::string::npos);
}

TEST_CASE("serve names every variable that is missing and no value") {
  const auto usable = check_serve_config(load_config({}).value());
  REQUIRE_FALSE(usable);
  CHECK(usable.error().message.find("SLACK_BOTUSER_OAUTH_TOKEN") != std::string::npos);
  CHECK(usable.error().message.find("SLACK_SIGNING_SECRET") != std::string::npos);
  CHECK(check_serve_config(load_config(slack_environment).value()));
}

TEST_CASE("a signing secret has no default") {
  CHECK(load_config({}).value().slack.signing_secret.empty());
  CHECK(load_config({}).value().secret_key.empty());
}

TEST_CASE("an env file may have comments and quotes and export") {
  const Environment parsed = parse_env_file(
                                 "# a comment\n\nexport PORT=8080\r\nLOG_LEVEL=\"debug\"\n"
                                 "SECRET_KEY='a=b c'\nEMPTY=\nNOTHING= # said\nBASE_URL=http://a#b "
                                 "  # where\nQUOTED='a #b' # c\n")
                                 .value();
  CHECK(parsed.at("PORT") == "8080");
  CHECK(parsed.at("LOG_LEVEL") == "debug");
  CHECK(parsed.at("SECRET_KEY") == "a=b c");
  CHECK(parsed.at("EMPTY").empty());
  CHECK(parsed.at("NOTHING").empty());
  CHECK(parsed.at("BASE_URL") == "http://a#b");
  CHECK(parsed.at("QUOTED") == "a #b");
}

TEST_CASE("a line of an env file that is not an assignment is named by number only") {
  const auto parsed = parse_env_file("PORT=1\nxoxb-secret-token\n");
  REQUIRE_FALSE(parsed);
  CHECK(parsed.error().message.find("line 2") != std::string::npos);
  CHECK(parsed.error().message.find("xoxb") == std::string::npos);
}

TEST_CASE("every variable stands in the configuration page and in the README") {
  const std::string page = read_file("docs/configuration.md");
  const std::string readme = read_file("README.md");
  REQUIRE_FALSE(variables().empty());
  for (const Variable& variable : variables()) {
    const std::string name = "`" + std::string(variable.name) + "`";
    CAPTURE(name);
    CHECK(page.find(name) != std::string::npos);
    CHECK(readme.find(name) != std::string::npos);
    if (!variable.fallback.empty()) {
      CHECK(page.find(std::string(variable.fallback)) != std::string::npos);
    }
  }
}

}  // namespace bb::app

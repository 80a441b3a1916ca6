// What HTTP_RECORD writes of a day of the real App, and that HTTP_REPLAY lives the same day again.
#include <boost/json.hpp>
#include <fstream>
#include <iterator>
#include <vector>

#include "crypto/crypto.hpp"
#include "http/recording.hpp"
#include "tests/scenario/world.hpp"

namespace bb::tests {
namespace {

std::string percent_encoded(std::string_view text) {
  http::Parameters parameters;
  parameters.add("x", text);
  return parameters.encode().substr(2);
}

std::vector<std::string> spellings(const std::string& secret) {
  return {secret, percent_encoded(secret), crypto::to_base64("client:" + secret),
          crypto::to_base64url(secret)};
}

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string parameter_of(const std::string& url, std::string_view name) {
  const auto query = http::Parameters::parse(url.substr(url.find('?') + 1));
  REQUIRE(query);
  const auto value = query->find(name);
  REQUIRE(value);
  return *value;
}

// A day with everything that the bot asks of Slack and GitHub.
class Day {
 public:
  Day() {
    world.config.secret_key = Secret("the key of / this service");
    ada = world.add_member("Ada", 1001, "ada-builds");
    world.github->add_user(1, "operator");
    world.config.github.tokens = {world.github->add_token("operator")};
  }

  // Ada connects, is polled twice, a summary is posted, and she takes her data.
  void live() {
    world.start();
    world.say(ada, "connect");
    if (back.empty()) {
      button = world.button_url(ada);
      back = world.github->authorize(button, "ada-builds").value();
    }
    CHECK(world.open(back).body.find("linked as ada-builds") != std::string::npos);
    world.settle();
    world.clock.advance(std::chrono::minutes(6));
    world.settle();
    summary = world.job(world.summarise("general"));
    world.say(ada, "export");
    if (download.empty()) {
      download = world.button_url(ada);
    }
    CHECK(world.open(download).status == 200);
  }

  [[nodiscard]] std::vector<std::string> configured_secrets() const {
    const app::Config& config = world.config;
    return {config.slack.bot_token.reveal(), config.slack.signing_secret.reveal(),
            config.github.client_secret.reveal(), config.github.tokens.at(0).reveal(),
            config.secret_key.reveal()};
  }

  // All that one sign-in made up or was given.
  [[nodiscard]] std::vector<std::string> sign_in_secrets() const {
    const std::string state = parameter_of(button, "state");
    return {state, parameter_of(back, "code"), parameter_of(button, "code_challenge"),
            parameter_of(download, "token"),
            crypto::to_base64url(crypto::hmac_sha256(world.config.secret_key, "pkce:" + state))};
  }

  World world;
  std::string ada;
  std::string button;    // the address of GitHub's sign-in page
  std::string back;      // where GitHub sends the browser from there
  std::string summary;   // what became of the job
  std::string download;  // the address of Ada's data
};

}  // namespace

TEST_CASE("a recording of the whole service holds no secret and can be replayed") {
  Day first;
  // GitHub shows every secret of the configuration in every spelling, as a member could write it.
  boost::json::array shown;
  for (const std::string& secret : first.configured_secrets()) {
    for (const std::string& spelling : spellings(secret)) {
      shown.emplace_back("see " + spelling + " here");
    }
  }
  const std::size_t spelled = shown.size();
  first.world.github->add_event(
      "ada-builds", {.type = "WatchEvent",
                     .repo = "fmtlib/fmt",
                     .payload = boost::json::serialize(
                         boost::json::object{{"action", "started"}, {"notes", std::move(shown)}})});
  const std::string file = first.world.folder.path("http.jsonl");
  first.world.config.http_record = file;
  first.live();
  CHECK(first.summary.find("\"done\"") != std::string::npos);
  const std::string recorded = read_file(file);

  SUBCASE("no secret stands in it in any spelling") {
    std::vector<std::string> secrets = first.configured_secrets();
    for (const std::string& secret : first.sign_in_secrets()) {
      secrets.push_back(secret);
    }
    for (const std::string& secret : secrets) {
      REQUIRE(secret.size() >= 16);
      for (const std::string& spelling : spellings(secret)) {
        CAPTURE(spelling);
        CHECK(recorded.find(spelling) == std::string::npos);
      }
    }
    CHECK(recorded.find("gho_") == std::string::npos);  // how GitHub's access tokens start
    // Each kind was there to be masked.
    for (const char* place :
         {"client_secret=***", "&code=***", "code_verifier=***", "\"access_token\":\"***\"",
          "\"Authorization\":\"***\"", "&state=***", "code_challenge=***"}) {
      CAPTURE(place);
      CHECK(recorded.find(place) != std::string::npos);
    }
    std::size_t masked = 0;
    for (std::size_t at = 0; (at = recorded.find("\"see *** here\"", at)) != std::string::npos;) {
      ++at;
      ++masked;
    }
    CHECK(masked == spelled);
  }

  SUBCASE("the same day is lived again without Slack and GitHub") {
    Day second;
    second.world.config.slack.api_url = first.world.config.slack.api_url;
    second.world.config.github.api_url = first.world.config.github.api_url;
    second.world.config.github.web_url = first.world.config.github.web_url;
    first.world.app.reset();
    first.world.slack->stop();
    first.world.github->stop();
    second.world.config.http_replay = file;
    second.back = first.back;
    second.download = first.download;
    second.live();
    CHECK(second.summary == first.summary);
    CHECK(second.world.count("activity") == 1);
    CHECK(second.world.count("delivery WHERE state = 'sent'") ==
          first.world.count("delivery WHERE state = 'sent'"));
    CHECK(second.world.slack->calls("chat.postMessage") == 0);
    CHECK(second.world.github->total_requests() == 0);
  }
}

TEST_CASE("a request that the recording does not have ends in an error and not in the network") {
  Day first;
  const std::string file = first.world.folder.path("http.jsonl");
  first.world.config.http_record = file;
  first.world.start();
  Day second;
  second.world.config.slack.api_url = first.world.config.slack.api_url;
  second.world.config.http_replay = file;
  second.world.start();
  const std::string job = second.world.job(second.world.summarise("general"));
  CHECK(job.find("has no (further) answer for POST") != std::string::npos);
  CHECK(first.world.slack->calls("conversations.list") == 0);
}

}  // namespace bb::tests

#include "app/outbound_http.hpp"

#include <doctest/doctest.h>

#include <fstream>

#include "http/recording.hpp"
#include "tests/temporary_folder.hpp"

namespace bb::app {
namespace {

constexpr TimePoint now(std::chrono::seconds(1'800'000'000));

struct Fixture {
  tests::TemporaryFolder folder;
  std::string file = folder.path("http.jsonl");
  VirtualClock clock{now};
  Config config;

  Result<std::unique_ptr<http::Client>> client() {
    return make_http_client(config, Secret("the key of the file"), clock);
  }

  [[nodiscard]] std::string recorded() const {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
};

}  // namespace

TEST_CASE("every secret of the configuration is masked in a recording") {
  Fixture fixture;
  fixture.config.http_record = fixture.file;
  fixture.config.slack.bot_token = Secret("bot-token-1");
  fixture.config.slack.signing_secret = Secret("signing-secret-2");
  fixture.config.github.client_secret = Secret("client-secret-3");
  fixture.config.github.tokens = {Secret("github-token-4")};
  fixture.config.secret_key = Secret("secret-key-of-the-service-5");
  const auto client = fixture.client();
  REQUIRE_MESSAGE(client, (client ? "" : client.error().message));
  // Nothing listens at port 1: the request alone is recorded.
  CHECK_FALSE((*client)->send({.method = "POST",
                               .url = "http://127.0.0.1:1/x",
                               .body = "a bot-token-1 b signing-secret-2 c client-secret-3 d "
                                       "github-token-4 e secret-key-of-the-service-5 f the key of "
                                       "the file g"}));
  CHECK(fixture.recorded().find("\"a *** b *** c *** d *** e *** f *** g\"") != std::string::npos);
}

TEST_CASE("a recording of the configuration answers instead of the network") {
  Fixture fixture;
  fixture.config.http_replay = fixture.file;
  std::ofstream(fixture.file)
      << http::recording_header() << "\n"
      << R"({"at":"2027-01-15T08:00:00Z","request":{"method":"GET","url":"https://a.example/"},)"
      << R"("response":{"status":200,"body":"hello"}})"
      << "\n";
  const auto client = fixture.client();
  REQUIRE_MESSAGE(client, (client ? "" : client.error().message));
  CHECK((*client)->send({.url = "https://a.example/"})->body == "hello");
}

TEST_CASE("a recording that cannot be written or read is an error that names the variable") {
  Fixture fixture;
  fixture.config.http_replay = fixture.folder.path("missing.jsonl");
  CHECK(fixture.client().error().message.starts_with("HTTP_REPLAY: cannot read "));
  fixture.config.http_replay = "";
  fixture.config.http_record = fixture.folder.path("no/folder/http.jsonl");
  CHECK(fixture.client().error().message.starts_with("HTTP_RECORD: cannot write "));
}

}  // namespace bb::app

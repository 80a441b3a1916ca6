#include "http/recording.hpp"

#include <doctest/doctest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <array>
#include <csignal>
#include <fstream>
#include <thread>

#include "tests/temporary_folder.hpp"

namespace bb::http {
namespace {

using namespace std::chrono_literals;

const std::string token = "gho_0123456789abcdef0123456789abcdef0123";

// Answers with what it was asked for; nothing is listening at "down".
class Echo final : public Client {
 public:
  Result<Response> send(const ClientRequest& request) override {
    if (request.url.contains("down")) {
      return fail(ErrorCode::unavailable, "a.example/down: no connection with " + token);
    }
    return Response{.status = 200,
                    .headers = {{"Set-Cookie", "s=" + token}, {"ETag", "\"1\""}},
                    .body = R"({"asked": ")" + request.url + R"("})"};
  }
  void stop() override { stopped_ = true; }
  [[nodiscard]] bool is_stopped() const override { return stopped_; }

 private:
  bool stopped_ = false;
};

struct Fixture {
  tests::TemporaryFolder folder;
  std::string file = folder.path("http.jsonl");
  VirtualClock clock{TimePoint(1'800'000'000s)};

  [[nodiscard]] std::unique_ptr<Client> record(const Masking& masking = {}) const {
    auto client = make_recording_client(std::make_unique<Echo>(), file, masking, clock);
    REQUIRE_MESSAGE(client, (client ? "" : client.error().message));
    return *std::move(client);
  }

  [[nodiscard]] std::unique_ptr<ReplayingClient> replay() const {
    auto client = ReplayingClient::open(file);
    REQUIRE_MESSAGE(client, (client ? "" : client.error().message));
    return *std::move(client);
  }

  [[nodiscard]] std::string text() const {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
};

ClientRequest get(const std::string& path) {
  return {.url = "https://a.example" + path};
}

}  // namespace

TEST_CASE("what is sent and received is written at once and without credentials") {
  Fixture fixture;
  const auto client = fixture.record();
  const auto answer =
      client->send({.method = "POST",
                    .url = "https://a.example/x?state=abc",
                    .headers = {{"Authorization", "Bearer " + token}, {"Accept", "text/plain"}},
                    .body = R"({"access_token": ")" + token + R"(", "n": 1})"});
  REQUIRE(answer);
  CHECK(answer->headers.find("Set-Cookie") == "s=" + token);
  CHECK(answer->body == R"({"asked": "https://a.example/x?state=abc"})");
  CHECK(fixture.text() ==
        recording_header() + "\n" +
            R"({"at":"2027-01-15T08:00:00Z","request":{"method":"POST",)"
            R"("url":"https://a.example/x?state=***",)"
            R"("headers":{"Authorization":"***","Accept":"text/plain"},)"
            R"("body":{"access_token":"***","n":1}},)"
            R"("response":{"status":200,"headers":{"Set-Cookie":"***","ETag":"\"1\""},)"
            R"("body":{"asked":"https://a.example/x?state=***"}}})"
            "\n");
}

TEST_CASE("a recording can be read by its owner alone") {
  Fixture fixture;
  const auto client = fixture.record();
  struct stat status{};
  REQUIRE(stat(fixture.file.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777U) == 0600U);
}

TEST_CASE("requests that are sent together are recorded with their own answers") {
  Fixture fixture;
  const std::vector<ClientRequest> requests = {get("/a"), get("/down"), get("/b")};
  std::vector<std::size_t> ended;
  const auto note = [&](std::size_t index, const Result<Response>&) { ended.push_back(index); };
  fixture.record()->send_all(all_of(requests), 2, note);
  CHECK((ended == std::vector<std::size_t>{0, 1, 2}));
  const auto replay = fixture.replay();
  CHECK(replay->unused().size() == 3);
  CHECK(replay->send(get("/b"))->body == R"({"asked":"https://a.example/b"})");
  const auto refused = replay->send(get("/down"));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::unavailable);
  CHECK(refused.error().message == "a.example/down: no connection with ***");
  CHECK((replay->unused() == std::vector<std::string>{"GET https://a.example/a"}));
}

TEST_CASE("a recording is continued and another file is left alone") {
  Fixture fixture;
  REQUIRE(fixture.record()->send(get("/a")));
  REQUIRE(fixture.record()->send(get("/b")));
  CHECK(fixture.replay()->unused().size() == 2);

  const std::string other = fixture.folder.path("notes.txt");
  std::ofstream(other) << "my notes\n";
  const auto refused = make_recording_client(std::make_unique<Echo>(), other, {}, fixture.clock);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message.contains("notes.txt"));
  CHECK_FALSE(make_recording_client(std::make_unique<Echo>(), fixture.folder.path("no/such/x"), {},
                                    fixture.clock));
}

TEST_CASE("a last line that is torn is dropped and the recording goes on") {
  Fixture fixture;
  REQUIRE(fixture.record()->send(get("/a")));
  const std::string whole = fixture.text();
  for (const std::size_t kept : {whole.size() - 1, whole.size() - 2, recording_header().size() + 2,
                                 recording_header().size(), recording_header().size() - 1}) {
    CAPTURE(kept);
    std::ofstream(fixture.file, std::ios::binary) << whole.substr(0, kept);
    const std::size_t left = kept == whole.size() - 1 ? 1 : 0;
    if (kept >= recording_header().size()) {
      CHECK(fixture.replay()->unused().size() == left);
    }
    REQUIRE(fixture.record()->send(get("/b")));
    CHECK(fixture.replay()->unused().size() == left + 1);
    CHECK(fixture.text().ends_with("\n"));
  }
}

TEST_CASE("a recording that is damaged elsewhere is not continued") {
  Fixture fixture;
  const std::string damaged = recording_header() + "\n{\"at\"\n" + recording_header();
  std::ofstream(fixture.file, std::ios::binary) << damaged;
  CHECK_FALSE(ReplayingClient::open(fixture.file));
  CHECK_FALSE(make_recording_client(std::make_unique<Echo>(), fixture.file, {}, fixture.clock));
  CHECK(fixture.text() == damaged);
}

TEST_CASE("a full disk ends the recording and not the requests") {
  Fixture fixture;
  const auto client = fixture.record();
  REQUIRE(client->send(get("/a")));
  const std::string before = fixture.text();
  // No file may grow beyond the middle of the next line.
  rlimit limit{};
  REQUIRE(getrlimit(RLIMIT_FSIZE, &limit) == 0);
  rlimit small = limit;
  small.rlim_cur = before.size() + 20;
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  REQUIRE(setrlimit(RLIMIT_FSIZE, &small) == 0);
  const auto answer = client->send(get("/b"));
  setrlimit(RLIMIT_FSIZE, &limit);
  std::signal(SIGXFSZ, handler);
  CHECK(answer);
  CHECK(client->send(get("/c")));
  CHECK(fixture.text() == before);
}

TEST_CASE("threads record whole lines") {
  Fixture fixture;
  {
    const auto client = fixture.record();
    std::array<std::jthread, 4> threads;
    for (std::jthread& thread : threads) {
      thread = std::jthread([&client] {
        for (int i = 0; i < 50; ++i) {
          static_cast<void>(client->send(get("/x")));
        }
      });
    }
  }
  CHECK(fixture.replay()->unused().size() == 200);
}

TEST_CASE("each exchange answers once and in its order") {
  Fixture fixture;
  std::ofstream(fixture.file)
      << recording_header() << "\n"
      << R"({"at":"2027-01-15T08:00:00Z","request":{"method":"GET","url":"https://a.example/a"},"response":{"status":200}})"
      << "\n"
      << R"({"at":"2027-01-15T08:00:00Z","request":{"method":"GET","url":"https://a.example/a"},"response":{"status":404}})"
      << "\n";
  const auto replay = fixture.replay();
  CHECK(replay->send(get("/a"))->status == 200);
  CHECK(replay->send(get("/a"))->status == 404);
  const auto third = replay->send(get("/a"));
  REQUIRE_FALSE(third);
  CHECK(third.error().code == ErrorCode::bad_response);
  CHECK(third.error().message == "the recording " + fixture.file +
                                     " has no (further) answer for GET https://a.example/a; all of "
                                     "it is used");
}

TEST_CASE("a request that differs in method or address or body or tag has no answer") {
  Fixture fixture;
  ClientRequest good = {.method = "PUT",
                        .url = "https://a.example/a?code=1",
                        .headers = {{"If-None-Match", "\"t\""}, {"Authorization", "one"}},
                        .body = R"({"a":1})"};
  REQUIRE(fixture.record()->send(good));
  const auto replay = fixture.replay();
  const auto refuse = [&](const std::function<void(ClientRequest&)>& change) {
    ClientRequest request = good;
    change(request);
    const auto answer = replay->send(request);
    REQUIRE_FALSE(answer);
    CHECK(answer.error().message.ends_with("; next in it is PUT https://a.example/a?code=***"));
    return answer.error().message;
  };
  CHECK(refuse([](auto& request) {
          request.method = "GET";
        }).contains("answer for GET https://a.example/a?code=***"));
  CHECK(refuse([](auto& request) {
          request.url += "&b=2&token=5";
        }).contains("PUT https://a.example/a?code=***&b=2&token=***"));
  CHECK(refuse([](auto& request) { request.body = R"({"a":2})"; }).contains(" with this body"));
  CHECK(refuse([](auto& request) {
          request.headers.set("If-None-Match", "\"u\"");
        }).contains("with If-None-Match \"u\""));
  refuse([](auto& request) { request.headers.remove("If-None-Match"); });
  // Credentials and one-time codes are new each time.
  good.headers.set("Authorization", "two");
  good.url = "https://a.example/a?code=2";
  good.body = R"({ "a": 1 })";
  CHECK(replay->send(good));
  CHECK(replay->unused().empty());
}

TEST_CASE("a secret in a body is masked before it is compared") {
  Fixture fixture;
  const std::vector<Secret> recorded = {Secret("the first secret")};
  const std::vector<Secret> replayed = {Secret("another secret")};
  ClientRequest request = {
      .method = "POST", .url = "https://a.example/", .body = "the first secret"};
  REQUIRE(fixture.record(Masking(recorded))->send(request));
  const auto replay = ReplayingClient::open(fixture.file, Masking(replayed));
  REQUIRE(replay);
  CHECK_FALSE((*replay)->send(request));
  request.body = "another secret";
  CHECK((*replay)->send(request));
}

TEST_CASE("stopping reaches the client within and ends a replay") {
  Fixture fixture;
  const auto recording = fixture.record();
  CHECK_FALSE(recording->is_stopped());
  REQUIRE(recording->send(get("/a")));
  recording->stop();
  CHECK(recording->is_stopped());
  const auto replay = fixture.replay();
  replay->stop();
  CHECK(replay->is_stopped());
  CHECK(replay->send(get("/a")).error().code == ErrorCode::unavailable);
}

TEST_CASE("a recording that cannot be read is an error with file and line") {
  Fixture fixture;
  const auto missing = ReplayingClient::open(fixture.file);
  REQUIRE_FALSE(missing);
  CHECK(missing.error().message.contains(fixture.file));
  std::ofstream(fixture.file) << recording_header() << "\n{\"at\"\n";
  const auto broken = ReplayingClient::open(fixture.file);
  REQUIRE_FALSE(broken);
  CHECK(broken.error().message.starts_with(fixture.file + ": line 2: not JSON"));
}

}  // namespace bb::http

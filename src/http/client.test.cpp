#include "http/client.hpp"

#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <future>
#include <set>
#include <stdexcept>
#include <thread>

#include "base/guarded.hpp"
#include "http/raw_server.test.hpp"
#include "http/server.hpp"

namespace bb::http {
namespace {

using namespace std::chrono_literals;

const VirtualClock test_clock{TimePoint(1'793'388'800s)};

struct Fixture {
  explicit Fixture(Server::Handler handler, ServerLimits limits = {}) {
    auto started =
        Server::start("127.0.0.1", 0, limits, {.handle = std::move(handler)}, test_clock, random);
    REQUIRE(started.has_value());
    server = std::move(*started);
  }
  [[nodiscard]] std::string url(const std::string& path) const {
    return "http://127.0.0.1:" + std::to_string(server->port()) + path;
  }

  SeededRandom random{1};
  std::unique_ptr<Server> server;
  std::unique_ptr<Client> client = make_curl_client({.user_agent = "busy-beaver-test/1"});
};

// 10,000 times "x".
constexpr std::array<unsigned char, 45> gzip_octets = {
    0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0xed, 0xc1, 0x01, 0x0d, 0x00,
    0x00, 0x00, 0xc2, 0xa0, 0xda, 0x8f, 0x6f, 0x0e, 0x37, 0xa0, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0xe0, 0xdf, 0x00, 0xa3, 0xa4, 0x55, 0x0d, 0x10, 0x27, 0x00, 0x00};

TEST_CASE("a request arrives as it was given") {
  Request seen;
  const Fixture fixture([&](const Request& request) {
    seen = request;
    return json_response(202, R"({"ok":true})");
  });
  const auto response = fixture.client->send({.method = "PATCH",
                                              .url = fixture.url("/a%20b?c=d"),
                                              .headers = {{"X-One", "1"}, {"X-Empty", ""}},
                                              .body = std::string("\0body", 5)});
  REQUIRE(response.has_value());
  CHECK(response->status == 202);
  CHECK(response->body == R"({"ok":true})");
  CHECK(response->headers.find("content-type") == "application/json");
  CHECK(seen.method == "PATCH");
  CHECK(seen.path == "/a b");
  CHECK(seen.query.find("c") == "d");
  CHECK(seen.body == std::string("\0body", 5));
  CHECK(seen.headers.find("X-One") == "1");
  CHECK(seen.headers.find("X-Empty") == "");
  CHECK(seen.headers.find("User-Agent") == "busy-beaver-test/1");
  CHECK(seen.headers.find("Accept-Encoding") == "gzip");
  CHECK_FALSE(seen.headers.find("Content-Type").has_value());
}

TEST_CASE("every method is sent with and without a body") {
  const Fixture fixture([](const Request& request) {
    return Response{.status = 200,
                    .headers = {{"X-Method", request.method}, {"X-Body", request.body}},
                    .body = request.method == "HEAD" ? "" : request.method};
  });
  for (const std::string method : {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"}) {
    for (const std::string body : {"", "text"}) {
      CAPTURE(method);
      CAPTURE(body);
      const auto response =
          fixture.client->send({.method = method, .url = fixture.url("/"), .body = body});
      REQUIRE(response.has_value());
      CHECK(response->headers.find("X-Method") == method);
      CHECK(response->headers.find("X-Body") == (method == "HEAD" ? "" : body));
    }
  }
}

TEST_CASE("any status is a value and a redirect is not followed") {
  const Fixture fixture([](const Request& request) {
    Response response = error_response(request.path == "/moved" ? 302 : 500, "no");
    response.headers.set("Location", "/elsewhere");
    return response;
  });
  CHECK(fixture.client->send({.url = fixture.url("/moved")})->status == 302);
  CHECK(fixture.client->send({.url = fixture.url("/broken")})->status == 500);
}

TEST_CASE("a closed port is unavailable and the message shows no secret") {
  std::string url;
  {
    const Fixture fixture([](const Request&) { return Response{}; });
    url = "http://user:pass@127.0.0.1:" + std::to_string(fixture.server->port()) +
          "/path?token=xoxb-1#fragment";
  }
  const auto response = make_curl_client({.user_agent = "test"})
                            ->send({.method = "POST",
                                    .url = url,
                                    .headers = {{"Authorization", "xoxb-2"}},
                                    .body = "xoxb-3"});
  REQUIRE_FALSE(response.has_value());
  CHECK((response.error().code == ErrorCode::unavailable));
  const std::string& message = response.error().message;
  CHECK(message.starts_with("POST 127.0.0.1:"));
  CHECK(message.find("/path: ") != std::string::npos);
  for (const char* const secret : {"xoxb", "user", "pass", "token", "fragment"}) {
    CHECK(message.find(secret) == std::string::npos);
  }
}

TEST_CASE("an address that is none or not of the web is invalid input") {
  const auto client = make_curl_client({.user_agent = "test"});
  for (const char* const url : {"", "file:///etc/passwd", "ftp://127.0.0.1/", "/path", "http://"}) {
    CAPTURE(url);
    const auto response = client->send({.url = url});
    REQUIRE_FALSE(response.has_value());
    CHECK((response.error().code == ErrorCode::invalid_input));
  }
}

TEST_CASE("a time-out after the request was sent is uncertain") {
  std::promise<void> release;
  const std::shared_future<void> released = release.get_future().share();
  const Fixture fixture([&](const Request&) {
    released.wait();
    return Response{};
  });
  const auto response = fixture.client->send(
      {.method = "POST", .url = fixture.url("/slow"), .body = "x", .total_time = 50ms});
  release.set_value();
  REQUIRE_FALSE(response.has_value());
  CHECK((response.error().code == ErrorCode::uncertain));
}

TEST_CASE("a client that is stopped breaks off what is under way and refuses the rest") {
  std::promise<void> arrived;
  std::promise<void> release;
  const std::shared_future<void> released = release.get_future().share();
  const Fixture fixture([&](const Request&) {
    arrived.set_value();
    released.wait();
    return Response{};
  });
  const std::jthread stopper([&] {
    arrived.get_future().wait();
    fixture.client->stop();
  });
  const std::vector<ClientRequest> requests(
      3, ClientRequest{.method = "POST", .url = fixture.url("/slow"), .body = "x"});
  std::vector<ErrorCode> codes;
  fixture.client->send_all(all_of(requests), 1, [&](std::size_t, const Result<Response>& response) {
    REQUIRE_FALSE(response.has_value());
    codes.push_back(response.error().code);
  });
  release.set_value();
  REQUIRE(codes.size() == 3);
  CHECK((codes[0] == ErrorCode::uncertain));
  CHECK((codes[1] == ErrorCode::unavailable));
  CHECK((codes[2] == ErrorCode::unavailable));
}

TEST_CASE("a request that found nobody spoils none of those after it") {
  const Fixture fixture([](const Request&) { return Response{}; });
  for (int i = 0; i < 3; ++i) {
    // A name that cannot be: no server is asked for it.
    const auto nobody = fixture.client->send({.url = "http://name..invalid/"});
    REQUIRE_FALSE(nobody.has_value());
    CHECK((nobody.error().code == ErrorCode::unavailable));
    CHECK(fixture.client->send({.url = fixture.url("/")}).has_value());
  }
}

TEST_CASE("a client that was stopped and addresses that cannot be asked are answered at once") {
  const Fixture fixture([](const Request&) { return Response{}; });
  const std::vector<ClientRequest> requests(50, ClientRequest{.url = "nowhere"});
  std::size_t refused = 0;
  fixture.client->send_all(all_of(requests), 10,
                           [&](std::size_t, const Result<Response>& response) {
                             refused += response.has_value() ? 0U : 1U;
                           });
  CHECK(refused == 50);
  fixture.client->stop();
  const auto late = fixture.client->send({.url = fixture.url("/")});
  REQUIRE_FALSE(late.has_value());
  CHECK((late.error().code == ErrorCode::unavailable));
}

TEST_CASE("an answer larger than asked for is a bad response") {
  const Fixture fixture(
      [](const Request&) { return Response{.status = 200, .headers = {}, .body = "0123456789"}; });
  CHECK(fixture.client->send({.url = fixture.url("/"), .body_bytes = 10}).has_value());
  const auto response = fixture.client->send({.url = fixture.url("/"), .body_bytes = 9});
  REQUIRE_FALSE(response.has_value());
  CHECK((response.error().code == ErrorCode::bad_response));
  CHECK(response.error().message.find("larger than 9 octets") != std::string::npos);
}

TEST_CASE("gzip is decoded and bounded by its decoded size") {
  const Fixture fixture([](const Request&) {
    return Response{.status = 200,
                    .headers = {{"Content-Encoding", "gzip"}},
                    .body = std::string(gzip_octets.begin(), gzip_octets.end())};
  });
  const auto response = fixture.client->send({.url = fixture.url("/")});
  REQUIRE(response.has_value());
  CHECK(response->body == std::string(10'000, 'x'));
  CHECK_FALSE(response->headers.find("Content-Encoding").has_value());
  CHECK_FALSE(response->headers.find("Content-Length").has_value());
  const auto bomb = fixture.client->send({.url = fixture.url("/"), .body_bytes = 9'999});
  REQUIRE_FALSE(bomb.has_value());
  CHECK((bomb.error().code == ErrorCode::bad_response));
}

TEST_CASE("what is not HTTP or not gzip is a bad response") {
  for (const char* const answer :
       {"SSH-2.0-OpenSSH_9.2\r\n",
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd"}) {
    CAPTURE(answer);
    const RawServer server({{answer}});
    const auto response = make_curl_client({.user_agent = "test"})->send({.url = server.url("/")});
    REQUIRE_FALSE(response.has_value());
    CHECK((response.error().code == ErrorCode::bad_response));
  }
}

TEST_CASE("an endless header is a bad response") {
  std::string answer = "HTTP/1.1 200 OK\r\n";
  for (int i = 0; i < 300; ++i) {
    answer += "X: " + std::string(1000, 'x') + "\r\n";
  }
  const RawServer server({{answer}});
  const auto response = make_curl_client({.user_agent = "test"})->send({.url = server.url("/")});
  REQUIRE_FALSE(response.has_value());
  CHECK((response.error().code == ErrorCode::bad_response));
}

TEST_CASE("an answer that breaks off is uncertain") {
  for (const char* const answer : {"", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"}) {
    CAPTURE(answer);
    const RawServer server({{answer}});
    const auto response = make_curl_client({.user_agent = "test"})
                              ->send({.method = "POST", .url = server.url("/"), .body = "x"});
    REQUIRE_FALSE(response.has_value());
    CHECK((response.error().code == ErrorCode::uncertain));
  }
}

const std::string kept_answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

TEST_CASE("a GET whose kept connection breaks off is asked once more") {
  for (const std::string broken : {"", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"}) {
    CAPTURE(broken);
    const RawServer server({{kept_answer, broken}, {kept_answer}});
    const auto client = make_curl_client({.user_agent = "test"});
    CHECK(client->send({.url = server.url("/1")}).has_value());
    const auto second = client->send({.url = server.url("/2")});
    REQUIRE(second.has_value());
    CHECK(second->body == "ok");
    CHECK(server.requests() == 3);
  }
}

TEST_CASE("a POST whose kept connection breaks off is not sent again") {
  for (const std::string body : {"", "text"}) {
    CAPTURE(body);
    // Without a body the POST comes over a connection of its own.
    using Connections = std::vector<RawServer::Answers>;
    const RawServer server(body.empty() ? Connections{{kept_answer}, {""}, {kept_answer}}
                                        : Connections{{kept_answer, ""}, {kept_answer}});
    const auto client = make_curl_client({.user_agent = "test"});
    CHECK(client->send({.url = server.url("/1")}).has_value());
    const auto second = client->send({.method = "POST", .url = server.url("/2"), .body = body});
    REQUIRE_FALSE(second.has_value());
    CHECK((second.error().code == ErrorCode::uncertain));
    CHECK(server.requests() == 2);
  }
}

TEST_CASE("many requests are all answered and never more at a time than asked for") {
  std::atomic<int> running = 0;
  std::atomic<int> most = 0;
  const Fixture fixture(
      [&](const Request& request) {
        const int now = ++running;
        int seen = most;
        while (seen < now && !most.compare_exchange_weak(seen, now)) {
        }
        std::this_thread::yield();
        --running;
        return Response{.status = 200, .headers = {}, .body = request.path};
      },
      {.workers = 8});
  std::vector<ClientRequest> requests(300);
  for (std::size_t i = 0; i < requests.size(); ++i) {
    requests[i].url = fixture.url("/" + std::to_string(i));
  }
  requests[7].url = "nonsense";
  std::multiset<std::size_t> answered;
  const auto caller = std::this_thread::get_id();
  fixture.client->send_all(all_of(requests), 5, [&](std::size_t index, Result<Response> response) {
    CHECK((std::this_thread::get_id() == caller));
    answered.insert(index);
    CHECK(response.has_value() == (index != 7));
    if (response) {
      CHECK(response->body == "/" + std::to_string(index));
    }
  });
  CHECK(answered.size() == 300);
  CHECK(std::set(answered.begin(), answered.end()).size() == 300);
  CHECK(most <= 5);
  CHECK(most >= 1);
}

TEST_CASE("connections are used again by later calls") {
  const RawServer server({{kept_answer, kept_answer, kept_answer}});
  const auto client = make_curl_client({.user_agent = "test"});
  for (int i = 0; i < 3; ++i) {
    CHECK(client->send({.url = server.url("/")}).has_value());
  }
  CHECK(server.requests() == 3);
}

TEST_CASE("a client is shared by threads") {
  const Fixture fixture([](const Request& request) {
    return Response{.status = 200, .headers = {}, .body = request.path};
  });
  std::atomic<int> good = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, path = "/" + std::to_string(i)] {
      for (int j = 0; j < 20; ++j) {
        const auto response = fixture.client->send({.url = fixture.url(path)});
        good += response && response->body == path ? 1 : 0;
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  CHECK(good == 80);
}

TEST_CASE("an exception of the callback reaches the caller and the client lives on") {
  const Fixture fixture([](const Request&) { return Response{}; });
  const std::vector<ClientRequest> requests(10, ClientRequest{.url = fixture.url("/")});
  CHECK_THROWS_AS(fixture.client->send_all(
                      all_of(requests), 3,
                      [](std::size_t, Result<Response>) { throw std::runtime_error("enough"); }),
                  std::runtime_error);
  CHECK(fixture.client->send(requests[0]).has_value());
}

TEST_CASE("no requests are no work") {
  make_curl_client({.user_agent = "test"})
      ->send_all(all_of({}), 0, [](std::size_t, Result<Response>) { CHECK(false); });
}

}  // namespace
}  // namespace bb::http

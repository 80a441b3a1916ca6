#include "http/server.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <deque>
#include <future>
#include <latch>
#include <memory>
#include <semaphore>
#include <stdexcept>
#include <thread>
#include <vector>

#include "base/guarded.hpp"
#include "base/log.hpp"
#include "http/raw_client.test.hpp"

namespace bb::http {
namespace {

using namespace std::chrono_literals;

const VirtualClock test_clock{TimePoint(1'793'388'800s)};  // Fri, 30 Oct 2026 16:53:20 GMT

Response echo(const Request& request) {
  return {.status = 200,
          .headers = {{"Content-Type", "text/plain"}},
          .body = request.method + " " + request.path + " " + request.body};
}

struct Fixture {
  explicit Fixture(ServerLimits limits = {}, Server::Handler handler = echo,
                   Server::Deferral defer = nullptr) {
    auto started = Server::start("127.0.0.1", 0, limits,
                                 {.handle = std::move(handler), .defer = std::move(defer)},
                                 test_clock, random);
    REQUIRE(started.has_value());
    server = std::move(*started);
  }
  [[nodiscard]] RawClient connect() const { return RawClient(server->port()); }

  // The whole answer to `request` on a connection of its own.
  [[nodiscard]] std::string ask(std::string_view request) const {
    const RawClient client = connect();
    CHECK(client.send(request));
    return client.read_all();
  }

  SeededRandom random{1};
  std::unique_ptr<Server> server;
};

std::string get(std::string_view path, std::string_view headers = "") {
  return "GET " + std::string(path) + " HTTP/1.1\r\nHost: test\r\n" + std::string(headers) + "\r\n";
}
std::string last_get(std::string_view path) {
  return get(path, "Connection: close\r\n");
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

std::size_t count(std::string_view text, std::string_view part) {
  std::size_t result = 0;
  for (std::size_t at = text.find(part); at != text.npos; at = text.find(part, at + 1)) {
    ++result;
  }
  return result;
}

TEST_CASE("an answer carries the date and a request id and does not name the software") {
  const Fixture fixture;
  const std::string answer = fixture.ask(last_get("/hello"));
  CHECK(answer.starts_with("HTTP/1.1 200 OK\r\n"));
  CHECK(has(answer, "\r\nDate: Fri, 30 Oct 2026 "));
  CHECK(has(answer, "\r\nX-Request-Id: 01"));
  CHECK(has(answer, "\r\nContent-Length: 11\r\n"));
  CHECK(has(answer, "\r\nConnection: close\r\n"));
  CHECK_FALSE(has(answer, "Server:"));
  CHECK(answer.ends_with("\r\n\r\nGET /hello "));
}

TEST_CASE("a connection serves one request after another") {
  const Fixture fixture;
  const RawClient client = fixture.connect();
  for (int i = 0; i < 3; ++i) {
    client.send(get("/again"));
    CHECK(client.read_until("GET /again ").starts_with("HTTP/1.1 200 OK"));
  }
}

TEST_CASE("requests sent at once are answered in their order") {
  const Fixture fixture({.workers = 4});
  std::string requests;
  std::string expected;
  for (int i = 0; i < 200; ++i) {
    requests += get("/" + std::to_string(i));
  }
  const std::string answers = fixture.ask(requests + last_get("/last"));
  CHECK(count(answers, "HTTP/1.1 200 OK") == 201);
  std::size_t at = 0;
  for (int i = 0; i < 200; ++i) {
    at = answers.find("GET /" + std::to_string(i) + " ", at);
    REQUIRE(at != std::string::npos);
  }
  CHECK(answers.ends_with("GET /last "));
}

TEST_CASE("a request in single octets is understood") {
  const Fixture fixture;
  const RawClient client = fixture.connect();
  for (const char octet : std::string("POST /a?b=c HTTP/1.1\r\nHost: t\r\nContent-Length: 3\r\n"
                                      "Connection: close\r\n\r\nxyz")) {
    client.send({&octet, 1});
  }
  CHECK(client.read_all().ends_with("POST /a xyz"));
}

TEST_CASE("a chunked body is put together") {
  const Fixture fixture;
  CHECK(fixture
            .ask("POST /a HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n"
                 "Connection: close\r\n\r\n3\r\nabc\r\n4;x=y\r\ndefg\r\n0\r\n\r\n")
            .ends_with("POST /a abcdefg"));
}

TEST_CASE("HEAD gets the length and no body") {
  const Fixture fixture;
  const std::string answer =
      fixture.ask("HEAD /x HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n");
  CHECK(has(answer, "Content-Length: 8\r\n"));
  CHECK(answer.ends_with("\r\n\r\n"));
}

TEST_CASE("a client of HTTP 1.0 gets its connection closed unless it asks to keep it") {
  const Fixture fixture;
  CHECK(has(fixture.ask("GET /x HTTP/1.0\r\n\r\n"), "Connection: close"));
  const RawClient client = fixture.connect();
  client.send("GET /x HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  CHECK(has(client.read_until("GET /x "), "Connection: keep-alive"));
}

TEST_CASE("a client that waits before its body is told to go on") {
  const Fixture fixture;
  const RawClient client = fixture.connect();
  client.send(
      "POST /a HTTP/1.1\r\nHost: t\r\nContent-Length: 2\r\nExpect: 100-continue\r\n"
      "Connection: close\r\n\r\n");
  CHECK(client.read_until("\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("ok");
  CHECK(client.read_all().ends_with("POST /a ok"));
}

TEST_CASE("a client that announces too large a body is refused instead of told to go on") {
  const Fixture fixture({.body_bytes = 10});
  const std::string answer = fixture.ask(
      "POST /a HTTP/1.1\r\nHost: t\r\nContent-Length: 11\r\nExpect: 100-continue\r\n\r\n");
  CHECK(answer.starts_with("HTTP/1.1 413 "));
}

TEST_CASE("what is not a well-formed request is refused with the reason as JSON") {
  struct Row {
    std::string request;
    int status;
  };
  const Row rows[] = {
      {"nonsense\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400},
      {"GET / HTTP/3.0\r\nHost: a\r\n\r\n", 505},
      {"GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"GET /a%00b HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"GET /?a=%f HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"GET example HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", 400},
      {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", 400},
      {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999999\r\n\r\n", 400},
      {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n"
       "0\r\n\r\n",
       400},
      {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", 501},
      {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400},
      {"GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400},
      {"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 TLS client hello", 400},
  };
  const Fixture fixture;
  for (const Row& row : rows) {
    CAPTURE(row.request);
    const std::string answer = fixture.ask(row.request);
    CHECK(answer.starts_with("HTTP/1.1 " + std::to_string(row.status) + " "));
    CHECK(has(answer, "Content-Type: application/json"));
    CHECK(has(answer, R"({"data":{},"error":{"message":")"));
    CHECK(has(answer, "X-Request-Id: "));
  }
}

TEST_CASE("a target in absolute form names its path") {
  const Fixture fixture;
  CHECK(fixture.ask("GET http://test/a/b?c HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n")
            .ends_with("GET /a/b "));
}

TEST_CASE("too large a header is refused") {
  const Fixture fixture({.header_bytes = 1000});
  CHECK(
      fixture.ask(get("/", "X: " + std::string(2000, 'x') + "\r\n")).starts_with("HTTP/1.1 431 "));
  CHECK(fixture.ask(get("/" + std::string(2000, 'x'))).starts_with("HTTP/1.1 431 "));
}

TEST_CASE("a body of ten megabytes is refused and the client reads why") {
  const Fixture fixture;
  const RawClient client = fixture.connect();
  client.send("POST /a HTTP/1.1\r\nHost: t\r\nContent-Length: 10485760\r\n\r\n");
  client.send(std::string(10 * 1024 * 1024, 'x'));
  CHECK(client.read_all().starts_with("HTTP/1.1 413 "));
}

TEST_CASE("a chunked body over the limit is refused") {
  const Fixture fixture({.body_bytes = 10});
  CHECK(fixture
            .ask("POST /a HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n"
                 "8\r\nabcdefgh\r\n8\r\nabcdefgh\r\n0\r\n\r\n")
            .starts_with("HTTP/1.1 413 "));
}

TEST_CASE("a chunk line without end does not grow without end") {
  const Fixture fixture({.header_bytes = 1000});
  const std::string answer =
      fixture.ask("POST /a HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n1;" +
                  std::string(100'000, 'x'));
  CHECK(answer.starts_with("HTTP/1.1 4"));
}

TEST_CASE("a request that does not arrive in time is answered 408") {
  const Fixture fixture({.read_time = 50ms});
  CHECK(fixture.ask("GET / HT").starts_with("HTTP/1.1 408 "));
  CHECK(fixture.ask("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 5\r\n\r\nabc")
            .starts_with("HTTP/1.1 408 "));
}

TEST_CASE("a connection without a request is closed in silence") {
  const Fixture fixture({.idle_time = 50ms});
  CHECK(fixture.ask("") == "");
  const RawClient client = fixture.connect();
  client.send(get("/x"));
  CHECK(client.read_all().ends_with("GET /x "));
}

TEST_CASE("a client that does not read its answer is let go") {
  const Fixture fixture({.write_time = 50ms}, [](const Request&) {
    return Response{.status = 200, .headers = {}, .body = std::string(64 * 1024 * 1024, 'x')};
  });
  const RawClient client = fixture.connect();
  client.send(get("/x"));
  fixture.server->stop();  // would not return while the connection lives
  CHECK(client.read_all().size() < 64 * 1024 * 1024);
}

TEST_CASE("a client that goes away in the middle of its request is forgotten") {
  const Fixture fixture;
  fixture.connect().send("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 5\r\n\r\nabc");
  CHECK(fixture.ask(last_get("/x")).ends_with("GET /x "));
}

TEST_CASE("a client may close its sending side after the request") {
  const Fixture fixture;
  const RawClient client = fixture.connect();
  client.send(get("/x"));
  client.end_sending();
  CHECK(client.read_all().ends_with("GET /x "));
}

TEST_CASE("a connection over the limit is answered 503 and the others go on") {
  const Fixture fixture({.connections = 2});
  const RawClient first = fixture.connect();
  const RawClient second = fixture.connect();
  first.send(get("/1"));
  second.send(get("/2"));
  first.read_until("GET /1 ");
  second.read_until("GET /2 ");
  const std::string answer = fixture.ask("");
  CHECK(answer.starts_with("HTTP/1.1 503 "));
  CHECK(has(answer, "Retry-After: 1"));
  first.send(get("/3"));
  CHECK(has(first.read_until("GET /3 "), "200 OK"));
}

TEST_CASE("a full queue answers 503 with Retry-After and keeps the connection") {
  std::promise<void> release;
  const std::shared_future<void> released = release.get_future().share();
  std::latch busy(1);
  const Fixture fixture({.queued_requests = 1, .workers = 1}, [&](const Request& request) {
    if (request.path == "/slow") {
      busy.count_down();
      released.wait();
    }
    return echo(request);
  });
  const RawClient slow = fixture.connect();
  slow.send(get("/slow"));
  busy.wait();
  // One of these waits in the queue, the others are turned away; which one is not said.
  std::vector<RawClient> clients;
  for (int i = 0; i < 3; ++i) {
    clients.push_back(fixture.connect());
    clients.back().send(get("/waits"));
  }
  const std::vector<bool> refused = RawClient::wait_for_answers(clients, 2);
  release.set_value();
  for (std::size_t i = 0; i < clients.size(); ++i) {
    if (refused[i]) {
      const std::string answer = clients[i].read_until("}}");
      CHECK(answer.starts_with("HTTP/1.1 503 "));
      CHECK(has(answer, "Retry-After: 1\r\n"));
      CHECK_FALSE(has(answer, "Connection: close"));
    } else {
      CHECK(clients[i].read_until("GET /waits ").starts_with("HTTP/1.1 200 "));
    }
  }
  CHECK(fixture.server->figures().refused_requests == 2);
  for (const RawClient& client : clients) {
    client.send(last_get("/again"));
    CHECK(client.read_all().ends_with("GET /again "));
  }
}

TEST_CASE("a handler that throws answers 500 and tells nobody outside why") {
  const log::Writer silent({.level = log::Level::off});
  const Fixture fixture({}, [](const Request& request) -> Response {
    if (request.path == "/status") {
      return {.status = 100, .headers = {}, .body = ""};
    }
    throw std::runtime_error("the secret cause");
  });
  const std::string answer = fixture.ask(last_get("/x"));
  CHECK(answer.starts_with("HTTP/1.1 500 "));
  CHECK_FALSE(has(answer, "the secret cause"));
  CHECK(fixture.ask(last_get("/status")).starts_with("HTTP/1.1 500 "));
}

TEST_CASE("the handler sees the request id that the answer carries") {
  std::string seen;
  std::string current;
  const Fixture fixture({}, [&](const Request& request) {
    seen = request.request_id;
    current = log::current_request_id();
    return echo(request);
  });
  const std::string answer = fixture.ask(last_get("/x"));
  CHECK(seen.size() == 26);
  CHECK(current == seen);
  CHECK(has(answer, "X-Request-Id: " + seen + "\r\n"));
}

TEST_CASE("stopping answers the request that is being handled and closes idle connections") {
  std::promise<void> release;
  const std::shared_future<void> released = release.get_future().share();
  std::latch busy(1);
  const Fixture fixture({.workers = 1}, [&](const Request& request) {
    if (request.path == "/slow") {
      busy.count_down();
      released.wait();
    }
    return echo(request);
  });
  const RawClient idle = fixture.connect();
  const RawClient used = fixture.connect();
  used.send(get("/x"));
  used.read_until("GET /x ");
  const RawClient slow = fixture.connect();
  slow.send(get("/slow"));
  busy.wait();
  std::thread stopper([&] { fixture.server->stop(); });
  CHECK(idle.read_all() == "");
  CHECK(used.read_all() == "");
  CHECK_THROWS_AS(static_cast<void>(fixture.connect()), std::runtime_error);
  release.set_value();
  const std::string answer = slow.read_all();
  CHECK(answer.ends_with("GET /slow "));
  CHECK(has(answer, "Connection: close"));
  stopper.join();
  fixture.server->stop();
}

TEST_CASE("stopping answers the requests that wait in the queue") {
  std::promise<void> release;
  const std::shared_future<void> released = release.get_future().share();
  std::latch busy(1);
  const Fixture fixture({.queued_requests = 100, .workers = 1}, [&](const Request& request) {
    if (request.path == "/slow") {
      busy.count_down();
      released.wait();
    }
    return echo(request);
  });
  const RawClient slow = fixture.connect();
  slow.send(get("/slow"));
  busy.wait();
  std::vector<RawClient> waiting;
  for (int i = 0; i < 20; ++i) {
    waiting.push_back(fixture.connect());
    waiting.back().send(get("/waiting"));
  }
  // A connection accepted after the twenty, and answered, proves that they were accepted.
  CHECK(fixture.ask("nonsense\r\n\r\n").starts_with("HTTP/1.1 400 "));
  std::thread stopper([&] { fixture.server->stop(); });
  release.set_value();
  for (const RawClient& client : waiting) {
    CHECK(client.read_all().ends_with("GET /waiting "));
  }
  stopper.join();
}

// Takes requests for /later/..., to be answered by the test.
struct Later {
  bool operator()(Request& request, Responder& responder) {
    if (!request.path.starts_with("/later")) {
      return false;
    }
    taken->with([&](auto& waiting) { waiting.emplace_back(std::move(responder)); });
    arrived->release();
    return true;
  }
  // Answers the request that came first.
  void answer(const std::string& body) const {
    taken->with([&](auto& waiting) {
      waiting.front()({.status = 200, .headers = {}, .body = body});
      waiting.pop_front();
    });
  }

  std::shared_ptr<Guarded<std::deque<Responder>>> taken =
      std::make_shared<Guarded<std::deque<Responder>>>();
  std::shared_ptr<std::counting_semaphore<>> arrived =
      std::make_shared<std::counting_semaphore<>>(0);
};

TEST_CASE("a request that is answered later holds up nobody") {
  const Later later;
  const Fixture fixture({.workers = 1}, echo, later);
  const RawClient client = fixture.connect();
  client.send(get("/later"));
  later.arrived->acquire();
  CHECK(fixture.ask(last_get("/now")).ends_with("GET /now "));
  later.answer("at last");
  CHECK(client.read_until("at last").starts_with("HTTP/1.1 200 "));
  client.send(get("/again"));
  CHECK(client.read_until("GET /again ").starts_with("HTTP/1.1 200 "));
}

TEST_CASE("an answer that does not come in time is 503 and is not given to the next request") {
  const Later later;
  const Fixture fixture({.answer_time = 50ms}, echo, later);
  const RawClient client = fixture.connect();
  client.send(get("/later/1"));
  const std::string answer = client.read_until("}}");
  CHECK(answer.starts_with("HTTP/1.1 503 "));
  CHECK(has(answer, "Retry-After: 1\r\n"));
  CHECK(fixture.server->figures().late_answers == 1);
  later.answer("too late");
  client.send(last_get("/next"));
  CHECK(client.read_all().ends_with("GET /next "));
}

TEST_CASE("a request whose responder is dropped or whose deferral throws is answered 500") {
  const log::Writer silent({.level = log::Level::off});
  const Fixture fixture({}, echo, [](Request& request, Responder& responder) {
    if (request.path == "/throws") {
      throw std::runtime_error("the secret cause");
    }
    const Responder dropped = std::move(responder);
    return true;
  });
  for (const char* path : {"/throws", "/drops"}) {
    CAPTURE(path);
    const std::string answer = fixture.ask(last_get(path));
    CHECK(answer.starts_with("HTTP/1.1 500 "));
    CHECK_FALSE(has(answer, "the secret cause"));
  }
}

TEST_CASE("stopping waits for the requests that are answered later") {
  const Later later;
  const Fixture fixture({}, echo, later);
  const RawClient client = fixture.connect();
  client.send(get("/later"));
  later.arrived->acquire();
  std::thread stopper([&] { fixture.server->stop(); });
  later.answer("at last");
  CHECK(client.read_all().ends_with("at last"));
  stopper.join();
}

TEST_CASE("a client that went away before its answer is forgotten") {
  const Later later;
  const Fixture fixture({}, echo, later);
  {
    const RawClient client = fixture.connect();
    client.send(get("/later"));
    later.arrived->acquire();
  }
  later.answer("nobody hears this");
  CHECK(fixture.ask(last_get("/x")).ends_with("GET /x "));
  fixture.server->stop();
}

TEST_CASE("two hundred connections at once are all answered") {
  const Fixture fixture({.workers = 2});
  std::vector<RawClient> clients;
  for (int i = 0; i < 200; ++i) {
    clients.push_back(fixture.connect());
  }
  for (const RawClient& client : clients) {
    client.send(last_get("/x"));
  }
  for (const RawClient& client : clients) {
    CHECK(client.read_all().ends_with("GET /x "));
  }
}

TEST_CASE("a taken port and an address that is none are errors that say so") {
  const Fixture fixture;
  SeededRandom random{1};
  const auto taken =
      Server::start("127.0.0.1", fixture.server->port(), {}, {.handle = echo}, test_clock, random);
  REQUIRE_FALSE(taken.has_value());
  CHECK((taken.error().code == ErrorCode::unavailable));
  CHECK(has(taken.error().message, "Address already in use"));
  const auto nowhere = Server::start("localhost", 0, {}, {.handle = echo}, test_clock, random);
  REQUIRE_FALSE(nowhere.has_value());
  CHECK((nowhere.error().code == ErrorCode::invalid_input));
}

}  // namespace
}  // namespace bb::http

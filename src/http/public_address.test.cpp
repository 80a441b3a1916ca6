#include "http/public_address.hpp"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/un.h>

#include "http/client.hpp"
#include "http/server.hpp"

namespace bb::http {
namespace {

using namespace std::chrono_literals;

// An address in its usual notation, as the system's functions take it.
class Address {
 public:
  explicit Address(const char* text) {
    auto& v4 = reinterpret_cast<sockaddr_in&>(storage_);
    auto& v6 = reinterpret_cast<sockaddr_in6&>(storage_);
    if (inet_pton(AF_INET, text, &v4.sin_addr) == 1) {
      storage_.ss_family = AF_INET;
    } else {
      REQUIRE(inet_pton(AF_INET6, text, &v6.sin6_addr) == 1);
      storage_.ss_family = AF_INET6;
    }
  }
  [[nodiscard]] const sockaddr& value() const {
    return reinterpret_cast<const sockaddr&>(storage_);
  }

 private:
  sockaddr_storage storage_{};
};

const VirtualClock test_clock{TimePoint(1'793'388'800s)};

struct Local {
  explicit Local(Server::Handler handler) {
    auto started =
        Server::start("127.0.0.1", 0, {}, {.handle = std::move(handler)}, test_clock, random);
    REQUIRE(started.has_value());
    server = std::move(*started);
  }
  [[nodiscard]] std::string url(const std::string& host) const {
    return "http://" + host + ":" + std::to_string(server->port()) + "/feed?token=secret";
  }

  int requests = 0;
  SeededRandom random{1};
  std::unique_ptr<Server> server;
};

std::unique_ptr<Client> public_client(std::vector<std::string> allowed_hosts = {}) {
  return make_curl_client({.user_agent = "busy-beaver-test/1",
                           .public_only = PublicOnly{.allowed_hosts = std::move(allowed_hosts)}});
}

}  // namespace

TEST_CASE("addresses of the public Internet are told from all others") {
  for (const char* text :
       {"1.1.1.1", "8.8.8.8", "100.63.255.255", "100.128.0.0", "172.15.0.1", "172.32.0.1",
        "192.167.1.1", "223.255.255.254", "2606:4700::1111", "2a00:1450:4001::1", "::ffff:8.8.8.8",
        "64:ff9b::808:808", "2002:808:808::1"}) {
    CAPTURE(text);
    CHECK(is_public(Address(text).value()));
  }
  for (const char* text : {"0.0.0.0",
                           "10.1.2.3",
                           "100.64.0.1",
                           "100.127.255.255",
                           "127.0.0.1",
                           "127.255.0.1",
                           "169.254.169.254",
                           "172.16.0.1",
                           "172.31.255.255",
                           "192.0.0.192",
                           "192.0.2.1",
                           "192.168.0.1",
                           "198.18.0.1",
                           "198.51.100.1",
                           "203.0.113.1",
                           "224.0.0.1",
                           "240.0.0.1",
                           "255.255.255.255",
                           "::",
                           "::1",
                           "fc00::1",
                           "fd00:ec2::254",
                           "fe80::1",
                           "fec0::1",
                           "ff02::1",
                           "2001::1",
                           "2001:db8::1",
                           "3fff::1",
                           "::ffff:127.0.0.1",
                           "::ffff:10.0.0.1",
                           "::127.0.0.1",
                           "64:ff9b::7f00:1",
                           "64:ff9b::a9fe:a9fe",
                           "64:ff9b:1::1",
                           "2002:7f00:1::1",
                           "100::1"}) {
    CAPTURE(text);
    CHECK_FALSE(is_public(Address(text).value()));
    CHECK(to_string(Address(text).value()) == text);
  }
}

TEST_CASE("an address that is not of the Internet protocol is not public") {
  sockaddr_un unix_socket{};
  unix_socket.sun_family = AF_UNIX;
  const auto& address = reinterpret_cast<const sockaddr&>(unix_socket);
  CHECK_FALSE(is_public(address));
  CHECK(to_string(address) == "no IP address");
}

TEST_CASE("a client for the public Internet connects to nothing else, whatever the spelling") {
  Local local([&](const Request&) {
    ++local.requests;
    return Response{};
  });
  const auto client = public_client({"intranet.example"});
  for (const char* host : {"127.0.0.1", "localhost", "2130706433", "0x7f.1", "0177.0.0.1", "0",
                           "[::ffff:127.0.0.1]"}) {
    CAPTURE(host);
    const auto response = client->send({.url = local.url(host)});
    REQUIRE_FALSE(response.has_value());
    CHECK(response.error().code == ErrorCode::forbidden);
    CHECK(response.error().message.find("is not an address of the public Internet") !=
          std::string::npos);
    CHECK(response.error().message.find("secret") == std::string::npos);
  }
  CHECK(local.requests == 0);
}

TEST_CASE("a host that the settings name may be anywhere") {
  Local local([&](const Request&) { return Response{.status = 204, .headers = {}, .body = {}}; });
  const auto client = public_client({"LocalHost"});
  const auto response = client->send({.url = local.url("localhost")});
  REQUIRE(response.has_value());
  CHECK(response->status == 204);
  CHECK_FALSE(client->send({.url = local.url("127.0.0.1")}).has_value());
}

TEST_CASE("cookies of an answer are not sent back") {
  std::vector<Headers> seen;
  Local local([&](const Request& request) {
    seen.push_back(request.headers);
    Response response;
    response.headers.set("Set-Cookie", "session=1; Path=/");
    return response;
  });
  const auto client = public_client({"localhost"});
  for (int i = 0; i < 2; ++i) {
    CHECK(client->send({.url = local.url("localhost")}).has_value());
  }
  REQUIRE(seen.size() == 2);
  CHECK_FALSE(seen[1].find("Cookie").has_value());
  CHECK(seen[1].find("User-Agent") == "busy-beaver-test/1");
}

}  // namespace bb::http

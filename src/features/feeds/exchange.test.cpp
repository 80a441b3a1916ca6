#include "features/feeds/exchange.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

namespace bb::feeds {
namespace {

// Answers with the path that was asked for.
class Echo final : public http::Client {
 public:
  Result<http::Response> send(const http::ClientRequest& request) override {
    urls.push_back(request.url);
    if (on_request) {
      on_request();
    }
    return http::Response{.status = 200, .headers = {}, .body = request.url};
  }
  std::vector<std::string> urls;
  std::function<void()> on_request = nullptr;
};

// Asks `more` further times, and ends with all that it heard.
Step<std::string> ask(const std::string& url, int more, const std::string& heard = {}) {
  return Exchange<std::string>{.request = {.url = url},
                               .then = [=](const Result<http::Response>& response) {
                                 const std::string all = heard + response->body + " ";
                                 return more > 0 ? ask(url + "+", more - 1, all)
                                                 : Step<std::string>(Result<std::string>(all));
                               }};
}

}  // namespace

TEST_CASE("conversations of any length end with their own outcome") {
  Echo client;
  std::vector<Step<std::string>> steps;
  steps.push_back(ask("a", 2));
  steps.push_back(Result<std::string>("known"));
  steps.push_back(ask("b", 0));
  steps.push_back(Result<std::string>(fail(ErrorCode::not_found, "none")));
  std::vector<std::string> outcomes(4);
  run_all<std::string>(client, std::move(steps), 2,
                       [&](std::size_t place, Result<std::string> one) {
                         outcomes[place] = one ? *one : one.error().message;
                       });
  CHECK((outcomes == std::vector<std::string>{"a a+ a++ ", "known", "b ", "none"}));
  CHECK(client.urls.size() == 4);
}

TEST_CASE("a conversation that has begun goes on before others begin") {
  Echo client;
  std::vector<Step<std::string>> steps;
  steps.push_back(ask("a", 1));
  steps.push_back(ask("b", 0));
  run_all<std::string>(client, std::move(steps), 1, [](std::size_t, const Result<std::string>&) {});
  CHECK((client.urls == std::vector<std::string>{"a", "a+", "b"}));
}

TEST_CASE("a conversation of many slow answers is broken off") {
  VirtualClock clock{TimePoint()};
  Echo client;
  client.on_request = [&] { clock.advance(std::chrono::seconds(25)); };
  CHECK(run(client, within_time(ask("a", 2), clock)).has_value());
  const Result<std::string> endless = run(client, within_time(ask("b", 1'000), clock));
  REQUIRE_FALSE(endless);
  CHECK(endless.error().code == ErrorCode::unavailable);
  CHECK(client.urls.size() < 10);
}

TEST_CASE("a conversation goes on with what came of another") {
  Echo client;
  const auto count = [](Result<std::string> heard) -> Step<std::size_t> {
    return heard ? Result<std::size_t>(heard->size()) : fail(heard.error());
  };
  CHECK(run<std::size_t>(client, and_then<std::size_t, std::string>(ask("a", 1), count)) == 5U);
  const auto failed =
      run<std::size_t>(client, and_then<std::size_t, std::string>(
                                   Result<std::string>(fail(ErrorCode::not_found, "none")), count));
  CHECK(failed.error().code == ErrorCode::not_found);
}

}  // namespace bb::feeds

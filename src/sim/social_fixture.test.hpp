// Simulated networks, and a client that talks to them over HTTP.
#pragma once

#include <boost/json.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "base/clock.hpp"
#include "base/json.hpp"
#include "base/random.hpp"
#include "http/client.hpp"
#include "sim/social.hpp"

namespace bb::sim::test {

struct SocialFixture {
  http::Response send(const http::ClientRequest& request) {
    return client->send(request).value_or(http::Response{.status = 0, .headers = {}, .body = {}});
  }
  http::Response get(const std::string& url, http::Headers headers = {}) {
    return send({.url = url, .headers = std::move(headers)});
  }
  // Of an answer in JSON; null if it is none.
  static boost::json::value json_of(const http::Response& response) {
    return json::parse(response.body).value_or(boost::json::value());
  }

  VirtualClock clock{TimePoint(std::chrono::milliseconds(1'795'000'000'000))};
  SeededRandom random{1};
  std::unique_ptr<http::Client> client = http::make_curl_client({.user_agent = "sim-tests"});
  std::unique_ptr<Social> social = std::move(Social::start(clock, random).value());
};

}  // namespace bb::sim::test

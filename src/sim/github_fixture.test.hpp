// A simulated GitHub with one person, and a client that talks to it over HTTP.
#pragma once

#include <boost/json.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "http/client.hpp"
#include "sim/github.hpp"

namespace bb::sim::test {

struct GitHubFixture {
  explicit GitHubFixture(GitHubOptions options = {.redirect_uris = {"http://bot/callback"}})
      : github(std::move(GitHub::start(clock, random, std::move(options)).value())) {
    github->add_user(7, "octocat");
  }

  http::Response send(http::ClientRequest request) {
    auto response = client->send(request);
    return response ? std::move(*response) : http::Response{.status = 0, .headers = {}, .body = {}};
  }

  http::Response get(const std::string& path, http::Headers headers = {}) {
    return send({.url = github->api_url() + path, .headers = std::move(headers)});
  }

  static std::string word(const http::Response& response, std::string_view name) {
    boost::system::error_code error;
    const boost::json::value body = boost::json::parse(response.body, error);
    const auto* found = body.is_object() ? body.get_object().if_contains(name) : nullptr;
    return found != nullptr && found->is_string() ? std::string(found->get_string()) : "";
  }

  VirtualClock clock{TimePoint(std::chrono::milliseconds(1'795'000'000'000))};
  SeededRandom random{1};
  std::unique_ptr<http::Client> client = http::make_curl_client({.user_agent = "sim-tests"});
  std::unique_ptr<GitHub> github;
};

}  // namespace bb::sim::test

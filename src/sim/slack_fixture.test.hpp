// A simulated Slack with two people and two channels, and a client that talks to it over HTTP.
#pragma once

#include <boost/json.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "http/client.hpp"
#include "sim/slack.hpp"

namespace bb::sim::test {

constexpr TimePoint morning{std::chrono::milliseconds(1'795'000'000'000)};

struct SlackFixture {
  explicit SlackFixture(SlackOptions options = {})
      : slack(std::move(Slack::start(clock, random, std::move(options)).value())) {
    ada = slack->add_user("Ada", "U0ADA");
    ben = slack->add_user("Ben", "U0BEN");
    general = slack->add_channel({.id = "C0GENERAL", .name = "general", .members = {ada, ben}});
  }

  // An answer as JSON; status is put in as "http_status".
  boost::json::object send(http::ClientRequest request) {
    const auto response = client->send(request);
    if (!response) {
      return {{"client_error", std::string(to_string(response.error().code))}};
    }
    boost::system::error_code error;
    boost::json::value parsed = boost::json::parse(response->body, error);
    boost::json::object body = parsed.is_object() ? parsed.get_object() : boost::json::object();
    body["http_status"] = response->status;
    return body;
  }

  boost::json::object post(const std::string& method, const boost::json::object& arguments) {
    return send({.method = "POST",
                 .url = slack->url() + "/" + method,
                 .headers = {{"Content-Type", "application/json; charset=utf-8"},
                             {"Authorization", "Bearer " + slack->options().bot_token.reveal()}},
                 .body = boost::json::serialize(arguments)});
  }

  boost::json::object get(const std::string& method, const std::string& query = "") {
    return send({.url = slack->url() + "/" + method + "?" + query,
                 .headers = {{"Authorization", "Bearer " + slack->options().bot_token.reveal()}}});
  }

  std::string error_of_post(const boost::json::object& arguments) {
    return word(post("chat.postMessage", arguments), "error");
  }

  static std::string word(const boost::json::object& object, std::string_view name) {
    const boost::json::value* found = object.if_contains(name);
    return found != nullptr && found->is_string() ? std::string(found->get_string()) : "";
  }

  VirtualClock clock{morning};
  SeededRandom random{1};
  std::unique_ptr<http::Client> client = http::make_curl_client({.user_agent = "sim-tests"});
  std::unique_ptr<Slack> slack;
  std::string ada;
  std::string ben;
  std::string general;
};

}  // namespace bb::sim::test

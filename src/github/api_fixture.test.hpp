// An Api over a client that plays answers and keeps what it was sent.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <iterator>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "github/api.hpp"

namespace bb::github::test {

inline constexpr TimePoint now(std::chrono::seconds(1'800'000'000));

inline http::Response answer_of(int status, const std::string& body = {}) {
  return {.status = status, .headers = {}, .body = body};
}

// Plays answers by "METHOD url", or what `play` says, and keeps what it was sent.
class RecordingClient final : public http::Client {
 public:
  std::map<std::string, Result<http::Response>> answers;
  std::function<Result<http::Response>(const http::ClientRequest&)> play;
  std::string hanging;  // a part of the addresses that are answered after all others
  std::vector<http::ClientRequest> sent;
  std::vector<std::size_t> concurrencies;

  Result<http::Response> send(const http::ClientRequest& request) override {
    sent.push_back(request);
    if (play) {
      return play(request);
    }
    const auto found = answers.find(request.method + " " + request.url);
    return found == answers.end() ? Result<http::Response>(answer_of(404)) : found->second;
  }

  // As many as there is room for at once; the one sent last is answered first.
  void send_all(const Source& next, std::size_t concurrency, const Done& done) override {
    concurrencies.push_back(concurrency);
    std::vector<std::pair<std::size_t, http::ClientRequest>> running;
    std::size_t count = 0;
    while (true) {
      while (running.size() < concurrency) {
        std::optional<http::ClientRequest> request = next();
        if (!request) {
          break;
        }
        running.emplace_back(count++, *std::move(request));
      }
      if (running.empty()) {
        return;
      }
      auto answered = std::ranges::find_if(running.rbegin(), running.rend(), [&](const auto& one) {
        return hanging.empty() || !one.second.url.contains(hanging);
      });
      const auto place = answered == running.rend() ? running.begin() : std::prev(answered.base());
      const auto [index, request] = *place;
      running.erase(place);
      done(index, send(request));
    }
  }
};

struct Fixture {
  RecordingClient client;
  VirtualClock clock{now};
  Settings settings{.api_url = "https://api.github.com/", .web_url = "https://github.com//"};

  [[nodiscard]] Api api() { return Api(client, clock, settings); }

  Result<EventsAnswer> events_of(const EventsRequest& request) {
    Result<EventsAnswer> result = fail(ErrorCode::internal, "never answered");
    int calls = 0;
    api().public_events(std::span(&request, 1), 5, [&](std::size_t index, auto answer) {
      CHECK(index == 0);
      ++calls;
      result = std::move(answer);
    });
    CHECK(calls == 1);
    return result;
  }

  // What an answer to the first page comes to.
  Result<EventsAnswer> events_from(Result<http::Response> response) {
    client.answers.insert_or_assign(first_page, std::move(response));
    return events_of({.login = "octocat"});
  }

  static constexpr auto first_page =
      "GET https://api.github.com/users/octocat/events/public?per_page=100";
};

inline const std::string page_2 = std::string(Fixture::first_page) + "&page=2";
inline const std::string page_3 = std::string(Fixture::first_page) + "&page=3";

inline std::string event(int id) {
  return R"({"id":")" + std::to_string(id) +
         R"(","type":"WatchEvent","actor":{"id":1,"login":"octocat"},)"
         R"("repo":{"name":"o/r"},"created_at":"2026-08-09T10:11:12Z","payload":{}})";
}

inline http::Response page(const std::string& body, http::Headers headers = {}) {
  return {.status = 200, .headers = std::move(headers), .body = body};
}

inline http::Response page_with_next(int id) {
  return page("[" + event(id) + "]",
              {{"Link", R"(<https://evil.example/steal>; rel="next", <https://x>; rel="last")"}});
}

}  // namespace bb::github::test

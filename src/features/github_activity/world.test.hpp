// A database with linked members, a GitHub that answers as it is told, and a virtual clock, for
// the tests of polling.
#pragma once

#include <doctest/doctest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "crypto/crypto.hpp"
#include "features/github_activity/polling.hpp"
#include "jobs/outbox.hpp"
#include "storage/migrations.hpp"
#include "tests/temporary_folder.hpp"

namespace bb::github_activity {

// Answers every request by `answer` and remembers its path.
class ScriptedClient final : public http::Client {
 public:
  Result<http::Response> send(const http::ClientRequest& request) override {
    const std::string path = request.url.substr(request.url.find("/api/") + 4);
    paths.push_back(path.substr(0, path.find('?')));
    if (stopped) {
      return fail(ErrorCode::unavailable, "the service is stopping");
    }
    return answer(paths.back(), request);
  }
  void stop() override { stopped = true; }
  [[nodiscard]] bool is_stopped() const override { return stopped; }

  std::function<Result<http::Response>(const std::string& path, const http::ClientRequest&)> answer;
  std::vector<std::string> paths;
  bool stopped = false;
};

inline github::Budget budget_of(std::int64_t limit, std::size_t credentials) {
  github::Budget budget;
  budget.limit = limit;
  budget.remaining = limit;
  budget.credentials = credentials;
  return budget;
}

inline std::string fallback_of(const chat::Message& message) {
  return message.fallback;
}

struct World {
  tests::TemporaryFolder folder;
  VirtualClock clock{parse_rfc3339("2026-11-20T18:00:00Z").value()};
  SeededRandom random{1};
  std::unique_ptr<storage::Database> database = *storage::open("sqlite:" + folder.path("test.db"));
  jobs::Queue queue{*database, clock, random};
  crypto::Sealer sealer{Secret("0123456789abcdef"), random};
  jobs::Outbox outbox{*database, queue, clock, random, sealer};
  ScriptedClient client;
  github::Api github{
      client, clock, {.api_url = "http://github.test/api", .web_url = "http://github.test"}};
  github::Budget budget = budget_of(5'000, 1);
  Polling polling{*database,
                  queue,
                  outbox,
                  github,
                  clock,
                  {.render = &fallback_of,
                   .is_stopping = [this] { return client.stopped; },
                   .budget = [this] { return budget; }}};

  World() { REQUIRE(storage::migrate(*database, storage::migrations(), clock).has_value()); }

  void link(const std::string& user, std::int64_t github_id, const std::string& login) {
    database->write([&](storage::Connection& connection) {
      connection.execute(
          "INSERT INTO github_account (workspace_id, user_id, dm_channel, github_id, login, "
          "linked_at) VALUES ('W1', $1, $2, $3, $4, $5)",
          {user, "D" + user, github_id, login, clock.now()});
      Polling::add(connection, queue, github_id, clock.now());
    });
  }

  void execute(std::string_view sql, std::initializer_list<storage::Value> parameters = {}) {
    database->write([&](storage::Connection& connection) { connection.execute(sql, parameters); });
  }

  storage::Rows rows(std::string_view sql, std::initializer_list<storage::Value> parameters = {}) {
    return database->read(
        [&](storage::Connection& connection) { return connection.query(sql, parameters); });
  }

  storage::Row row(std::string_view sql, std::initializer_list<storage::Value> parameters = {}) {
    return rows(sql, parameters).at(0);
  }

  // The job "github.poll", as a worker runs it.
  Result<jobs::Outcome> run() {
    return polling.kind().handle({.id = {"none"},
                                  .kind = "github.poll",
                                  .payload = "{}",
                                  .workspace_id = {},
                                  .subject = {},
                                  .request_id = {},
                                  .attempts = 1,
                                  .created_at = clock.now()});
  }

  [[nodiscard]] TimePoint next_poll(std::int64_t github_id) {
    return row("SELECT next_poll_at FROM poll_state WHERE github_id = $1", {github_id}).time(0);
  }
};

inline http::Response answer_of(int status, std::string body = {}, http::Headers headers = {}) {
  headers.set("ETag", "\"" + std::to_string(body.size()) + "\"");
  return {.status = status, .headers = std::move(headers), .body = std::move(body)};
}

// As the API shows it: of the actor with this id, in octocat/hello.
inline std::string event_json(const std::string& id, std::int64_t actor, const std::string& type,
                              const std::string& at, const std::string& payload = "{}") {
  return R"({"id":")" + id + R"(","type":")" + type + R"(","actor":{"id":)" +
         std::to_string(actor) + R"(,"login":"x"},"repo":{"id":1,"name":"Octocat/Hello"},)" +
         R"("payload":)" + payload + R"(,"public":true,"created_at":")" + at + "\"}";
}

}  // namespace bb::github_activity

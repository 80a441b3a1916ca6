#include "features/github_activity/enrichment.hpp"

#include <algorithm>
#include <span>

#include "features/github_activity/activity.hpp"
#include "features/github_activity/world.test.hpp"

namespace bb::github_activity {
namespace {

// One worker's enrichment with one token at a GitHub that answers as it is told.
struct EnrichmentWorld : World {
  EnrichmentWorld() { link("UADA", 1, "ada"); }

  void add(const std::string& event, const std::string& type, const github::Facts& facts) {
    const github::Event made{.id = event,
                             .type = type,
                             .actor_id = 1,
                             .repo = "octocat/hello",
                             .created_at = clock.now(),
                             .facts = facts};
    database->write([&](storage::Connection& connection) {
      store_activity(connection, 1, std::span(&made, 1), clock.now());
    });
  }
  void add_push(const std::string& event, char head) {
    add(event, "PushEvent", {.before = std::string(40, 'a'), .head = std::string(40, head)});
  }
  void add_pull_requests(int from, int count) {
    for (int i = from; i < from + count; ++i) {
      add("pull-" + std::to_string(i), "PullRequestEvent", {.action = "opened", .number = i});
    }
  }
  [[nodiscard]] std::int64_t questions(std::string_view path) const {
    return std::ranges::count_if(client.paths, [&](const std::string& asked) {
      return asked.find(path) != std::string::npos;
    });
  }

  github::Api api{client,
                  clock,
                  {.api_url = "http://github.test/api",
                   .web_url = "http://github.test",
                   .tokens = {Secret("a-token")}}};
  Enrichment enrichment{*database, queue, api, clock, 2};
};

http::Headers points_left(const char* points) {
  return {{"X-RateLimit-Limit", "5000"},
          {"X-RateLimit-Remaining", points},
          {"X-RateLimit-Reset", "1795204800"},  // 2026-11-20T20:00:00Z
          {"X-RateLimit-Resource", "graphql"}};
}

}  // namespace

TEST_CASE("an answer that cannot be read is asked for again and a missing one is not") {
  EnrichmentWorld world;
  world.client.answer = [](const std::string& path, const http::ClientRequest&) {
    return path.find("...b") != std::string::npos   ? answer_of(200, "<html>proxy</html>")
           : path.find("...c") != std::string::npos ? answer_of(403, "{}")
                                                    : answer_of(404, "{}");
  };
  world.add_push("1", 'b');
  world.add_push("2", 'c');
  world.add_push("3", 'd');
  world.enrichment.run();
  CHECK(world.questions("/compare/") == 3);
  world.client.answer = [](const std::string&, const http::ClientRequest&) {
    return answer_of(200, R"({"total_commits": 4})");
  };
  world.clock.advance(std::chrono::minutes(5));
  world.enrichment.run();
  CHECK(world.questions("/compare/") == 5);
  CHECK(world.row("SELECT count(*) FROM enrichment WHERE answer = '4'").integer(0) == 2);
  CHECK(world.row("SELECT count(*) FROM enrichment WHERE answer = ''").integer(0) == 1);
}

TEST_CASE("pushes of which GitHub tells nothing do not keep the others from being asked about") {
  EnrichmentWorld world;
  world.client.answer = [](const std::string& path, const http::ClientRequest&) {
    return path.ends_with('f') ? answer_of(200, R"({"total_commits": 1})")
                               : answer_of(200, "<html>proxy</html>");
  };
  for (int i = 0; i < 60; ++i) {
    world.add("bad-" + std::to_string(i), "PushEvent",
              {.before = std::string(40, 'a'),
               .head = std::to_string(100 + i) + std::string(37, i % 20 == 0 ? 'f' : '0')});
  }
  world.add_push("good", 'f');
  world.enrichment.run();
  CHECK(world.questions("/compare/") == 61);
}

TEST_CASE("questions of GraphQL take their share of its points and not of the requests") {
  EnrichmentWorld world;
  world.client.answer = [](const std::string& path, const http::ClientRequest&) {
    return path == "/graphql" ? answer_of(200, R"({"data": {}})", points_left("9"))
                              : answer_of(200, R"({"total_commits": 4})");
  };
  world.add_pull_requests(1, 50);
  world.enrichment.run();
  REQUIRE(world.questions("/graphql") == 1);
  world.add_pull_requests(100, 200);
  world.add_push("1", 'b');
  world.clock.advance(std::chrono::minutes(5));
  world.enrichment.run();
  CHECK(world.questions("/graphql") == 2);  // a fifth of nine points
  CHECK(world.questions("/compare/") == 1);
}

TEST_CASE("nothing is asked while GitHub refuses all credentials") {
  EnrichmentWorld world;
  world.client.answer = [](const std::string&, const http::ClientRequest&) {
    return answer_of(401, "{}");
  };
  world.add_push("1", 'b');
  world.enrichment.run();
  CHECK(world.questions("/compare/") == 1);
  for (int i = 0; i < 5; ++i) {
    world.clock.advance(std::chrono::minutes(5));
    CHECK(world.enrichment.run().asked == 0);
  }
}

}  // namespace bb::github_activity

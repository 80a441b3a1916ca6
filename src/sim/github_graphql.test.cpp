#include <doctest/doctest.h>

#include <chrono>
#include <set>

#include "sim/github_fixture.test.hpp"

namespace bb::sim {
namespace {

using boost::json::object;
using boost::json::value;
using test::GitHubFixture;

struct GraphqlFixture : GitHubFixture {
  explicit GraphqlFixture(GitHubOptions options = {}) : GitHubFixture(std::move(options)) {
    token = github->add_token("octocat");
    github->add_pull_request("o/r", 1, "Fix \"it\"");
    github->add_event("octocat", release("o/r", "v1"));
    github->add_event("octocat", release("O/R", "v2"));
  }

  http::Response ask(const std::string& query) {
    return post(boost::json::serialize(object{{"query", query}}));
  }
  http::Response post(const std::string& body) {
    std::string url = github->api_url();
    url.resize(url.size() - std::string_view("/v3").size());
    return send({.method = "POST",
                 .url = url + "/graphql",
                 .headers = {{"Authorization", "Bearer " + token.reveal()}},
                 .body = body});
  }
  value answer(const std::string& query) { return boost::json::parse(ask(query).body); }

  Secret token;
};

const std::string title = R"(p0:repository(owner:"o",name:"r"){pullRequest(number:1){title}})";

std::string releases_of(int alias, const std::string& name) {
  return " r" + std::to_string(alias) + R"(:repository(owner:"o",name:")" + name +
         R"("){releases{totalCount}})";
}

TEST_CASE("titles and numbers of releases are told under their aliases") {
  GraphqlFixture fixture;
  const value answer = fixture.answer("query{rateLimit{cost limit remaining used resetAt} " +
                                      title + releases_of(1, "r") + "}");
  CHECK(answer.at("data").at("p0").at("pullRequest").at("title") == "Fix \"it\"");
  CHECK(answer.at("data").at("r1").at("releases").at("totalCount") == 2);
  CHECK(answer.at("data").at("rateLimit").at("remaining") == 4'999);
  CHECK_FALSE(answer.as_object().contains("errors"));
}

TEST_CASE("what is missing is null with an error of its own") {
  GraphqlFixture fixture;
  const value answer = fixture.answer("{" + title + releases_of(1, "gone") + "}");
  CHECK(answer.at("data").at("r1").is_null());
  CHECK(answer.at("data").at("p0").is_object());
  CHECK(answer.at("errors").as_array().size() == 1);
  CHECK(answer.at("errors").at(0).at("type") == "NOT_FOUND");
}

TEST_CASE("queries that are malformed are refused with status 200") {
  GraphqlFixture fixture;
  for (const std::string& query : std::vector<std::string>{
           "", "{", "{}", "{" + title, "{" + title + "}}", "{" + title + title + "}",
           "{viewer{login}}", "{rateLimit{speed}}", "mutation{" + title + "}",
           R"({p0:repository(owner:"o"){releases{totalCount}}})",
           R"({p0:repository(owner:"o",name:"r){releases{totalCount}}})",
           R"({p0:repository(owner:"o",name:"r"){pullRequest(number:99999999999){title}}})",
           R"({p0:repository(owner:"o",name:"r"){pullRequest(number:x){title}}})"}) {
    CAPTURE(query);
    const http::Response response = fixture.ask(query);
    CHECK(response.status == 200);
    const value answer = boost::json::parse(response.body);
    CHECK_FALSE(answer.as_object().contains("data"));
    CHECK(answer.at("errors").as_array().size() == 1);
  }
  CHECK(fixture.post("query").status == 400);
}

TEST_CASE("more than a hundred subjects exceed the limits of a query") {
  GraphqlFixture fixture;
  std::string query = "{";
  for (int i = 0; i < 101; ++i) {
    query += releases_of(i, "r");
  }
  const value answer = fixture.answer(query + "}");
  CHECK(answer.at("data").at("r99").is_object());
  CHECK(answer.at("data").at("r100").is_null());
  CHECK(answer.at("errors").at(0).at("type") == "RESOURCE_LIMITS_EXCEEDED");
}

TEST_CASE("points are counted apart from requests") {
  GraphqlFixture fixture;
  fixture.github->set_limits_of(fixture.token, 100, 1);
  const http::Response first = fixture.ask("{" + title + "}");
  CHECK(first.headers.find("X-RateLimit-Resource").value_or("") == "graphql");
  CHECK(first.headers.find("X-RateLimit-Remaining").value_or("") == "0");
  const http::Response second = fixture.ask("{" + title + "}");
  CHECK(second.status == 200);
  CHECK(boost::json::parse(second.body).at("errors").at(0).at("type") == "RATE_LIMITED");
  const http::Response core =
      fixture.get("/user", {{"Authorization", "Bearer " + fixture.token.reveal()}});
  CHECK(core.headers.find("X-RateLimit-Remaining").value_or("") == "99");
}

TEST_CASE("GraphQL is not for the anonymous") {
  GraphqlFixture fixture;
  fixture.github->revoke(fixture.token);
  CHECK(fixture.ask("{" + title + "}").status == 401);
  std::string url = fixture.github->api_url();
  url.resize(url.size() - std::string_view("/v3").size());
  CHECK(fixture.send({.method = "POST", .url = url + "/graphql", .body = "{}"}).status == 401);
}

TEST_CASE("a comparison counts pushes or says what it was told to") {
  GraphqlFixture fixture;
  std::vector<std::string> ends;
  for (int i = 1; i <= 3; ++i) {
    const EventData pushed = push("o/r", "main", i);
    fixture.github->add_event("octocat", pushed);
    const value payload = boost::json::parse(pushed.payload);
    ends.emplace_back(payload.at(i == 1 ? "before" : "head").as_string());
  }
  const auto compare = [&](const std::string& before, const std::string& head) {
    return fixture.get("/repos/o/r/compare/" + before + "..." + head + "?per_page=1");
  };
  const auto count = [](const http::Response& response) {
    return boost::json::parse(response.body).at("total_commits").as_int64();
  };
  CHECK(count(compare(ends[0], ends[2])) == 3);
  CHECK(count(compare(ends[1], ends[1])) == 0);
  fixture.github->set_commit_count("o/r", ends[0], ends[2], 12);
  CHECK(count(compare(ends[0], ends[2])) == 12);
  CHECK(compare(std::string(40, 'f'), ends[2]).status == 404);
  CHECK(fixture.get("/repos/o/none/compare/a...b").status == 404);
}

TEST_CASE("a suspended person is as gone as a deleted one") {
  GitHubFixture fixture;
  fixture.github->suspend("OctoCat");
  CHECK(fixture.get("/users/octocat").status == 404);
  CHECK(fixture.get("/user/7").status == 404);
  CHECK(fixture.get("/users/octocat/events/public").status == 404);
}

TEST_CASE("tokens of different people have limits of their own") {
  GitHubFixture fixture;
  fixture.github->add_user(8, "hubot");
  const Secret first = fixture.github->add_token("octocat");
  const Secret second = fixture.github->add_token("hubot");
  fixture.github->set_limits_of(first, 1, 1);
  const auto ask = [&](const Secret& token) {
    return fixture.get("/user", {{"Authorization", "Bearer " + token.reveal()}}).status;
  };
  CHECK(ask(first) == 200);
  CHECK(ask(first) == 403);
  CHECK(ask(second) == 200);
}

TEST_CASE("answers that are late do not wait for each other") {
  GitHubFixture fixture({.latency = std::chrono::milliseconds(300)});
  const std::vector<http::ClientRequest> requests(
      100, {.url = fixture.github->api_url() + "/users/octocat"});
  std::size_t answered = 0;
  fixture.client->send_all(http::all_of(requests), 100, [&](std::size_t, const auto& response) {
    answered += response ? 1U : 0U;
  });
  CHECK(answered == 100);
  CHECK(fixture.github->most_concurrent() > 20);
}

TEST_CASE("the remaining kinds of events look as they do today") {
  const auto payload = [](const EventData& event) { return boost::json::parse(event.payload); };
  CHECK(payload(issue_closed("o/r", 3, "Hurts")).at("issue").at("state") == "closed");
  CHECK(payload(review("o/r", 3, "approved")).at("review").at("state") == "approved");
  CHECK_FALSE(
      payload(review("o/r", 3, "approved")).at("pull_request").as_object().contains("title"));
  CHECK(payload(review_comment("o/r", 3)).at("pull_request").at("number") == 3);
  const value on_issue = payload(issue_comment("o/r", 3, "Hurts"));
  CHECK_FALSE(on_issue.at("issue").as_object().contains("pull_request"));
  const value on_pull = payload(issue_comment("o/r", 3, "Hurts", CommentOn::pull_request));
  CHECK(on_pull.at("issue").as_object().contains("pull_request"));
  CHECK(on_pull.at("issue").at("title") == "Hurts");
  CHECK(payload(commit_comment("o/r")).at("comment").as_object().contains("commit_id"));
  CHECK(payload(discussion("o/r", 4, "Idea")).at("discussion").at("title") == "Idea");
  CHECK(payload(new_tag("o/r", "v1")).at("full_ref") == "refs/tags/v1");
  CHECK(payload(new_branch("o/r", "next")).at("ref_type") == "branch");
  CHECK(payload(fork_created("me/r")).at("ref").is_null());
  const std::vector<std::string> pages = {"Home", "FAQ"};
  CHECK(payload(wiki_edit("o/r", pages)).at("pages").as_array().size() == 2);
  CHECK(payload(collaborator_added("o/r", "ann")).at("member").at("login") == "ann");
  const value empty = payload(empty_push("o/r"));
  CHECK(empty.at("head") == empty.at("before"));
  CHECK(payload(pull_request_closed("o/r", 3)).at("action") == "closed");
  CHECK(payload(sponsorship("ann")).at("sponsorship").at("sponsorable").at("login") == "ann");
  CHECK(unknown_event("o/r").type == "TeleportEvent");
}

}  // namespace
}  // namespace bb::sim

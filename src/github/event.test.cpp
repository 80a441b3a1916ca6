#include "github/event.hpp"

#include <doctest/doctest.h>
#include <boost/json.hpp>

#include "base/time.hpp"

namespace bb::github {
namespace {

Event parsed(std::string_view json) {
  const auto event = parse_event(boost::json::parse({json.data(), json.size()}));
  REQUIRE_MESSAGE(event.has_value(), (event ? std::string() : event.error().message));
  return *event;
}

// An event of today with this type and payload.
Event with_payload(const std::string& type, const std::string& payload,
                   const std::string& repo = "octo/tools") {
  return parsed(R"({"id":"9007199254740993","type":")" + type +
                R"(","actor":{"id":7,"login":"octocat"},"repo":{"id":1,"name":")" + repo +
                R"("},"public":true,"created_at":"2026-08-09T10:11:12Z","payload":)" + payload +
                "}");
}

Error rejection(std::string_view json) {
  const auto event = parse_event(boost::json::parse({json.data(), json.size()}));
  REQUIRE_FALSE(event.has_value());
  return event.error();
}

// An event of early 2012 with this type, address and payload.
Event from_2012(const std::string& type, const std::string& url, const std::string& payload) {
  return parsed(
      R"({"type":")" + type + R"(","actor":"mona","url":")" + url +
      R"(","actor_attributes":{"login":"mona"},"repository":{"owner":"octo","name":"tools",)"
      R"("url":"https://github.com/octo/tools"},"public":true,)"
      R"("created_at":"2012-06-14T15:01:42-07:00","payload":)" +
      payload + "}");
}

}  // namespace

TEST_CASE("the envelope of a current event is read") {
  const Event event = parsed(R"({"id":"51234567890","type":"WatchEvent",
    "actor":{"id":583231,"login":"octocat","display_login":"octocat","gravatar_id":"",
             "url":"https://api.github.com/users/octocat",
             "avatar_url":"https://avatars.githubusercontent.com/u/583231?"},
    "repo":{"id":42,"name":"octo/tools","url":"https://api.github.com/repos/octo/tools"},
    "payload":{"action":"started"},"public":false,"created_at":"2026-08-09T10:11:12Z",
    "org":{"id":1,"login":"octo"}})");
  CHECK(event.id == "51234567890");
  CHECK(event.type == "WatchEvent");
  CHECK(event.login == "octocat");
  CHECK((event.actor_id == 583231));
  CHECK(event.avatar_url == "https://avatars.githubusercontent.com/u/583231?");
  CHECK(event.repo == "octo/tools");
  CHECK_FALSE(event.is_public);
  CHECK(format_rfc3339(event.created_at) == "2026-08-09T10:11:12Z");
  CHECK((event.facts == Facts{.action = "started"}));
}

TEST_CASE("an event of 2012 has a name as its actor and no id") {
  const Event event =
      from_2012("WatchEvent", "https://github.com/octo/tools", R"({"action":"started"})");
  CHECK(event.id.empty());
  CHECK(event.login == "mona");
  CHECK_FALSE(event.actor_id.has_value());
  CHECK(event.repo == "octo/tools");
  CHECK(format_rfc3339(event.created_at) == "2012-06-14T22:01:42Z");
}

TEST_CASE("a date with slashes and an offset without colon is read") {
  const Event event = parsed(
      R"({"type":"GistEvent","actor":"mona","created_at":"2012/03/10 22:03:11 -0800","payload":{}})");
  CHECK(format_rfc3339(event.created_at) == "2012-03-11T06:03:11Z");
  CHECK(event.repo.empty());
  CHECK(event.is_public);
}

TEST_CASE("the repository of an old event is found through its address if owner or name lack") {
  const Event event = parsed(
      R"({"type":"WatchEvent","actor":"mona","created_at":"2012-06-14T15:01:42-07:00",
          "repository":{"name":"tools","url":"http://github.com/octo/tools"}})");
  CHECK(event.repo == "octo/tools");
}

TEST_CASE("a repository may be a plain name") {
  const Event event = parsed(R"({"id":"1","type":"ReleaseEvent","actor":{"login":"mona"},
      "repo":"octo/tools","created_at":"2025-07-31T15:57:00Z",
      "payload":{"action":"published","release":{"tag_name":"v1"}}})");
  CHECK(event.repo == "octo/tools");
  CHECK(event.facts.url == "https://github.com/octo/tools/releases/tag/v1");
}

TEST_CASE("an event about a repository is rejected without one and others are kept") {
  for (const std::string repo : {"", R"("repo":{},)", R"("repo":"",)", R"("repo":7,)",
                                 R"("repo":{"name":"/"},)", R"("repository":{"name":"x"},)"}) {
    const auto without = [&repo](const std::string& type) {
      return R"({"id":"1","type":")" + type + R"(","actor":{"login":"a"},)" + repo +
             R"("created_at":"2025-01-01T00:00:00Z","payload":{}})";
    };
    for (const std::string type : {"PushEvent", "WatchEvent", "ReleaseEvent", "IssuesEvent"}) {
      CHECK(rejection(without(type)).message == "'repo' is missing in a " + type);
    }
    CHECK(parsed(without("GistEvent")).repo.empty());
  }
}

TEST_CASE("the slash that stands for no repository is dropped") {
  CHECK(with_payload("FollowEvent", "{}", "/").repo.empty());
}

TEST_CASE("an id may be a number") {
  const Event event = parsed(
      R"({"id":1234567890123,"type":"WatchEvent","actor":{"login":"a"},"repo":"o/r","created_at":"2015-01-01T00:00:00Z"})");
  CHECK(event.id == "1234567890123");
}

TEST_CASE("a push of 2012 counts its size") {
  const Event event = from_2012(
      "PushEvent", "https://github.com/octo/tools/compare/aa...bb",
      R"({"head":"bb","size":3,"ref":"refs/heads/main","shas":[["bb","x","m","n",true]]})");
  CHECK((event.facts.commits == 3));
  CHECK(event.facts.ref == "main");
  CHECK(event.facts.head == "bb");
  CHECK(event.facts.url == "https://github.com/octo/tools/compare/aa...bb");
}

TEST_CASE("a push counts distinct commits first then all then those listed") {
  CHECK(
      (with_payload("PushEvent", R"({"size":5,"distinct_size":2,"commits":[{}]})").facts.commits ==
       2));
  CHECK((with_payload("PushEvent", R"({"size":5,"commits":[{}]})").facts.commits == 5));
  CHECK((with_payload("PushEvent", R"({"commits":[{},{},{}]})").facts.commits == 3));
  CHECK((with_payload("PushEvent", R"({"shas":[[],[]]})").facts.commits == 2));
  CHECK((with_payload("PushEvent", R"({"size":5,"distinct_size":0})").facts.commits == 0));
  CHECK((with_payload("PushEvent", R"({"size":-1,"distinct_size":"x"})").facts.commits ==
         std::nullopt));
}

TEST_CASE("a push of today knows its commits only if both ends are equal") {
  const Event event = with_payload(
      "PushEvent",
      R"({"repository_id":1,"push_id":2,"ref":"refs/heads/feature/x","head":"b2","before":"a1"})");
  CHECK_FALSE(event.facts.commits.has_value());
  CHECK(event.facts.before == "a1");
  CHECK(event.facts.head == "b2");
  CHECK(event.facts.ref == "feature/x");
  CHECK((with_payload("PushEvent", R"({"head":"a1","before":"a1"})").facts.commits == 0));
  CHECK_FALSE(with_payload("PushEvent", "{}").facts.commits.has_value());
}

TEST_CASE("a trimmed pull request gets its address from repository and number") {
  const Event event =
      with_payload("PullRequestEvent",
                   R"({"action":"opened","number":12,"pull_request":{"id":5,"number":12,
          "url":"https://api.github.com/repos/octo/tools/pulls/12"}})");
  CHECK(event.facts.url == "https://github.com/octo/tools/pull/12");
  CHECK((event.facts.number == 12));
  CHECK(event.facts.title.empty());
  CHECK_FALSE(event.facts.merged);
}

TEST_CASE("a pull request is merged by its action or by its old flags") {
  const auto merged = [](const std::string& payload) {
    return with_payload("PullRequestEvent", payload).facts.merged;
  };
  CHECK(merged(R"({"action":"merged","number":1,"pull_request":{"number":1}})"));
  CHECK(merged(R"({"action":"closed","pull_request":{"merged":true}})"));
  CHECK(merged(R"({"action":"closed","pull_request":{"merged_at":"2015-01-01T00:00:00Z"}})"));
  CHECK_FALSE(merged(R"({"action":"closed","pull_request":{"merged":false,"merged_at":null}})"));
  CHECK_FALSE(merged(R"({"action":"opened","pull_request":{"merged":true}})"));
}

TEST_CASE("a full pull request keeps its title and address") {
  const Event event =
      with_payload("PullRequestEvent",
                   R"({"action":"opened","number":12,"pull_request":{"title":"Add <b>","number":12,
          "html_url":"https://github.com/octo/tools/pull/12"}})");
  CHECK(event.facts.title == "Add <b>");
  CHECK(event.facts.url == "https://github.com/octo/tools/pull/12");
}

TEST_CASE("an issue of 2012 is only a number and still has an address") {
  const Event event = from_2012("IssuesEvent", "https://github.com/octo/tools/issues/294",
                                R"({"number":294,"action":"opened","issue":5082481})");
  CHECK((event.facts.number == 294));
  CHECK(event.facts.url == "https://github.com/octo/tools/issues/294");
}

TEST_CASE("a comment of 2012 finds its issue in the address") {
  const Event event = from_2012("IssueCommentEvent",
                                "https://github.com/octo/tools/issues/500#issuecomment-6344615",
                                R"({"issue_id":3497442,"comment_id":6344615})");
  CHECK((event.facts.number == 500));
}

TEST_CASE("a comment links to itself and names its issue") {
  const Event event = with_payload("IssueCommentEvent", R"({"action":"created",
      "issue":{"number":3,"title":"It breaks","html_url":"https://github.com/octo/tools/issues/3"},
      "comment":{"html_url":"https://github.com/octo/tools/issues/3#issuecomment-9"}})");
  CHECK(event.facts.url == "https://github.com/octo/tools/issues/3#issuecomment-9");
  CHECK(event.facts.title == "It breaks");
  CHECK((event.facts.number == 3));
}

TEST_CASE("a release has a tag and a name") {
  const Event event = with_payload("ReleaseEvent", R"({"action":"published","release":{
      "tag_name":"v1.2","name":"Spring","html_url":"https://github.com/octo/tools/releases/tag/v1.2"}})");
  CHECK(event.facts.name == "v1.2");
  CHECK(event.facts.title == "Spring");
  CHECK(event.facts.url == "https://github.com/octo/tools/releases/tag/v1.2");
}

TEST_CASE("a release without an address is found by its encoded tag") {
  const Event event =
      with_payload("ReleaseEvent", R"({"action":"published","release":{"tag_name":"rel/1#2"}})");
  CHECK(event.facts.url == "https://github.com/octo/tools/releases/tag/rel/1%232");
}

TEST_CASE("a fork names the new repository in every shape of its time") {
  const Event today =
      with_payload("ForkEvent", R"({"action":"forked","forkee":{"full_name":"mona/tools"}})");
  CHECK(today.facts.name == "mona/tools");
  CHECK(today.facts.url == "https://github.com/mona/tools");
  for (const std::string payload : {"{}", R"({"forkee":4666104})"}) {
    const Event old = from_2012("ForkEvent", "https://github.com/mona/tools", payload);
    CHECK(old.facts.name == "mona/tools");
    CHECK(old.facts.url == "https://github.com/mona/tools");
  }
}

TEST_CASE("branches and tags are told apart from repositories") {
  const Event branch = with_payload(
      "CreateEvent",
      R"({"ref":"dev","ref_type":"branch","full_ref":"refs/heads/dev","description":null})");
  CHECK(branch.facts.ref == "dev");
  CHECK(branch.facts.ref_type == "branch");
  const Event repository = with_payload("CreateEvent", R"({"ref":null,"ref_type":"repository"})");
  CHECK(repository.facts.ref.empty());
  CHECK(repository.facts.ref_type == "repository");
}

TEST_CASE("a discussion has a title and an address") {
  const Event event = with_payload(
      "DiscussionEvent", R"({"action":"created","discussion":{"number":8,"title":"Ideas"}})");
  CHECK(event.facts.title == "Ideas");
  CHECK(event.facts.url == "https://github.com/octo/tools/discussions/8");
}

TEST_CASE("a wiki edit links to its first page") {
  const Event event = with_payload(
      "GollumEvent", R"({"pages":[{"html_url":"https://github.com/octo/tools/wiki/Home"}]})");
  CHECK(event.facts.url == "https://github.com/octo/tools/wiki/Home");
}

TEST_CASE("an unknown type with an odd payload is kept") {
  for (const std::string payload : {"null", "7", "[1]", R"({"issue":5,"pages":[3],"action":[]})"}) {
    const Event event = with_payload("SponsorshipEvent", payload);
    CHECK(event.type == "SponsorshipEvent");
    CHECK((event.facts == Facts{}));
  }
}

TEST_CASE("an address that is not a page of GitHub is replaced by the derived one") {
  for (const std::string url :
       {"javascript:alert(1)", "https://evil.example/x", "https://github.com.evil.example/x",
        "https://github.com/a|b>", "https://github.com/a b", "https://github.com/",
        "//github.com/x"}) {
    const Event event = with_payload(
        "IssuesEvent", R"({"action":"opened","issue":{"number":4,"html_url":")" + url + R"("}})");
    CHECK(event.facts.url == "https://github.com/octo/tools/issues/4");
  }
}

TEST_CASE("an address with plain http becomes https") {
  const Event event =
      with_payload("IssuesEvent",
                   R"({"issue":{"number":4,"html_url":"http://github.com/octo/tools/issues/4"}})");
  CHECK(event.facts.url == "https://github.com/octo/tools/issues/4");
}

TEST_CASE("no address is derived from a repository with an impossible name") {
  CHECK(
      with_payload("IssuesEvent", R"({"issue":{"number":4}})", "a/b|<!channel>").facts.url.empty());
  CHECK(with_payload("IssuesEvent", R"({"issue":{"number":4}})", "a/b/c").facts.url.empty());
}

TEST_CASE("an avatar that is not a web address is dropped") {
  const Event event = parsed(
      R"({"type":"WatchEvent","actor":{"login":"a","avatar_url":"data:text/html,x"},"repo":"o/r","created_at":"2015-01-01T00:00:00Z"})");
  CHECK(event.avatar_url.empty());
}

TEST_CASE("long text is cut and ill-formed text is mended") {
  const Event event = with_payload(
      "IssuesEvent", R"({"issue":{"number":1,"title":")" + std::string(100'000, 'x') + R"("}})");
  CHECK(event.facts.title.size() == 512);
  boost::json::value broken = {{"type", "WatchEvent"},
                               {"actor", "a\xFF z"},
                               {"repo", "o/r"},
                               {"created_at", "2015-01-01T00:00:00Z"},
                               {"payload", {{"action", std::string("a\0b", 3)}}}};
  const auto mended = parse_event(broken);
  REQUIRE(mended.has_value());
  CHECK(mended->login == "a\xEF\xBF\xBD z");
  CHECK(mended->facts.action ==
        "a\xEF\xBF\xBD"
        "b");
}

TEST_CASE("an element without type date or actor is rejected by name") {
  CHECK(rejection(R"({"actor":"a","created_at":"2015-01-01T00:00:00Z"})").message.find("'type'") !=
        std::string::npos);
  CHECK(rejection(R"({"type":"WatchEvent","actor":"a"})").message.find("'created_at'") !=
        std::string::npos);
  const Error user =
      rejection(R"({"type":"User","login":"octocat","created_at":"2015-01-01T00:00:00Z"})");
  CHECK(user.code == ErrorCode::bad_response);
  CHECK(user.message.find("'actor'") != std::string::npos);
  CHECK(rejection("[]").code == ErrorCode::bad_response);
  CHECK(rejection(R"({"type":"WatchEvent","actor":"a","created_at":"yesterday"})").code ==
        ErrorCode::bad_response);
}

TEST_CASE("facts survive the way through the database") {
  const Facts facts{.action = "closed",
                    .ref = "main",
                    .ref_type = "branch",
                    .number = 12,
                    .title = "A \"title\" with \xE2\x82\xAC",
                    .url = "https://github.com/octo/tools/pull/12",
                    .name = "v1",
                    .merged = true,
                    .commits = 0,
                    .before = "a1",
                    .head = "b2"};
  const auto back = parse_facts(to_json(facts));
  REQUIRE(back.has_value());
  CHECK((*back == facts));
  CHECK(to_json(Facts{}) == "{}");
  CHECK((parse_facts(R"({"later":[1],"number":"x"})") == Facts{}));
  CHECK_FALSE(parse_facts("{").has_value());
  CHECK_FALSE(parse_facts("[]").has_value());
}

}  // namespace bb::github

#include "features/github_activity/digest.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <boost/json.hpp>
#include <set>

#include "base/text.hpp"
#include "chat/slack/render.hpp"
#include "chat/terminal.hpp"
#include "features/github_activity/slack_digest.test.hpp"

namespace bb::github_activity {
namespace {

namespace json = boost::json;

TimePoint at(const char* text) {
  return *parse_rfc3339(text);
}

const Window day{.since = at("2026-11-21T12:00:00Z"), .until = at("2026-11-22T12:00:00Z")};

github::Event event(std::string id, std::string type, std::string repo, github::Facts facts = {}) {
  return {.id = std::move(id),
          .type = std::move(type),
          .login = "octocat",
          .repo = std::move(repo),
          .created_at = at("2026-11-22T08:00:00Z"),
          .facts = std::move(facts)};
}

github::Event star(std::string id, std::string repo = "a/b") {
  return event(std::move(id), "WatchEvent", std::move(repo), {.action = "started"});
}

Digest compose_one(std::vector<github::Event> events) {
  return compose({{.login = "octocat", .events = std::move(events)}}, day, TimeZone::utc());
}

std::string text_of(const Digest& digest) {
  std::string text;
  for (const chat::Message& message : render(digest)) {
    text += chat::render_terminal(message, chat::Color::never);
  }
  return text;
}

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

std::vector<std::string> logins(const Digest& digest) {
  std::vector<std::string> result;
  for (const Section& section : digest.sections) {
    result.push_back(section.login);
  }
  return result;
}

std::vector<Person> crowd(int size, int events_each) {
  std::vector<Person> people;
  for (int i = 0; i < size; ++i) {
    Person person{.login = "member-" + std::to_string(i)};
    for (int j = 0; j < events_each; ++j) {
      const std::string id = std::to_string(i * 1'000 + j);
      const std::string repo = "organisation/repo_" + std::to_string(j);
      switch (j % 3) {
        case 0:
          person.events.push_back(event(id, "PushEvent", repo, {.commits = 3}));
          break;
        case 1:
          person.events.push_back(
              event(id, "PullRequestEvent", repo,
                    {.action = "opened", .number = j, .title = "Fix *it* & <go>"}));
          break;
        default:
          person.events.push_back(star(id, repo));
      }
    }
    people.push_back(std::move(person));
  }
  return people;
}

// In UTF-16, the strictest of what Slack may count.
std::size_t length_of(std::string_view text) {
  std::size_t length = 0;
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    length += (octet & 0xC0U) == 0x80U ? 0 : octet >= 0xF0 ? 2 : 1;
  }
  return length;
}

// What Slack refuses, of what a digest uses (https://api.slack.com/reference/block-kit/blocks).
std::vector<std::string> complaints(const std::string& rendered) {
  std::vector<std::string> found;
  const auto check = [&](bool right, const std::string& what) {
    if (!right) {
      found.push_back(what);
    }
  };
  const auto check_text = [&](const json::value& text, const char* type, std::size_t limit) {
    const std::size_t size = length_of(text.at("text").as_string());
    check(text.at("type").as_string() == type, "type of a text");
    check(size >= 1 && size <= limit, "length of a text: " + std::to_string(size));
  };
  const json::value message = json::parse(rendered);
  check(!message.at("text").as_string().empty(), "no fallback");
  check(length_of(message.at("text").as_string()) <= 4'000, "length of the fallback");
  check(length_of(rendered) <= 40'000, "length of the message");
  const json::array& blocks = message.at("blocks").as_array();
  check(!blocks.empty() && blocks.size() <= 45, "number of blocks");
  for (const json::value& block : blocks) {
    const auto& type = block.at("type").as_string();
    if (type == "header") {
      check_text(block.at("text"), "plain_text", 150);
    } else if (type == "section") {
      check_text(block.at("text"), "mrkdwn", 3'000);
    } else if (type == "context") {
      check(block.at("elements").as_array().size() == 1, "elements of a context");
      check_text(block.at("elements").at(0), "mrkdwn", 3'000);
    } else {
      found.push_back("a block of type " + std::string(type));
    }
  }
  return found;
}

TEST_CASE("the window has its start and lacks its end") {
  std::vector<github::Event> events = {star("1", "a/start"), star("2", "a/end"),
                                       star("3", "a/early")};
  events[0].created_at = day.since;
  events[1].created_at = day.until;
  events[2].created_at = day.since - std::chrono::milliseconds(1);
  const Digest digest = compose_one(events);
  REQUIRE(digest.sections.size() == 1);
  CHECK(digest.sections[0].items[0].count == 1);
  CHECK(digest.sections[0].items[0].links[0].text == "a/start");
}

TEST_CASE("an event id counts once") {
  CHECK(compose_one({star("1"), star("1"), star("2", "c/d")}).sections[0].items[0].count == 2);
}

TEST_CASE("events of 2012 without ids count once if all they say is the same") {
  github::Event later = star("");
  later.created_at += std::chrono::seconds(1);
  const Digest digest = compose_one({star(""), star(""), star("", "c/d"), later});
  CHECK(digest.sections[0].items[0].count == 3);
}

TEST_CASE("items come in the order of the catalog and links oldest first") {
  github::Event older = star("9", "old/one");
  older.created_at -= std::chrono::hours(1);
  const Digest digest = compose_one(
      {star("1", "new/one"), older, event("3", "ReleaseEvent", "a/b", {.action = "published"})});
  const auto& items = digest.sections[0].items;
  REQUIRE(items.size() == 2);
  CHECK(items[0].category->key == "releases");
  CHECK(items[1].links[0].text == "old/one");
  CHECK(items[1].links[1].text == "new/one");
}

TEST_CASE("pushes to one repository are one link with all commits") {
  const Digest digest =
      compose_one({event("1", "PushEvent", "a/b", {.commits = 10}),
                   event("2", "PushEvent", "a/b", {.commits = 2}), event("3", "PushEvent", "c/d")});
  CHECK(contains(text_of(digest), "⬆️ 3 pushes to a/b (12 commits), c/d\n"));
}

TEST_CASE("a pull request that is opened and merged appears once as merged") {
  const Digest digest =
      compose_one({event("1", "PullRequestEvent", "a/b", {.action = "opened", .number = 7}),
                   event("2", "PullRequestEvent", "a/b", {.action = "merged", .number = 7}),
                   event("3", "PullRequestEvent", "a/b", {.action = "opened", .number = 8})});
  CHECK(contains(text_of(digest), " 1 pull request: a/b#8\n"));
  CHECK(contains(text_of(digest), " 1 merged pull request: a/b#7\n"));
}

TEST_CASE("a review counts once and not at all once its author dismissed it") {
  const github::Facts approval{.action = "created", .number = 7, .name = "11", .state = "approved"};
  github::Facts other = approval;
  other.name = "12";
  github::Facts dismissal = approval;
  dismissal.action = "dismissed";
  dismissal.state = "dismissed";
  const std::string type = "PullRequestReviewEvent";
  CHECK(contains(
      text_of(compose_one({event("1", type, "a/b", approval), event("2", type, "a/b", approval)})),
      " 1 review of a/b#7 (approved)\n"));
  CHECK(contains(
      text_of(compose_one({event("1", type, "a/b", approval), event("2", type, "a/b", other)})),
      " 2 reviews of a/b#7 (approved)\n"));
  CHECK(compose_one({event("1", type, "a/b", approval), event("2", type, "a/b", dismissal)})
            .sections.empty());
}

TEST_CASE("an opened pull request stays where merged ones are not shown") {
  Composer composer(day, TimeZone::utc(), {.chosen = {{"merged_pull_requests", false}}});
  const Outcome outcome = composer.add(
      {.login = "octocat",
       .events = {event("1", "PullRequestEvent", "a/b", {.action = "opened", .number = 7}),
                  event("2", "PullRequestEvent", "a/b", {.action = "merged", .number = 7})}});
  CHECK(contains(text_of(std::move(composer).finish()), " 1 pull request: a/b#7\n"));
  CHECK(to_text(outcome) == "1 shown; left out: 1 of kinds that are switched off here");
}

TEST_CASE("the repository that a fork makes is no new one") {
  const Digest digest =
      compose_one({event("1", "ForkEvent", "up/stream", {.name = "octocat/stream"}),
                   event("2", "CreateEvent", "octocat/Stream", {.ref_type = "repository"}),
                   event("3", "CreateEvent", "octocat/own", {.ref_type = "repository"})});
  CHECK(contains(text_of(digest), " 1 new repository: octocat/own\n"));
  CHECK(contains(text_of(digest), " 1 fork of up/stream\n"));
}

TEST_CASE("the repository that a fork makes is no new one where forks are not shown") {
  const std::vector<github::Event> events = {
      event("1", "ForkEvent", "up/stream", {.name = "octocat/stream"}),
      event("2", "CreateEvent", "octocat/stream", {.ref_type = "repository"})};
  for (const Preferences& preferences : {Preferences{.hidden_kinds = {"forks"}},
                                         Preferences{.hidden_repositories = {"up/stream"}}}) {
    Composer composer(day, TimeZone::utc());
    const Outcome outcome =
        composer.add({.login = "octocat", .preferences = preferences, .events = events});
    CHECK(to_text(outcome) ==
          "0 shown; left out: 1 hidden by own choice, 1 part of something else");
    CHECK(std::move(composer).finish().sections.empty());
  }
  Composer composer(day, TimeZone::utc(), {.chosen = {{"forks", false}}});
  composer.add({.login = "octocat", .events = events});
  CHECK(std::move(composer).finish().sections.empty());
}

TEST_CASE("links to one address are one with the newest title") {
  const Digest digest = compose_one({event("1", "PullRequestReviewEvent", "a/b",
                                           {.number = 1, .title = "Old", .state = "commented"}),
                                     event("2", "PullRequestReviewEvent", "A/b",
                                           {.number = 1, .title = "New", .state = "approved"}),
                                     star("3", "Foo/Bar"), star("4", "foo/bar")});
  CHECK(contains(text_of(digest), " 2 reviews of A/b#1 New (approved)\n"));
  CHECK(contains(text_of(digest), " 2 stars for foo/bar\n"));
}

TEST_CASE("two collaborators of one repository are two links") {
  Composer composer(day, TimeZone::utc(), {.chosen = {{"collaborators", true}}});
  composer.add({.login = "octocat",
                .events = {event("1", "MemberEvent", "a/b", {.name = "ann"}),
                           event("2", "MemberEvent", "a/b", {.name = "bob"}),
                           event("3", "MemberEvent", "a/b", {.name = "Ann"})}});
  CHECK(contains(text_of(std::move(composer).finish()),
                 " 3 new collaborations: Ann on a/b, bob on a/b\n"));
}

TEST_CASE("a tag is not shown beside its release") {
  Composer composer(day, TimeZone::utc(), {.chosen = {{"tags", true}}});
  composer.add(
      {.login = "octocat",
       .events = {event("1", "ReleaseEvent", "a/b", {.action = "published", .name = "v2"}),
                  event("2", "CreateEvent", "a/b", {.ref = "v2", .ref_type = "tag"}),
                  event("3", "CreateEvent", "a/b", {.ref = "nightly", .ref_type = "tag"})}});
  CHECK(contains(text_of(std::move(composer).finish()), " 1 new tag: a/b nightly\n"));
}

TEST_CASE("every event of a person has one fate") {
  std::vector<github::Event> events = {
      star("1"),
      star("1"),
      star("2", "Secret/Repo"),
      event("3", "PushEvent", "a/b"),
      event("4", "DeleteEvent", "a/b"),
      event("5", "IssueCommentEvent", "a/b", {.action = "created"}),
      star("6"),
      star("7"),
  };
  events[6].is_public = false;
  events[7].created_at = day.until;
  Composer composer(day, TimeZone::utc());
  const Outcome outcome = composer.add(
      {.login = "octocat",
       .preferences = {.hidden_kinds = {"pushes"}, .hidden_repositories = {"secret/repo"}},
       .events = events});
  CHECK(outcome.count(Fate::shown) == 1);
  CHECK(outcome.count(Fate::repeated) == 1);
  CHECK(outcome.count(Fate::hidden) == 2);
  CHECK(outcome.count(Fate::not_counted) == 1);
  CHECK(outcome.count(Fate::switched_off) == 1);
  CHECK(outcome.count(Fate::not_public) == 1);
  CHECK(outcome.count(Fate::outside) == 1);
  CHECK(to_text(outcome) ==
        "1 shown; left out: 2 hidden by own choice, 1 of kinds that are switched off here, 1 part "
        "of something else, 1 of kinds that are never shown, 1 private or of a bot");
}

TEST_CASE("a late event counts from the start of the grace period on") {
  github::Event late = star("1");
  late.created_at = day.since - std::chrono::hours(3);
  github::Event too_late = star("2", "c/d");
  too_late.created_at = day.since - std::chrono::hours(25);
  const Window window{
      .since = day.since, .until = day.until, .late_since = day.since - std::chrono::hours(24)};
  const Digest digest =
      compose({{.login = "octocat", .events = {late, too_late}}}, window, TimeZone::utc());
  CHECK(digest.sections.at(0).items.at(0).count == 1);
}

TEST_CASE("people with nothing counted are left out") {
  const Digest digest = compose({{.login = "quiet", .events = {event("1", "DeleteEvent", "a/b")}},
                                 {.login = "active", .events = {star("2")}}},
                                day, TimeZone::utc());
  CHECK(logins(digest) == std::vector<std::string>{"active"});
}

TEST_CASE("the order of people depends on the date alone") {
  const auto of = [](std::vector<Person> people, const Window& window) {
    return logins(compose(people, window, TimeZone::utc()));
  };
  std::vector<Person> backwards = crowd(12, 1);
  std::ranges::reverse(backwards);
  const auto order = of(crowd(12, 1), day);
  CHECK(order == of(backwards, day));
  CHECK(order ==
        of(crowd(12, 1), {.since = day.since, .until = day.until + std::chrono::hours(3)}));
  CHECK(order !=
        of(crowd(12, 1), {.since = day.since, .until = day.until + std::chrono::hours(24)}));
  CHECK(std::set<std::string>(order.begin(), order.end()).size() == 12);
}

TEST_CASE("the date that orders people is that of the zone") {
  const TimeZone tokyo = *TimeZone::find("Asia/Tokyo");  // 2026-11-22T16:00Z is the 23rd there
  const Window late{.since = day.since, .until = at("2026-11-22T16:00:00Z")};
  const Window next{.since = day.since, .until = at("2026-11-23T01:00:00Z")};
  CHECK(logins(compose(crowd(12, 1), late, tokyo)) == logins(compose(crowd(12, 1), next, tokyo)));
}

TEST_CASE("two members with one GitHub account are both shown") {
  const Digest digest = compose({{.login = "octocat", .user = {"U1"}, .events = {star("1")}},
                                 {.login = "octocat", .user = {"U2"}, .events = {star("1")}}},
                                day, TimeZone::utc());
  CHECK(digest.sections.size() == 2);
}

TEST_CASE("a member is mentioned and anyone else linked") {
  const Digest digest = compose({{.login = "ann", .user = {"U1"}, .events = {star("1")}},
                                 {.login = "bob", .events = {star("2")}}},
                                day, TimeZone::utc());
  const std::string rendered = chat::slack::render(render(digest)[1]);
  CHECK(contains(rendered, "*<@U1>*\\n:star: 1 star for <https://github.com/a/b|a/b>"));
  CHECK(contains(rendered, "*<https://github.com/bob|bob>*\\n"));
}

TEST_CASE("every link of a digest is below the address of the GitHub that was set") {
  Person person{.login = "ann", .first_pull_request = "0"};
  for (int i = 0; i < 30; ++i) {
    person.events.push_back(event(std::to_string(i), "PullRequestEvent", "a/b",
                                  {.action = "opened", .number = i, .title = "Mend it"}));
  }
  for (const chat::Message& message :
       render(compose({person}, day, TimeZone::utc()),
              {.web_url = "https://github.example.org", .length = &chat::slack::length})) {
    const std::string rendered = chat::slack::render(message);
    CHECK(contains(rendered, "<https://github.example.org/a"));
    CHECK_FALSE(contains(rendered, "github.com"));
  }
}

TEST_CASE("whoever wants no mention is named with a link") {
  const Digest digest = compose(
      {{.login = "ann", .user = {"U1"}, .preferences = {.mention = false}, .events = {star("1")}}},
      day, TimeZone::utc());
  const std::string rendered = chat::slack::render(render(digest)[1]);
  CHECK_FALSE(contains(rendered, "<@U1>"));
  CHECK(contains(rendered, "*<https://github.com/ann|ann>*\\n"));
}

TEST_CASE("a member has a picture beside the section") {
  const Digest digest =
      compose({{.login = "ann", .avatar_url = "https://example.org/a.png", .events = {star("1")}}},
              day, TimeZone::utc());
  const json::value message = json::parse(chat::slack::render(render(digest)[1]));
  const json::value& accessory = message.at("blocks").at(0).at("accessory");
  CHECK(accessory.at("type").as_string() == "image");
  CHECK(accessory.at("image_url").as_string() == "https://example.org/a.png");
  CHECK(accessory.at("alt_text").as_string() == "Picture of ann");
}

std::vector<std::string> highlights_of(std::vector<Person> people, const Kinds& kinds = {}) {
  Composer composer(day, TimeZone::utc(), kinds);
  for (const Person& person : people) {
    composer.add(person);
  }
  const std::string lead =
      chat::render_terminal(render(std::move(composer).finish())[0], chat::Color::never);
  const std::size_t start = lead.find("Highlights\n");
  if (start == std::string::npos) {
    return {};
  }
  std::vector<std::string> lines;
  for (const std::string_view line : split(std::string_view(lead).substr(start + 11), '\n')) {
    if (line.empty()) {
      break;
    }
    lines.emplace_back(line);
  }
  return lines;
}

TEST_CASE("what several members starred or worked on leads the digest") {
  const auto people = [] {
    return std::vector<Person>{
        {.login = "ann", .events = {star("1", "Fast/api"), event("2", "PushEvent", "our/site")}},
        {.login = "bob",
         .events = {star("3", "fast/api"),
                    event("4", "PullRequestReviewEvent", "our/site", {.number = 1})}},
        {.login = "cyd", .events = {star("5", "fast/api"), star("6", "fast/api"), star("7")}}};
  };
  CHECK(highlights_of(people()) ==
        std::vector<std::string>{"🌟 3 members starred Fast/api",
                                 "👥 2 members contributed to our/site"});
  std::vector<Person> hiding = people();
  hiding[1].preferences.hidden_repositories = {"fast/api", "our/site"};
  CHECK(highlights_of(hiding) == std::vector<std::string>{"🌟 2 members starred Fast/api"});
  CHECK(highlights_of(people(), {.chosen = {{"stars", false}, {"pushes", false}}}).empty());
}

TEST_CASE("an account that two members have linked is one member of a highlight") {
  CHECK(highlights_of({{.login = "ann", .events = {star("1", "fast/api")}},
                       {.login = "bob", .events = {star("2", "fast/api")}},
                       {.login = "Ann", .events = {star("1", "fast/api")}}}) ==
        std::vector<std::string>{"🌟 2 members starred fast/api"});
  CHECK(highlights_of(
            {{.login = "ann", .events = {star("1")}}, {.login = "ann", .events = {star("1")}}})
            .empty());
}

TEST_CASE("long highlights leave room for the number of the others") {
  std::vector<Person> people = {{.login = "ann"}, {.login = "bob"}};
  for (Person& person : people) {
    for (int i = 0; i < 8; ++i) {
      person.events.push_back(
          star(person.login + std::to_string(i), std::to_string(i) + std::string(100, '*') + "/r"));
    }
  }
  const auto lines = highlights_of(people);
  REQUIRE(lines.size() > 1);
  CHECK(lines.back().starts_with("and "));
  CHECK(lines.back().ends_with(" more below"));
}

TEST_CASE("first releases and first pull requests are highlights") {
  CHECK(highlights_of(
            {{.login = "ann",
              .first_pull_request = "2",
              .events = {event("1", "ReleaseEvent", "a/b",
                               {.action = "published", .name = "v1", .first_release = true}),
                         event("2", "PullRequestEvent", "c/d", {.action = "opened", .number = 5}),
                         event("3", "PullRequestEvent", "c/d", {.action = "merged", .number = 5}),
                         event("4", "PullRequestEvent", "c/d", {.action = "opened", .number = 6}),
                         event("5", "ReleaseEvent", "a/c",
                               {.action = "published", .name = "v2"})}}}) ==
        std::vector<std::string>{"🎉 First release: a/b v1",
                                 "🎉 First pull request of ann that we have seen: c/d#5"});
}

TEST_CASE("highlights beyond the first eight are counted") {
  std::vector<Person> people = {{.login = "ann"}, {.login = "bob"}};
  for (Person& person : people) {
    for (int i = 0; i < 11; ++i) {
      person.events.push_back(star(person.login + std::to_string(i), "a/r" + std::to_string(i)));
    }
  }
  const auto lines = highlights_of(people);
  REQUIRE(lines.size() == 9);
  CHECK(lines.back() == "and 3 more below");
}

TEST_CASE("a digest says its date and window in the zone and what happened in all") {
  const Digest digest = compose({{.login = "ann", .events = {star("1"), star("2", "c/d")}}}, day,
                                *TimeZone::find("Europe/Berlin"));
  const std::string text = text_of(digest);
  CHECK(text.starts_with("GitHub activity, Sunday, November 22, 2026\n"));
  CHECK(contains(text, "From 2026-11-21 13:00 to 2026-11-22 13:00 (Europe/Berlin)\n"));
  CHECK(contains(text, "1 person: 2 stars\n"));
}

TEST_CASE("a window of many days says both ends") {
  const Digest digest =
      compose({}, {.since = at("2026-11-01T00:00:00Z"), .until = at("2026-11-08T00:00:00Z")},
              TimeZone::utc());
  CHECK(text_of(digest).starts_with("GitHub activity, November 1, 2026 to November 7, 2026\n"));
}

TEST_CASE("the fallback reads as plain sentences with what was done") {
  const Digest digest = compose_one({event("1", "PushEvent", "a/b", {.commits = 10}), star("2")});
  CHECK(contains(render(digest)[1].fallback,
                 "\noctocat: 1 push to a/b (10 commits); 1 star for a/b."));
}

TEST_CASE("a quiet day is one friendly message") {
  const auto messages = render(compose({}, day, TimeZone::utc()));
  REQUIRE(messages.size() == 1);
  CHECK(contains(messages[0].fallback, "All quiet"));
  CHECK(complaints(chat::slack::render(messages[0])).empty());
}

TEST_CASE("a day that GitHub could not be asked about is not called quiet") {
  Digest digest = compose({}, day, TimeZone::utc());
  digest.is_unknown = true;
  const auto messages = render(digest);
  REQUIRE(messages.size() == 1);
  CHECK_FALSE(contains(messages[0].fallback, "quiet"));
  CHECK(contains(messages[0].fallback, "GitHub could not be asked"));
  CHECK(complaints(chat::slack::render(messages[0])).empty());
}

TEST_CASE("at most ten links of a category are shown") {
  std::vector<github::Event> events;
  for (int i = 0; i < 13; ++i) {
    events.push_back(star(std::to_string(i), "a/r" + std::to_string(i)));
  }
  const std::string text = text_of(compose_one(events));
  CHECK(contains(text, "13 stars for a/r0, "));
  CHECK(contains(text, " and 3 more\n"));
  CHECK(contains(chat::slack::render(render(compose_one(events))[1]),
                 "and <https://github.com/octocat|3 more>"));
}

std::size_t count_links(std::string_view rendered) {
  std::size_t links = 0;
  for (std::size_t at = 0; (at = rendered.find("<https://", at)) != std::string_view::npos; ++at) {
    ++links;
  }
  return links;
}

TEST_CASE("titles of every script leave room for the same number of links") {
  for (const char* title : {"Give every worker a queue of its own", "Своя очередь каждому потоку",
                            "作業スレッドごとに独自のキューを用意する", "🎉🎉🎉 🎉🎉🎉 🎉🎉🎉"}) {
    CAPTURE(title);
    std::vector<github::Event> events;
    for (int i = 0; i < 20; ++i) {
      events.push_back(
          event(std::to_string(i), "PullRequestEvent", "busy-beaver-dev/busy-beaver",
                {.action = i < 10 ? "opened" : "merged", .number = 100 + i, .title = title}));
    }
    const auto messages = render(compose_one(events));
    const std::string rendered = chat::slack::render(messages[1]);
    CHECK(complaints(rendered).empty());
    CHECK(count_links(rendered) == 1 + 20);  // the profile and the pull requests
  }
}

TEST_CASE("a section that has no room for any link of a kind leads to the profile") {
  const std::string repo = "owner-of-thirty-nine-characters-a-name/" + std::string(100, 'r');
  const std::string title = [] {
    std::string text;
    while (text.size() < 400) {
      text += "*<&> ";
    }
    return text;
  }();
  std::vector<github::Event> events;
  for (const char* type :
       {"ReleaseEvent", "PublicEvent", "IssuesEvent", "PullRequestEvent", "WatchEvent"}) {
    for (int i = 0; i < 30; ++i) {
      events.push_back(event(type + std::to_string(i), type, repo + std::to_string(i),
                             {.action = std::string_view(type) == "WatchEvent"     ? "started"
                                        : std::string_view(type) == "ReleaseEvent" ? "published"
                                                                                   : "opened",
                              .number = i,
                              .title = title,
                              .name = title + std::to_string(i)}));
    }
  }
  const auto messages = render(compose_one(events));
  const std::string rendered = chat::slack::render(messages[1]);
  CHECK(complaints(rendered).empty());
  CHECK(count_links(rendered) >= 3);
  CHECK(contains(rendered, "and <https://github.com/octocat|"));
}

TEST_CASE("any number of people fits the limits of Slack") {
  for (const int size : {1, 24, 25, 43, 44, 60, 500}) {
    for (const int events_each : {1, 40}) {
      CAPTURE(size);
      CAPTURE(events_each);
      const auto messages = render(compose(crowd(size, events_each), day, TimeZone::utc()));
      std::size_t sections = 0;
      for (const chat::Message& message : messages) {
        for (const std::string& complaint : complaints(chat::slack::render(message))) {
          FAIL_CHECK(complaint);
        }
        sections +=
            static_cast<std::size_t>(std::ranges::count_if(message.blocks, [](const auto& b) {
              return std::holds_alternative<chat::Section>(b);
            }));
      }
      const std::size_t sections_of_lead = crowd(size, events_each).size() > 1 ? 2 : 1;
      sections -= sections_of_lead;
      CHECK(sections == static_cast<std::size_t>(size));
    }
  }
}

TEST_CASE("hostile names and titles of any length fit the limits of Slack") {
  std::vector<Person> people;
  for (const char* part : {"&", "*", "`", "<", "ü", "\u202E", "🎉", "|", "\xff", ">\n"}) {
    std::string text;
    for (int i = 0; i < 5'000; ++i) {
      text += part;
    }
    Person person{.login = text};
    for (int i = 0; i < 30; ++i) {
      person.events.push_back(event(std::to_string(i), i % 2 == 0 ? "ReleaseEvent" : "IssuesEvent",
                                    i % 3 == 0 ? text : "a/b" + std::to_string(i),
                                    {.action = i % 2 == 0 ? "published" : "opened",
                                     .number = i,
                                     .title = text,
                                     .name = text}));
    }
    people.push_back(std::move(person));
  }
  for (const chat::Message& message : render(compose(people, day, TimeZone::utc()))) {
    for (const std::string& complaint : complaints(chat::slack::render(message))) {
      FAIL_CHECK(complaint);
    }
  }
}

TEST_CASE("one verbose member costs no other the details of the fallback") {
  std::vector<Person> people = crowd(20, 2);
  Person verbose{.login = "verbose"};
  for (int i = 0; i < 60; ++i) {
    verbose.events.push_back(event("v" + std::to_string(i),
                                   i % 2 == 0 ? "ReleaseEvent" : "IssuesEvent",
                                   "a/b" + std::to_string(i),
                                   {.action = i % 2 == 0 ? "published" : "opened",
                                    .number = i,
                                    .title = std::string(90, 't'),
                                    .name = std::string(90, 'n')}));
  }
  people.push_back(std::move(verbose));
  std::string fallback;
  for (const chat::Message& message : render(compose(people, day, TimeZone::utc()))) {
    CHECK(length_of(message.fallback) <= 4'000);
    fallback += message.fallback;
  }
  for (int i = 0; i < 20; ++i) {
    CHECK(contains(fallback, "\nmember-" + std::to_string(i) + ": 1 pull request: organisation/"));
  }
}

TEST_CASE("messages with people say which part they are") {
  const auto messages = render(compose(crowd(60, 1), day, TimeZone::utc()));
  REQUIRE(messages.size() == 3);
  CHECK(messages[1].fallback.starts_with(
      "GitHub activity, Sunday, November 22, 2026, part 1 of 2:\nmember-"));
  const auto one = render(compose(crowd(2, 1), day, TimeZone::utc()));
  REQUIRE(one.size() == 2);
  CHECK(one[1].fallback.starts_with("GitHub activity, Sunday, November 22, 2026:\nmember-"));
}

}  // namespace
}  // namespace bb::github_activity

// Digests of many members over several days: nobody spoils it for the others, and what was done is
// told once.
#include <algorithm>
#include <boost/json.hpp>
#include <map>
#include <set>
#include <sstream>

#include "app/digest_commands.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "tests/scenario/world.hpp"

namespace bb::tests {
namespace {

constexpr std::chrono::hours day(24);

struct Member {
  std::string user;
  std::int64_t github_id = 0;
  std::string login;
};

struct DigestWorld : World {
  // Members who said connect long ago.
  std::vector<Member> link_members(std::size_t count) {
    std::vector<Member> members;
    for (std::size_t i = 0; i < count; ++i) {
      const std::string login = "member-" + std::to_string(i);
      const auto id = static_cast<std::int64_t>(10'000 + i);
      members.push_back({.user = add_member(login, id, login), .github_id = id, .login = login});
    }
    auto database = storage::open(config.database_uri).value();
    database->write([&](storage::Connection& connection) {
      for (const Member& member : members) {
        connection.execute(
            "INSERT INTO github_account (workspace_id, user_id, dm_channel, github_id, login, "
            "linked_at) VALUES ($1, $2, $3, $4, $5, $6)",
            {app->workspace().id, member.user, slack->direct_channel(member.user), member.github_id,
             member.login, clock.now() - 10 * day});
        connection.execute(
            "INSERT INTO poll_state (github_id, etag, next_poll_at, allowed_at, failures, error) "
            "VALUES ($1, '', $2, $3, 0, '')",
            {member.github_id, clock.now(), clock.now()});
      }
    });
    return members;
  }

  // Asks for a digest and waits until all of it is posted: what was posted since.
  std::string digest() {
    const std::size_t before = slack->messages(general).size();
    const std::string job_id = summarise("general");
    for (int i = 0; i < 40 && job(job_id).find("\"done\"") == std::string::npos; ++i) {
      settle();
    }
    REQUIRE(job(job_id).find("\"done\"") != std::string::npos);
    std::string text;
    const auto messages = slack->messages(general);
    for (std::size_t i = before; i < messages.size(); ++i) {
      text += messages[i].blocks + "\n";
    }
    return text;
  }

  // Asks for a digest and stops as soon as that many messages of it are posted: its job.
  std::string begin_digest(std::size_t posted) {
    const http::Response response =
        post("/github-summary", R"({"channel": "general"})", api_headers());
    for (int i = 0; i < 60 && slack->messages(general).size() < posted; ++i) {
      clock.advance(std::chrono::seconds(1));
      app->tick();
      app->run_due();
    }
    REQUIRE(slack->messages(general).size() == posted);
    return json::required_string(json::parse(response.body).value(), "data.job_id").value();
  }

  // Logins of those whom a message of a digest shows.
  std::vector<std::string> people_of(const std::string& digest, std::int64_t message) {
    auto database = storage::open(config.database_uri).value();
    std::vector<std::string> logins;
    for (const storage::Row& row : database->read([&](storage::Connection& connection) {
           return connection.query(
               "SELECT login FROM digest_member WHERE digest_id = $1 AND message = $2 ORDER BY "
               "login",
               {digest, message});
         })) {
      logins.push_back(row.text(0));
    }
    return logins;
  }

  // All that stands in #general.
  [[nodiscard]] std::string posted() const {
    std::string text;
    for (const sim::SlackMessage& message : slack->messages(general)) {
      text += message.text + message.blocks + "\n";
    }
    return text;
  }

  // What `digest explain` prints about today.
  std::string explain(const std::string& member = {}) {
    auto database = storage::open(config.database_uri).value();
    std::ostringstream out;
    std::ostringstream err;
    app::explain_digests(*database, {.date = {}, .member = member}, TimeZone::utc(), clock, out,
                         err);
    return out.str() + err.str();
  }
};

std::size_t count(std::string_view text, std::string_view part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string_view::npos;
       at = text.find(part, at + 1)) {
    ++found;
  }
  return found;
}

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

std::string mention(const Member& member) {
  return "<@" + member.user + ">";
}

}  // namespace

TEST_CASE("the members of a digest follow in its thread or in the channel") {
  for (const auto layout : {github_activity::Layout::thread, github_activity::Layout::channel}) {
    DigestWorld world;
    world.config.digest.layout = layout;
    world.start();
    world.link_members(1);
    world.github->add_event("member-0", sim::star("fmtlib/fmt"));
    world.digest();
    const auto messages = world.slack->messages(world.general);
    REQUIRE(messages.size() == 2);
    CHECK(has(messages[0].text, "1 person: 1 star"));
    CHECK(messages[0].thread.empty());
    CHECK(messages[1].thread ==
          (layout == github_activity::Layout::thread ? messages[0].ts : std::string()));
  }
}

TEST_CASE("the date of a digest is that of the time zone that was set") {
  DigestWorld world;
  world.clock.advance(std::chrono::hours(8));  // 02:00 of the 21st in UTC
  world.config.digest.zone = TimeZone::find("America/Chicago").value();
  world.start();
  world.link_members(1);
  world.github->add_event("member-0", sim::star("fmtlib/fmt"));
  CHECK(has(world.digest(), "GitHub activity, Friday, November 20, 2026"));
}

TEST_CASE("a digest of 500 active members is posted whole") {
  DigestWorld world;
  world.start();
  const auto members = world.link_members(500);
  for (std::size_t i = 0; i < members.size(); ++i) {
    const std::string& login = members[i].login;
    const std::string own = login + "/project";
    world.github->add_event(login, sim::star("fmtlib/fmt"));
    world.github->add_event(login, sim::push(own));
    world.github->add_event(login, sim::pull_request_opened(own, static_cast<std::int64_t>(i)));
  }
  const std::string posted = world.digest();
  CHECK(has(posted, "500 members starred <" + world.github->web_url() + "/fmtlib/fmt|fmtlib/fmt>"));
  CHECK(has(posted, "500 people: 500 pull requests, 500 pushes and 500 stars"));
  for (const Member& member : members) {
    CAPTURE(member.login);
    CHECK(count(posted, mention(member)) == 1);
    CHECK(has(posted, world.github->web_url() + "/" + member.login + "/project/pull/"));
  }
}

TEST_CASE("deleted and renamed and failing accounts cost only what they did") {
  DigestWorld world;
  world.config.remote_time = std::chrono::milliseconds(500);
  world.start();
  const auto members = world.link_members(100);
  const std::set<std::size_t> deleted = {3, 20, 41, 77, 99};
  const std::set<std::size_t> renamed = {0, 21, 42, 78, 98};
  sim::Fault forbidden = sim::error_word("Repository access blocked");
  forbidden.status = 403;
  const std::map<std::size_t, sim::Fault> failing = {{1, sim::server_error()},
                                                     {22, sim::no_answer()},
                                                     {43, sim::html_instead()},
                                                     {79, forbidden},
                                                     {97, sim::cut_short()}};
  for (std::size_t i = 0; i < members.size(); ++i) {
    world.github->add_event(members[i].login, sim::star("owner/repository-" + std::to_string(i)));
    if (deleted.contains(i)) {
      world.github->delete_user(members[i].login);
    } else if (renamed.contains(i)) {
      world.github->rename(members[i].login, "now-" + members[i].login);
    } else if (failing.contains(i)) {
      sim::Fault fault = failing.at(i);
      fault.times = 1'000;
      world.github->add_fault("/users/" + members[i].login + "/events/public", fault);
    }
  }
  world.settle();
  const std::string posted = world.digest();
  for (std::size_t i = 0; i < members.size(); ++i) {
    CAPTURE(i);
    const bool is_lost = deleted.contains(i) || failing.contains(i);
    CHECK(count(posted, mention(members[i])) == (is_lost ? 0 : 1));
    CHECK(has(posted, "owner/repository-" + std::to_string(i) + "|") == !is_lost);
  }
  const std::string explained = world.explain();
  CHECK(count(explained, "GitHub does not show the account since") == deleted.size());
  CHECK(count(explained, "GitHub could not be asked") == failing.size());
  CHECK(count(explained, ": shown [1 shown]") == 90);
  CHECK(has(explained, "now-member-21 (" + members[21].user + "): shown"));
}

TEST_CASE("an event that GitHub shows late is told once the next day") {
  DigestWorld world;
  world.start();
  world.link_members(1);
  world.github->add_event("member-0", sim::star("on/time"));
  CHECK(has(world.digest(), "on/time"));
  // It happened three hours before the digest above and appears only now.
  world.github->add_event("member-0", sim::star("too/late"),
                          world.clock.now() - std::chrono::hours(3));
  world.clock.advance(day - std::chrono::minutes(2));
  world.github->add_event("member-0", sim::star("next/day"));
  const std::string second = world.digest();
  CHECK(has(second, "too/late"));
  CHECK(has(second, "next/day"));
  CHECK_FALSE(has(second, "on/time"));
  world.clock.advance(day);
  const std::string third = world.digest();
  CHECK_FALSE(has(third, "too/late"));
  CHECK_FALSE(has(third, "next/day"));
  CHECK(has(third, "All quiet"));
}

TEST_CASE("what GitHub did not tell for days is part of the digest once it does") {
  DigestWorld world;
  world.start();
  world.link_members(2);
  world.digest();
  sim::Fault broken = sim::server_error();
  broken.times = 1'000;
  world.github->add_fault("/users/member-0/events/public", broken);
  world.clock.advance(std::chrono::hours(3));
  world.github->add_event("member-0", sim::star("long/ago"));
  world.clock.advance(day);
  CHECK_FALSE(has(world.digest(), "long/ago"));
  world.clock.advance(day);
  CHECK_FALSE(has(world.digest(), "long/ago"));
  world.github->clear_faults();
  world.clock.advance(day);
  CHECK(has(world.digest(), "long/ago"));
  world.clock.advance(day);
  CHECK_FALSE(has(world.digest(), "long/ago"));
}

TEST_CASE("a digest follows on the last one even if that was a weekend ago") {
  DigestWorld world;
  world.start();
  world.link_members(1);
  world.digest();
  world.github->add_event("member-0", sim::star("on/saturday"),
                          world.clock.now() + std::chrono::hours(15));
  world.clock.advance(3 * day);
  CHECK(has(world.digest(), "on/saturday"));
}

TEST_CASE("what a digest could not post is part of the next one") {
  DigestWorld world;
  world.start();
  world.link_members(1);
  world.github->add_event("member-0", sim::star("fmtlib/fmt"));
  sim::Fault too_long = sim::error_word("msg_too_long");
  too_long.times = 4;  // the first message and the member, each as plain text too
  world.slack->add_fault("chat.postMessage", too_long);
  const std::string failed = world.summarise("general");
  CHECK(has(world.job(failed), "\"failed\""));
  CHECK(world.slack->messages(world.general).empty());
  world.clock.advance(day);
  CHECK(has(world.digest(), "fmtlib/fmt"));
}

TEST_CASE("a digest whose first message may be in the chat is not told again") {
  DigestWorld world;
  world.config.remote_time = std::chrono::milliseconds(300);
  world.start();
  world.link_members(1);
  world.github->add_event("member-0", sim::star("fmtlib/fmt"));
  world.slack->add_fault("chat.postMessage", sim::no_answer());
  sim::Fault unreadable = sim::error_word("missing_scope");
  unreadable.times = 1'000;
  world.slack->add_fault("conversations.history", unreadable);
  const std::string job = world.summarise("general");
  world.clock.advance(std::chrono::minutes(1));
  world.settle();
  CHECK(has(world.job(job), "POST_UNCERTAIN"));
  CHECK(count(world.posted(), "fmtlib/fmt|") == 1);
  world.clock.advance(day);
  CHECK_FALSE(has(world.digest(), "fmtlib/fmt"));
}

TEST_CASE("members whose part could not be posted are told of in the next digest") {
  DigestWorld world;
  world.start();
  const auto members = world.link_members(60);
  for (const Member& member : members) {
    world.github->add_event(member.login, sim::star("stars-of/" + member.login));
  }
  const std::string job = world.begin_digest(2);
  sim::Fault too_long = sim::error_word("msg_too_long");
  too_long.times = 2;  // as plain text too
  world.slack->add_fault("chat.postMessage", too_long);
  world.settle();
  CHECK(has(world.job(job), "msg_too_long"));
  const std::vector<std::string> unreached = world.people_of(job, 2);
  REQUIRE(unreached.size() > 1);
  CHECK_FALSE(has(world.posted(), "stars-of/" + unreached.front() + "|"));
  world.clock.advance(day);
  CHECK(has(world.say(members[0].user, "preview"), "stars-of/member-0") ==
        (std::ranges::count(unreached, "member-0") == 1));
  const std::string second = world.digest();
  for (const Member& member : members) {
    CAPTURE(member.login);
    CHECK(has(second, "stars-of/" + member.login + "|") ==
          (std::ranges::count(unreached, member.login) == 1));
  }
  world.clock.advance(day);
  CHECK(has(world.digest(), "All quiet"));
}

TEST_CASE("what a member says while a digest waits to be posted counts for it") {
  for (const char* wish : {"pause", "disconnect", "hide stars"}) {
    CAPTURE(wish);
    DigestWorld world;
    world.start();
    const auto members = world.link_members(3);
    for (const Member& member : members) {
      world.github->add_event(member.login, sim::star("stars-of/" + member.login));
      world.github->add_event(member.login, sim::star("fmtlib/fmt"));
    }
    world.slack->add_fault("chat.postMessage", sim::rate_limited(std::chrono::minutes(10)));
    const std::string job = world.begin_digest(0);
    world.settle();
    REQUIRE(world.posted().empty());
    world.say(members[0].user, wish);
    world.clock.advance(std::chrono::minutes(10));
    world.settle();
    const std::string posted = world.posted();
    CHECK(world.slack->messages(world.general).size() == 2);
    CHECK_FALSE(has(posted, members[0].user));
    CHECK_FALSE(has(posted, "stars-of/member-0"));
    CHECK(has(posted, "2 members starred"));
    CHECK(has(posted, "stars-of/member-1"));
    CHECK(has(posted, "stars-of/member-2"));
    CHECK(has(world.job(job), "\"done\""));
    world.clock.advance(day);
    CHECK(has(world.digest(), "All quiet"));
  }
}

TEST_CASE("noping takes the mention out of a digest that waits to be posted") {
  DigestWorld world;
  world.start();
  const auto members = world.link_members(1);
  world.github->add_event("member-0", sim::star("fmtlib/fmt"));
  world.slack->add_fault("chat.postMessage", sim::rate_limited(std::chrono::minutes(10)));
  world.begin_digest(0);
  world.settle();
  world.say(members[0].user, "noping");
  world.clock.advance(std::chrono::minutes(10));
  world.settle();
  CHECK(has(world.posted(), "fmtlib/fmt"));
  CHECK_FALSE(has(world.posted(), members[0].user));
}

TEST_CASE("a part of a digest that waits is posted without the member who pauses") {
  DigestWorld world;
  world.start();
  const auto members = world.link_members(100);
  for (const Member& member : members) {
    world.github->add_event(member.login, sim::star("stars-of/" + member.login));
  }
  const std::string job = world.begin_digest(2);
  const std::vector<std::string> third = world.people_of(job, 3);
  REQUIRE(third.size() > 1);
  const auto paused = std::ranges::find(members, third.front(), &Member::login);
  world.say(paused->user, "pause");
  world.settle();
  const std::string posted = world.posted();
  CHECK(has(posted, "part 3 of "));
  for (const Member& member : members) {
    CAPTURE(member.login);
    CHECK(count(posted, mention(member)) == (member.user == paused->user ? 0 : 1));
  }
  CHECK(has(world.explain(paused->login), "paused since"));
}

TEST_CASE("an extra digest takes nothing from the next regular one") {
  DigestWorld world;
  world.start();
  world.link_members(1);
  world.digest();
  world.clock.advance(std::chrono::hours(17));
  world.github->add_event("member-0", sim::star("in/both"));
  CHECK(has(world.digest(), "in/both"));
  world.clock.advance(std::chrono::hours(7));
  CHECK(has(world.digest(), "in/both"));
}

TEST_CASE("what a member did before linking is not told as late") {
  DigestWorld world;
  world.start();
  world.digest();
  world.clock.advance(day);
  const std::string ada = world.add_member("Ada", 1001, "ada-builds");
  world.github->add_event("ada-builds", sim::star("last/week"), world.clock.now() - day * 3 / 2);
  world.github->add_event("ada-builds", sim::star("this/morning"));
  world.connect(ada, "ada-builds");
  const std::string posted = world.digest();
  CHECK(has(posted, "this/morning"));
  CHECK_FALSE(has(posted, "last/week"));
}

TEST_CASE("digest explain gives a reason for every linked member") {
  DigestWorld world;
  world.start();
  const auto members = world.link_members(5);
  world.github->add_event("member-0", sim::star("fmtlib/fmt"));
  world.slack->change_channel(world.general, [&](sim::SlackChannel& channel) {
    std::erase(channel.members, members[1].user);
  });
  auto database = storage::open(world.config.database_uri).value();
  database->write([&](storage::Connection& connection) {
    connection.execute("UPDATE github_account SET paused_at = $1 WHERE user_id = $2",
                       {world.clock.now(), members[2].user});
    connection.execute("UPDATE github_account SET preferences = $1 WHERE user_id = $2",
                       {R"({"hidden_kinds":["stars"]})", members[3].user});
  });
  for (const std::size_t quiet : {1UZ, 2UZ, 3UZ}) {
    world.github->add_event(members[quiet].login, sim::star("not/shown"));
  }
  CHECK_FALSE(has(world.digest(), "not/shown"));
  const std::string explained = world.explain();
  CHECK(has(explained, "member-0 (" + members[0].user + "): shown [1 shown]\n"));
  CHECK(has(explained, "member-1 (" + members[1].user + "): not in the channel\n"));
  CHECK(has(explained, "member-2 (" + members[2].user + "): paused since 2026-11-20 18:"));
  CHECK(has(explained, "): hidden by own choice [0 shown; left out: 1 hidden by own choice]\n"));
  CHECK(has(explained, "member-4 (" + members[4].user + "): nothing counted [0 shown]\n"));
  CHECK(count(world.explain("@Member-3"), "\n") == 2);
  CHECK(has(world.explain("nobody"), "nobody was not linked"));
}

TEST_CASE("a workspace chooses which kinds of activity it sees") {
  DigestWorld world;
  world.start();
  world.link_members(1);
  auto database = storage::open(world.config.database_uri).value();
  std::ostringstream out;
  std::ostringstream err;
  CHECK(app::choose_kinds(*database, {.on = {"new tags"}, .off = {"stars"}}, out, err) == 0);
  CHECK(has(out.str(), "off stars"));
  CHECK(has(out.str(), "on  tags"));
  CHECK(app::choose_kinds(*database, {.on = {"cookies"}, .off = {}}, out, err) == 2);
  CHECK(has(err.str(), "there is no kind 'cookies'"));
  world.github->add_event("member-0", sim::star("fmtlib/fmt"));
  world.github->add_event("member-0", sim::new_repository("member-0/otter"));
  const std::string posted = world.digest();
  CHECK_FALSE(has(posted, "fmtlib/fmt"));
  CHECK(has(posted, "member-0/otter"));
  CHECK(has(world.explain(), "1 of kinds that are switched off here"));
}

}  // namespace bb::tests

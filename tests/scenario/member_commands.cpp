// Members see and control what is said about them; each choice counts from the next summary on.
#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <map>

#include "base/json.hpp"
#include "base/text.hpp"
#include "storage/migrations.hpp"
#include "tests/scenario/world.hpp"

namespace bb::tests {
namespace {

// Ada has linked her account; she has starred, opened a pull request and published a release today.
class LinkedWorld : public World {
 public:
  LinkedWorld() {
    start();
    github->add_event("ada-builds", sim::star("fmtlib/fmt"));
    github->add_event("ada-builds", sim::pull_request_opened("cedar/router", 12));
    github->add_event("ada-builds", sim::release("cedar/router", "v1.0"));
    connect(ada, "ada-builds");
  }

  // What the summary that is made now says, all of its messages as one text.
  std::string next_summary() {
    const std::size_t before = slack->messages(general).size();
    summarise("general");
    const auto messages = slack->messages(general);
    std::string text;
    for (std::size_t i = before; i < messages.size(); ++i) {
      text += messages[i].text + messages[i].blocks;
    }
    return text;
  }

  // The blocks of the last answer to Ada.
  [[nodiscard]] std::string last_blocks() const { return slack->dm_messages(ada).back().blocks; }

  const std::string ada = add_member("Ada", 1001, "ada-builds");
};

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// "table.column" of every column of the bot's database.
std::vector<std::string> columns_of(const World& world) {
  return world.installation->open()->read([](storage::Connection& connection) {
    std::vector<std::string> columns;
    for (const std::string& table : storage::tables(storage::migrations())) {
      for (const std::string& column : connection.layout(table).columns) {
        columns.push_back(table + "." + column);
      }
    }
    return columns;
  });
}

const std::vector<std::string> words_of_members = {
    "pause", "resume", "preview", "hide stars", "show stars", "noping", "ping", "status", "export"};

}  // namespace

TEST_CASE("help lists the words of members with connect first") {
  LinkedWorld world;
  const std::string help = world.say(world.ada, "help");
  std::size_t position = help.find("\nconnect: ");
  for (const char* word :
       {"\ndisconnect: ", "\npause: ", "\nresume: ", "\npreview: ", "\nhide OWNER/REPO or a kind",
        "\nshow OWNER/REPO or a kind", "\nnoping: ", "\nping: ", "\nstatus: ", "\nexport: "}) {
    CAPTURE(word);
    const std::size_t next = help.find(word);
    REQUIRE(next != std::string::npos);
    CHECK(position < next);
    position = next;
  }
}

TEST_CASE("somebody without a linked account hears how to connect") {
  World world;
  const std::string ben = world.add_member("Ben", 1002, "ben");
  world.start();
  for (const std::string& word : words_of_members) {
    CAPTURE(word);
    CHECK(contains(world.say(ben, word), "Say connect to link one"));
  }
  CHECK(world.count("export_link") == 0);
}

TEST_CASE("a member who pauses is not shown until resume") {
  LinkedWorld world;
  CHECK(contains(world.next_summary(), "fmtlib/fmt"));
  CHECK(contains(world.say(world.ada, "pause"), "Paused"));
  CHECK(contains(world.say(world.ada, "pause"), "paused already"));
  const std::string paused = world.next_summary();
  CHECK_FALSE(contains(paused, "fmtlib"));
  CHECK_FALSE(contains(paused, world.ada));
  CHECK(contains(world.say(world.ada, "preview"), "you paused on 2026-11-20"));
  CHECK(contains(world.say(world.ada, "status"), "You paused on 2026-11-20"));
  CHECK(contains(world.say(world.ada, "resume"), "Welcome back"));
  CHECK(contains(world.say(world.ada, "resume"), "already"));
  CHECK(contains(world.next_summary(), "fmtlib/fmt"));
}

TEST_CASE("what a member does while paused is not shown after resume either") {
  LinkedWorld world;
  world.say(world.ada, "pause");
  world.clock.advance(std::chrono::hours(1));
  world.github->add_event("ada-builds", sim::star("not/public"));
  world.clock.advance(std::chrono::hours(1));
  world.say(world.ada, "resume");
  world.github->add_event("ada-builds", sim::star("public/again"));
  world.clock.advance(std::chrono::hours(1));
  const std::string summary = world.next_summary();
  CHECK_FALSE(contains(summary, "not/public"));
  CHECK(contains(summary, "public/again"));
  CHECK(contains(world.say(world.ada, "preview"), "1 done while paused"));
}

TEST_CASE("what a member does in one of several pauses or while disconnected is never shown") {
  LinkedWorld world;
  world.say(world.ada, "pause");
  world.clock.advance(std::chrono::hours(1));
  world.github->add_event("ada-builds", sim::star("first/pause"));
  world.clock.advance(std::chrono::hours(1));
  world.say(world.ada, "resume");
  world.clock.advance(std::chrono::hours(1));
  world.github->add_event("ada-builds", sim::star("public/between"));
  world.clock.advance(std::chrono::hours(1));
  world.say(world.ada, "pause");
  world.say(world.ada, "resume");
  std::string summary = world.next_summary();
  CHECK_FALSE(contains(summary, "first/pause"));
  CHECK(contains(summary, "public/between"));

  world.say(world.ada, "pause");
  world.clock.advance(std::chrono::hours(1));
  world.github->add_event("ada-builds", sim::star("second/pause"));
  world.clock.advance(std::chrono::hours(1));
  world.say(world.ada, "disconnect");
  world.clock.advance(std::chrono::hours(1));
  world.github->add_event("ada-builds", sim::star("while/disconnected"));
  world.clock.advance(std::chrono::hours(1));
  world.connect(world.ada, "ada-builds");
  summary = world.next_summary();
  for (const char* hidden : {"first/pause", "second/pause", "while/disconnected"}) {
    CAPTURE(hidden);
    CHECK_FALSE(contains(summary, hidden));
  }
  CHECK(contains(summary, "public/between"));
  world.clock.advance(std::chrono::hours(36 * 24));
  world.settle();
  CHECK(world.count("pause") == 0);
}

TEST_CASE("GitHub is not asked about a member who paused and is asked again after resume") {
  LinkedWorld world;
  const std::string path = "/users/ada-builds/events/public";
  REQUIRE(world.github->requests(path) > 0);
  world.say(world.ada, "pause");
  const std::size_t before = world.github->requests(path);
  world.clock.advance(std::chrono::hours(1));
  world.settle();
  world.next_summary();
  CHECK(world.github->requests(path) == before);
  world.github->add_event("ada-builds", sim::star("catchorg/Catch2"));
  world.say(world.ada, "resume");
  world.settle();
  CHECK(world.github->requests(path) > before);
  CHECK(contains(world.say(world.ada, "preview"), "catchorg/Catch2"));
}

TEST_CASE("what a member hides is left out at once and comes back when it is shown") {
  LinkedWorld world;
  world.say(world.ada, "hide stars");
  std::string summary = world.next_summary();
  CHECK_FALSE(contains(summary, "fmtlib/fmt"));
  CHECK(contains(summary, "cedar/router"));
  world.say(world.ada, "hide Cedar/Router");
  summary = world.next_summary();
  CHECK_FALSE(contains(summary, "cedar/router"));
  CHECK_FALSE(contains(summary, world.ada));
  world.say(world.ada, "show stars");
  CHECK(contains(world.next_summary(), "fmtlib/fmt"));
  world.say(world.ada, "show everything");
  summary = world.next_summary();
  CHECK(contains(summary, "fmtlib/fmt"));
  CHECK(contains(summary, "cedar/router"));
}

TEST_CASE("noping shows the name without a mention and ping mentions again") {
  LinkedWorld world;
  const std::string mention = "<@" + world.ada + ">";
  CHECK(contains(world.next_summary(), mention));
  CHECK(contains(world.say(world.ada, "noping"), "without a mention from now on"));
  CHECK(contains(world.say(world.ada, "noping"), "already"));
  const std::string summary = world.next_summary();
  CHECK_FALSE(contains(summary, world.ada));
  CHECK(contains(summary, "ada-builds"));
  world.say(world.ada, "ping");
  CHECK(contains(world.next_summary(), mention));
}

TEST_CASE("preview shows exactly the part of the next summary and why the rest is left out") {
  LinkedWorld world;
  world.say(world.ada, "hide stars");
  const std::string answer = world.say(world.ada, "preview");
  CHECK(contains(answer, "your part of the next summary"));
  CHECK(contains(answer, "1 hidden by own choice"));
  CHECK_FALSE(contains(answer, "fmtlib/fmt"));
  const boost::json::value blocks = json::parse(world.last_blocks()).value();
  REQUIRE(blocks.as_array().size() == 3);
  CHECK(contains(world.next_summary(), boost::json::serialize(blocks.at(1))));
  CHECK(world.slack->messages(world.general).size() == 2);  // by the summary, not by the preview
}

TEST_CASE("preview covers what the last summary did not") {
  LinkedWorld world;
  world.next_summary();
  world.clock.advance(std::chrono::hours(24));
  CHECK(contains(world.say(world.ada, "preview"), "nothing to show"));
  world.github->add_event("ada-builds", sim::star("catchorg/Catch2"));
  world.clock.advance(std::chrono::hours(2));  // the quiet are asked about less often
  world.settle();
  const std::string answer = world.say(world.ada, "preview");
  CHECK(contains(answer, "catchorg/Catch2"));
  CHECK_FALSE(contains(answer, "fmtlib/fmt"));
}

TEST_CASE("right after a summary preview shows what another one would show and until when") {
  LinkedWorld world;
  CHECK(contains(world.next_summary(), "fmtlib/fmt"));
  const std::string answer = world.say(world.ada, "preview");
  CHECK(contains(answer, "shows again what the last one showed"));
  const boost::json::value blocks = json::parse(world.last_blocks()).value();
  CHECK(contains(world.next_summary(), boost::json::serialize(blocks.at(1))));
  world.clock.advance(std::chrono::hours(12));
  CHECK(contains(world.say(world.ada, "preview"), "nothing to show"));
}

TEST_CASE("preview right after linking shows what the next summary shows") {
  LinkedWorld world;
  CHECK(contains(world.say(world.ada, "preview"), "fmtlib/fmt"));
  CHECK(contains(world.next_summary(), "fmtlib/fmt"));
}

TEST_CASE("preview and status say that a member is not in the channel or GitHub is silent") {
  LinkedWorld world;
  world.slack->change_channel(world.general,
                              [](sim::SlackChannel& channel) { channel.members.clear(); });
  world.next_summary();
  CHECK(contains(world.say(world.ada, "preview"), "You were not in the channel"));
  CHECK(contains(world.say(world.ada, "status"), "not in the channel"));
  sim::Fault broken = sim::server_error();
  broken.times = 100;
  world.github->add_fault("/users/ada-builds/events/public", broken);
  world.clock.advance(std::chrono::minutes(10));
  world.settle();
  CHECK(contains(world.say(world.ada, "preview"), "The last attempt failed"));
  CHECK(contains(world.say(world.ada, "status"), "The last attempt failed"));
}

TEST_CASE("status tells what is stored and what the member chose") {
  LinkedWorld world;
  world.say(world.ada, "hide stars");
  world.say(world.ada, "hide fmtlib/fmt");
  world.say(world.ada, "noping");
  world.next_summary();
  const std::string status = world.say(world.ada, "status");
  for (const char* part :
       {"ada-builds (GitHub id 1001) since 2026-11-20", "GitHub last told me what you did at",
        "Stored: 3 activities, the oldest of 2026-11-20", "by name without a mention",
        "You hide stars and fmtlib/fmt", "The last summary, of 2026-11-20", "kept for 35 days",
        "disconnect to remove"}) {
    CAPTURE(part);
    CHECK(contains(status, part));
  }
}

TEST_CASE("export gives a file of everything that is stored for an hour") {
  LinkedWorld world;
  world.say(world.ada, "hide stars");
  world.next_summary();
  CHECK(contains(world.say(world.ada, "export"), "everything that is stored"));
  const std::string url = world.button_url(world.ada);
  REQUIRE(url.starts_with(base_url + "/export?token="));
  for (int i = 0; i < 2; ++i) {
    const http::Response response = world.open(url);
    CHECK(response.status == 200);
    CHECK(response.headers.find("Content-Disposition")->starts_with("attachment"));
    CHECK(response.headers.find("Cache-Control") == "no-store");
    CHECK(response.headers.find("Referrer-Policy") == "no-referrer");
    const boost::json::value file = json::parse(response.body).value();
    CHECK(json::integer(file, "account.github_id") == 1001);
    CHECK(json::string(file, "account.login") == "ada-builds");
    CHECK(json::array(file, "account.preferences.hidden_kinds")->size() == 1);
    CHECK(json::string(file, "polling.polled_at").has_value());
    CHECK(json::array(file, "sign_ins")->size() == 1);
    REQUIRE(json::array(file, "summaries")->size() == 1);
    CHECK(json::string(json::array(file, "summaries")->at(0), "outcome") == "shown");
    REQUIRE(json::array(file, "activity")->size() == 3);
    CHECK(json::string(json::array(file, "activity")->at(2), "facts.name") == "v1.0");
  }
  world.clock.advance(std::chrono::hours(1));
  const http::Response expired = world.open(url);
  CHECK(expired.status == 404);
  CHECK(contains(expired.body, "Say export"));
  CHECK(expired.headers.find("Cache-Control") == "no-store");
  world.settle();
  CHECK(world.count("export_link") == 0);
}

// A table that is new has to be in the export, or it has to be said here why it is not.
TEST_CASE("an export has every table that may hold something about a person") {
  const std::map<std::string, std::string> member_of = {
      {"github_account", "account"},
      {"pause", "pauses"},
      {"poll_state", "polling"},
      {"oauth_state", "sign_ins"},
      {"export_link", "export_links"},
      {"digest_member", "summaries"},
      {"activity", "activity"},
      {"digest_event", "summary_events"},
      {"job", "jobs"},
      {"enrichment", "answers_about_own_repositories"},
      {"delivery", "messages"},
  };
  const std::map<std::string, std::string> reasons = {
      {"inbox", "numbers and hashes of Slack's events, whose texts are in the jobs"},
      {"workspace", "the bot's own user"},
      {"api_user", "names and tokens of programs"},
  };
  LinkedWorld world;
  world.say(world.ada, "pause");
  world.say(world.ada, "resume");
  world.next_summary();
  world.say(world.ada, "export");
  const boost::json::value file = json::parse(world.open(world.button_url(world.ada)).body).value();
  for (const std::string& column : columns_of(world)) {
    const std::string table = column.substr(0, column.find('.'));
    const std::string name = column.substr(table.size() + 1);
    const bool may_name_people =
        std::ranges::any_of(std::array{"user", "login", "github_id", "member", "subject",
                                       "event_id", "event_key", "token", "person"},
                            [&](const char* word) { return contains(name, word); });
    const auto member = member_of.find(table);
    CAPTURE(column);
    CHECK((!may_name_people || member != member_of.end() || reasons.contains(table)));
    if (member != member_of.end()) {
      CHECK(json::find(file, member->second) != nullptr);
    }
  }
  for (const char* filled :
       {"pauses", "export_links", "summaries", "summary_events", "activity", "messages"}) {
    CAPTURE(filled);
    REQUIRE(json::array(file, filled) != nullptr);
    CHECK_FALSE(json::array(file, filled)->empty());
  }
  CHECK(json::integer(file, "polling.interval_in_milliseconds") > 0);
}

TEST_CASE("a link to an export holds for its member alone and only with its token") {
  LinkedWorld world;
  const std::string ben = world.add_member("Ben", 1002, "ben");
  world.connect(ben, "ben");
  world.say(ben, "export");
  const http::Response file = world.open(world.button_url(ben));
  CHECK(contains(file.body, "\"login\":\"ben\""));
  CHECK_FALSE(contains(file.body, "ada-builds"));
  for (const std::string& path :
       std::vector<std::string>{"/export", "/export?token=", "/export?token=abc",
                                "/export?token=" + std::string(43, 'a'),
                                "/export?token=" + std::string(4'000, 'a'), "/export?token=%00"}) {
    CAPTURE(path);
    CHECK(world.get(path).status == 404);
  }
  const auto head =
      world.browser->send({.method = "HEAD",
                           .url = world.address(world.button_url(ben).substr(base_url.size())),
                           .headers = {}});
  REQUIRE(head);
  CHECK(head->status == 405);
}

TEST_CASE("the token of an export is stored only as a hash") {
  LinkedWorld world;
  world.say(world.ada, "export");
  const std::string url = world.button_url(world.ada);
  const std::string token = url.substr(url.find('=') + 1);
  REQUIRE(token.size() == 43);
  CHECK(world.count("export_link") == 1);
  CHECK(world.rows_with(token).empty());
}

TEST_CASE("disconnect leaves no trace of the person in any table") {
  LinkedWorld world;
  world.github->add_event("ada-builds", sim::push("ada-builds/dotfiles"));
  world.github->add_event("ada-builds", sim::pull_request_opened("ada-builds/dotfiles", 7));
  for (const std::string& word : words_of_members) {
    world.say(world.ada, word);
  }
  world.say(world.ada, "hide ada-builds/dotfiles");
  world.say(world.ada, "reconnect");
  world.clock.advance(std::chrono::minutes(20));
  world.settle();
  world.next_summary();
  world.say(world.ada, "export");
  const std::string url = world.button_url(world.ada);
  REQUIRE_FALSE(world.rows_with("ada-builds").empty());
  CHECK(contains(world.say(world.ada, "disconnect"), "everything I had stored"));
  for (const std::string& trace : {world.ada, std::string("ada-builds"), std::string("1001")}) {
    CAPTURE(trace);
    CHECK(join_words(world.rows_with(trace)) == "");
  }
  for (const char* table : {"activity", "digest_event", "digest_member", "export_link"}) {
    CAPTURE(table);
    CHECK(world.count(table) == 0);
  }
  CHECK(world.open(url).status == 404);
}

TEST_CASE("a new account keeps what the member chose and connecting anew starts over") {
  LinkedWorld world;
  world.github->add_user(1002, "ada-at-work");
  world.say(world.ada, "hide stars");
  world.say(world.ada, "pause");
  world.say(world.ada, "reconnect");
  world.open(world.github->authorize(world.button_url(world.ada), "ada-at-work").value());
  world.settle();
  CHECK(contains(world.last_answer(world.ada), "say resume"));
  std::string status = world.say(world.ada, "status");
  CHECK(contains(status, "ada-at-work"));
  CHECK(contains(status, "You paused on"));
  CHECK(contains(status, "You hide stars"));
  world.say(world.ada, "disconnect");
  world.connect(world.ada, "ada-at-work");
  status = world.say(world.ada, "status");
  CHECK(contains(status, "You hide nothing"));
  CHECK(contains(status, "with a mention"));
}

TEST_CASE("a command that takes no words is not run when some follow") {
  LinkedWorld world;
  for (const char* text : {"disconnect everybody", "pause the music", "export ada", "noping me"}) {
    CAPTURE(text);
    CHECK(contains(world.say(world.ada, text), "Nothing happened"));
  }
  CHECK(world.count("github_account WHERE paused_at IS NULL AND preferences = '{}'") == 1);
  CHECK(world.count("export_link") == 0);
}

TEST_CASE("hostile words after a command change nothing and are not repeated") {
  LinkedWorld world;
  const std::vector<std::string> hostile = {"<!channel>",
                                            "<@U0OTHER>",
                                            "../..",
                                            "../../etc/passwd",
                                            "a/b/c",
                                            "\u202Egnp.exe/x",
                                            "ada/\u200Bx",
                                            "' OR 1=1 --",
                                            "%s%n/{}",
                                            "a/" + std::string(4'000, 'x'),
                                            std::string(4'000, '/'),
                                            std::string(1'000, '<')};
  for (const std::string& words : hostile) {
    for (const std::string command : {"hide ", "show "}) {
      CAPTURE(command + truncate(words, 40));
      const std::string answer = world.say(world.ada, command + words);
      CHECK(contains(answer, "A repository is given as owner/name"));
      CHECK_FALSE(contains(world.last_blocks(), words));
    }
  }
  CHECK(world.count("github_account WHERE preferences = '{}'") == 1);
}

}  // namespace bb::tests

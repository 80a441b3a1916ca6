#include "features/github_activity/hiding.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <memory>

#include "base/text.hpp"
#include "storage/migrations.hpp"
#include "tests/temporary_folder.hpp"

namespace bb::github_activity {
namespace {

// One member who has linked an account, and what is stored as their wishes.
struct Fixture {
  tests::TemporaryFolder folder;
  VirtualClock clock{TimePoint(std::chrono::hours(500'000))};
  std::unique_ptr<storage::Database> database =
      storage::open("sqlite:" + folder.path("hiding.db")).value();
  const WorkspaceId workspace{"w"};
  const UserId user{"U1"};

  Fixture() {
    REQUIRE(storage::migrate(*database, storage::migrations(), clock));
    database->write([&](storage::Connection& connection) {
      connection.execute(
          "INSERT INTO github_account (workspace_id, user_id, dm_channel, github_id, login, "
          "linked_at) VALUES ($1, $2, 'D1', 1, 'ada', $3)",
          {workspace, user, clock.now()});
    });
  }

  LinkedMember member() {
    return database
        ->read([&](storage::Connection& connection) {
          return linked_member(connection, workspace, user);
        })
        .value();
  }

  std::string say(chat::Message (*run)(storage::Connection&, const Asked&),
                  const std::string& arguments) {
    const Asked asked{.workspace = workspace, .member = member(), .arguments = arguments};
    return database->write(
        [&](storage::Connection& connection) { return run(connection, asked).fallback; });
  }
};

TEST_CASE("a repository is read from its name or its address") {
  struct Row {
    std::string text;
    std::optional<std::string> repository;
  };
  const std::vector<Row> rows = {
      {"fmtlib/fmt", "fmtlib/fmt"},
      {" FmtLib/Fmt ", "fmtlib/fmt"},
      {"https://github.com/fmtlib/fmt", "fmtlib/fmt"},
      {"http://www.github.com/fmtlib/fmt/", "fmtlib/fmt"},
      {"github.com/fmtlib/fmt.git", "fmtlib/fmt"},
      {"ada/.github", "ada/.github"},
      {"ada/ada.github.io", "ada/ada.github.io"},
      {"ada_corp/_x_", "ada_corp/_x_"},
      {"", std::nullopt},
      {"fmt", std::nullopt},
      {"/", std::nullopt},
      {"fmtlib/", std::nullopt},
      {"/fmt", std::nullopt},
      {"../..", std::nullopt},
      {"ada/..", std::nullopt},
      {"ada/.", std::nullopt},
      {"a/b/c", std::nullopt},
      {"-ada/x", std::nullopt},
      {"<!channel>", std::nullopt},
      {"ada/<!channel>", std::nullopt},
      {"ada/x y", std::nullopt},
      {"ada/\u202Exe", std::nullopt},
      {std::string("ada/x\0y", 7), std::nullopt},
      {std::string(40, 'a') + "/x", std::nullopt},
      {"ada/" + std::string(101, 'x'), std::nullopt},
      {"https://example.org/ada/x", std::nullopt},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK((parse_repository(row.text) == row.repository));
  }
}

TEST_CASE_FIXTURE(Fixture, "every kind of the catalog can be hidden and shown by its words") {
  for (const Category& row : catalog()) {
    for (const std::string_view words : {row.key, row.singular, row.plural}) {
      CAPTURE(words);
      CHECK(say(hide, std::string(words)).find("I hide " + std::string(row.plural)) == 0);
      CHECK(member().preferences.hidden_kinds == std::set{std::string(row.key)});
      CHECK(say(hide, to_lower(row.plural)).find("already") != std::string::npos);
      CHECK(say(show, std::string(words)).find("I show " + std::string(row.plural)) == 0);
      CHECK(member().preferences == Preferences{});
    }
  }
}

TEST_CASE_FIXTURE(Fixture, "a repository is hidden once whatever its case") {
  say(hide, "FmtLib/fmt");
  CHECK(say(hide, "fmtlib/FMT") == "I hide fmtlib/fmt already, so nothing changed.");
  CHECK(member().preferences.hidden_repositories == std::set<std::string>{"fmtlib/fmt"});
  say(show, "https://github.com/fmtlib/fmt");
  CHECK(say(show, "fmtlib/fmt").find("I did not hide fmtlib/fmt") == 0);
  CHECK(member().preferences == Preferences{});
}

TEST_CASE_FIXTURE(Fixture, "hide alone lists what is hidden and what can be") {
  CHECK(say(hide, "").find("You hide nothing.") == 0);
  say(hide, "stars");
  say(hide, "fmtlib/fmt");
  const std::string listed = say(hide, "");
  CHECK(listed.find("You hide stars and fmtlib/fmt.") == 0);
  CHECK(listed.find("pull requests") != std::string::npos);
  CHECK(say(show, "").find("You hide stars and fmtlib/fmt.") == 0);
}

TEST_CASE_FIXTURE(Fixture, "show everything clears what is hidden and keeps the other wishes") {
  Preferences preferences{
      .mention = false, .hidden_kinds = {"stars"}, .hidden_repositories = {"a/b"}};
  database->write([&](storage::Connection& connection) {
    store_preferences(connection, workspace, user, preferences);
  });
  say(show, "Everything");
  preferences.hidden_kinds.clear();
  preferences.hidden_repositories.clear();
  CHECK(member().preferences == preferences);
}

TEST_CASE_FIXTURE(Fixture,
                  "what is not known gets the nearest kind as a hint and changes nothing") {
  CHECK(say(hide, "starz").find("Did you mean hide stars?") != std::string::npos);
  CHECK(say(show, "pul requests").find("Did you mean show pull requests?") != std::string::npos);
  CHECK(say(hide, "<!channel>").find("channel") == std::string::npos);
  CHECK(say(hide, std::string(4'000, 'x')).find("Did you mean") == std::string::npos);
  CHECK(say(hide, "everything").find("say pause") != std::string::npos);
  CHECK(member().preferences == Preferences{});
}

TEST_CASE_FIXTURE(Fixture, "a hundred repositories can be hidden and all answers stay short") {
  const std::string name = "/" + std::string(80, 'x');
  for (std::size_t i = 0; i < most_hidden_repositories; ++i) {
    CHECK(say(hide, "owner-" + std::to_string(i) + name).find("I hide owner-") == 0);
  }
  CHECK(say(hide, "one/more").find("cannot remember more") != std::string::npos);
  CHECK(say(hide, "owner-7" + name).find("already") != std::string::npos);
  CHECK(say(hide, "stars").find("I hide stars") == 0);
  CHECK(member().preferences.hidden_repositories.size() == most_hidden_repositories);
  const Asked asked{.workspace = workspace, .member = member(), .arguments = ""};
  for (auto* run : {&hide, &show}) {
    const chat::Message answer =
        database->write([&](storage::Connection& connection) { return run(connection, asked); });
    for (std::size_t i = 0; i < most_hidden_repositories; ++i) {
      CHECK(answer.fallback.find("owner-" + std::to_string(i) + name) != std::string::npos);
    }
    CHECK(answer.fallback.size() < 12'000);
    for (const chat::Block& block : answer.blocks) {
      CHECK(std::get<chat::Section>(block).text.front().text.size() < 3'000);
    }
  }
}

TEST_CASE_FIXTURE(Fixture, "several things can be hidden and shown at once") {
  for (const std::string list :
       {"stars, forks and fmtlib/fmt", "stars, Forks, and FmtLib/fmt", "stars,forks,fmtlib/fmt"}) {
    CAPTURE(list);
    CHECK(say(hide, list).find("I hide stars, forks and fmtlib/fmt in your part") == 0);
    CHECK(member().preferences.hidden_kinds == std::set<std::string>{"forks", "stars"});
    CHECK(say(show, list).find("I show stars, forks and fmtlib/fmt in your part") == 0);
    CHECK(member().preferences == Preferences{});
  }
  CHECK(say(hide, "stars and forkz").find("Did you mean hide fork") != std::string::npos);
  CHECK(say(hide, ", and ,").find("nothing changed") != std::string::npos);
  CHECK(member().preferences == Preferences{});
}

TEST_CASE_FIXTURE(Fixture, "kinds are known by what people call them") {
  CHECK(say(hide, "PRs").find("I hide pull requests in") == 0);
  CHECK(say(hide, "merged PRs").find("I hide merged pull requests in") == 0);
  CHECK(say(hide, "commits").find("I hide pushes in") == 0);
  CHECK(say(hide, "what is this").size() < 250);
}

TEST_CASE_FIXTURE(Fixture, "a kind that is switched off for everybody says so when it is shown") {
  CHECK(say(show, "comments").find("switched off for everybody") != std::string::npos);
  CHECK(say(show, "stars").find("switched off") == std::string::npos);
}

}  // namespace
}  // namespace bb::github_activity

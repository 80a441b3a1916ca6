#include "chat/commands.hpp"

#include <doctest/doctest.h>

#include "chat/nearest_word.hpp"
#include "storage/migrations.hpp"
#include "tests/temporary_folder.hpp"

namespace bb::chat {
namespace {

// Three commands that answer with what they were called with.
struct Fixture {
  tests::TemporaryFolder folder;
  std::unique_ptr<storage::Database> database =
      storage::open("sqlite:" + folder.path("commands.db")).value();
  Commands commands{{echo("connect", ""), echo("disconnect", ""), echo("hide", "OWNER/REPO")}};

  static Command echo(const std::string& word, const std::string& arguments) {
    return {.word = word,
            .arguments = arguments,
            .help = "does " + word,
            .run = [word](storage::Connection&, const Caller&, std::string_view said) {
              return Message{.fallback = "ran " + word + "(" + std::string(said) + ")"};
            }};
  }

  std::string answer(std::string_view text) {
    return database->write([&](storage::Connection& connection) {
      return commands.answer(connection, {}, text).fallback;
    });
  }
};

TEST_CASE("what was said is taken apart into a word and its arguments") {
  struct Row {
    std::string text;
    Spoken spoken;
  };
  const std::vector<Row> rows = {
      {"", {}},
      {" \n\t ", {}},
      {"help", {"help", ""}},
      {"  Help!  ", {"help", ""}},
      {"/help", {"help", ""}},
      {"*help*.", {"help", ""}},
      {"hide Fmtlib/fmt", {"hide", "Fmtlib/fmt"}},
      {"hide\tpull \n  requests.", {"hide", "pull requests"}},
      {"hide\u00A0stars", {"hide", "stars"}},
      {"Hide: stars!", {"hide", "stars"}},
      {"*hide stars*", {"hide", "stars"}},
      {"hide `fmtlib/fmt`", {"hide", "fmtlib/fmt"}},
      {"hide cedar/_private_", {"hide", "cedar/_private_"}},
      {"hide <!channel>", {"hide", "<!channel>"}},
      {"/ stars", {"", "stars"}},
      {"***", {}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const Spoken spoken = parse_spoken(row.text);
    CHECK(spoken.word == row.spoken.word);
    CHECK(spoken.arguments == row.spoken.arguments);
  }
}

TEST_CASE_FIXTURE(Fixture, "a command is found in any case and gets its arguments") {
  CHECK(answer("HIDE Fmtlib/fmt") == "ran hide(Fmtlib/fmt)");
  CHECK(answer("hide") == "ran hide()");
  CHECK(answer(" Disconnect!") == "ran disconnect()");
}

TEST_CASE_FIXTURE(Fixture, "a command without arguments is not run when more words follow") {
  const std::string told = answer("disconnect the printer please");
  CHECK(told.find("ran") == std::string::npos);
  CHECK(told.find("Nothing happened. Say just disconnect") != std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "help lists the commands in order with their arguments") {
  const std::string help = answer("help me");
  const std::size_t connect = help.find("\nconnect: does connect");
  const std::size_t hide = help.find("\nhide OWNER/REPO: does hide");
  CHECK(connect != std::string::npos);
  CHECK(hide != std::string::npos);
  CHECK(connect < hide);
  CHECK(help.ends_with("help: shows this list"));
}

TEST_CASE_FIXTURE(Fixture, "an unknown word gets the nearest one as a hint") {
  CHECK(answer("hidee stars").find("Did you mean hide?") != std::string::npos);
  CHECK(answer("disconect").find("Did you mean disconnect?") != std::string::npos);
  CHECK(answer("hi").find("Did you mean") == std::string::npos);
  CHECK(answer("").find("Say help") != std::string::npos);
  CHECK(answer(std::string(4000, 'h')).find("Did you mean") == std::string::npos);
}

TEST_CASE("the nearest word is at most two letters away and the first of several") {
  const std::vector<std::string> words = {"stars", "start", "forks"};
  CHECK(nearest_word("stars", words) == "stars");
  CHECK(nearest_word("star", words) == "stars");
  CHECK(nearest_word("frosk", words).empty());
  CHECK(nearest_word("fork", words) == "forks");
  CHECK(nearest_word("", words).empty());
  CHECK(nearest_word("releases", words).empty());
}

}  // namespace
}  // namespace bb::chat

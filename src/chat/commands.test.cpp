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

// Knows one admin and one channel, and counts the questions.
class FakePlatform final : public Platform {
 public:
  int questions = 0;
  std::optional<Error> error;

  Result<Person> person(const UserId& user) override {
    ++questions;
    return error ? Result<Person>(fail(*error)) : Person{.is_admin = user.value == "UADMIN"};
  }
  Result<Channel> find_channel(std::string_view name_or_id) override {
    ++questions;
    if (name_or_id != "C1" && name_or_id != "#general") {
      return fail(ErrorCode::not_found, "no such channel");
    }
    return Channel{.id = {"C1"}, .name = "general"};
  }
  Result<Identity> identify() override { return fail(ErrorCode::internal, "not asked"); }
  Result<std::string> post(const Post&) override { return fail(ErrorCode::internal, "not asked"); }
  Result<std::optional<std::string>> find_posted(const Place&, const DeliveryId&,
                                                 TimePoint) override {
    return fail(ErrorCode::internal, "not asked");
  }
  Result<std::vector<UserId>> members(const ChannelId&) override {
    return fail(ErrorCode::internal, "not asked");
  }
};

Caller from(const std::string& user) {
  return {.workspace = {"w"}, .user = {user}, .channel = {"D1"}, .asked_at = {}};
}

struct AdminFixture : Fixture {
  FakePlatform platform;

  AdminFixture() {
    Command plan = echo("plan", "#CHANNEL");
    plan.access = Access::admins;
    commands = Commands({echo("hide", "OWNER/REPO"), plan});
  }

  std::string say(const std::string& user, std::string_view text) {
    const Caller caller = commands.prepare(platform, from(user), text).value();
    return database->write([&](storage::Connection& connection) {
      return commands.answer(connection, caller, text).fallback;
    });
  }
};

TEST_CASE_FIXTURE(AdminFixture, "a command for admins is run for admins alone") {
  CHECK(say("UADMIN", "plan #general") == "ran plan(#general)");
  CHECK(say("UMEMBER", "plan #general").find("is for admins and owners") != std::string::npos);
  CHECK(answer("plan #general").find("is for admins and owners") != std::string::npos);
  CHECK(answer("help").find("plan #CHANNEL: does plan (for admins)") != std::string::npos);
}

TEST_CASE_FIXTURE(AdminFixture, "the platform is asked only about commands for admins") {
  say("UADMIN", "hide fmtlib/fmt");
  say("UADMIN", "hello");
  CHECK(platform.questions == 0);
  say("UADMIN", "plan");
  CHECK(platform.questions == 1);
  say("UMEMBER", "plan #general");
  CHECK(platform.questions == 2);
}

TEST_CASE_FIXTURE(AdminFixture, "the channel that a command for admins names is looked up") {
  const auto named = [&](std::string_view text) {
    const auto caller = commands.prepare(platform, from("UADMIN"), text).value();
    return caller.named ? caller.named->id.value : "";
  };
  CHECK(named("plan <#C1|general> 19:00") == "C1");
  CHECK(named("plan 19:00 <#C1>") == "C1");
  CHECK(named("plan #general") == "C1");
  CHECK(named("plan #elsewhere").empty());
  CHECK(named("plan <#>").empty());
  CHECK(named("plan general").empty());
}

TEST_CASE_FIXTURE(AdminFixture, "what the platform does not answer is an error and no refusal") {
  platform.error = Error{.code = ErrorCode::unavailable, .message = "down"};
  CHECK(commands.prepare(platform, from("UADMIN"), "plan").error().message == "down");
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

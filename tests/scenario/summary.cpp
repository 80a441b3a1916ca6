// The summary of the last day, posted to a channel.
#include <boost/json.hpp>

#include "base/json.hpp"
#include "tests/scenario/world.hpp"

namespace bb::tests {
namespace {

// All that was posted to #general, blocks included, as one text.
std::string posted(const World& world) {
  std::string text;
  for (const sim::SlackMessage& message : world.slack->messages(world.general)) {
    text += message.text + message.blocks;
  }
  return text;
}

}  // namespace

TEST_CASE("the activity of linked members of a channel is posted to it") {
  World world;
  const std::string ada = world.add_member("Ada", 1001, "ada-builds");
  const std::string ben = world.add_member("Ben", 1002, "ben");
  world.start();
  world.github->add_event("ada-builds", sim::release("cedar/router", "v1.0"));
  world.github->add_event("ada-builds", sim::star("fmtlib/fmt"));
  world.github->add_event("ben", sim::pull_request_opened("cedar/router", 12));
  world.connect(ada, "ada-builds");
  world.connect(ben, "ben");
  const std::string job = world.summarise("general");
  const auto messages = world.slack->messages(world.general);
  REQUIRE(messages.size() == 2);
  const std::string& blocks = messages[1].blocks;
  CHECK(blocks.find("<@" + ada + ">") != std::string::npos);
  CHECK(blocks.find("<@" + ben + ">") != std::string::npos);
  CHECK(blocks.find("cedar/router") != std::string::npos);
  CHECK(blocks.find("fmtlib/fmt") != std::string::npos);
  CHECK_FALSE(messages[0].text.empty());
  const auto arguments = json::parse(messages[0].arguments).value();
  CHECK(json::boolean(arguments, "unfurl_links") == false);
  CHECK(world.job(job).find("\"done\"") != std::string::npos);
}

TEST_CASE("a channel is found by name or with a hash sign or by id") {
  World world;
  world.start();
  for (const std::string& channel :
       {std::string("general"), std::string("#general"), world.general}) {
    world.summarise(channel);
  }
  CHECK(world.slack->messages(world.general).size() == 3);
}

TEST_CASE("a summary that is asked for several times at once is posted once") {
  World world;
  world.start();
  const auto ask = [&](const std::string& channel) {
    return world.post("/github-summary", R"({"channel": ")" + channel + "\"}", world.api_headers())
        .body;
  };
  const std::string first = ask("general");
  CHECK(ask("#general") == first);
  world.settle();
  CHECK(ask("General") == first);  // it was posted less than a minute ago
  CHECK(world.slack->messages(world.general).size() == 1);
  world.clock.advance(std::chrono::minutes(2));
  CHECK(ask("general") != first);
  world.settle();
  CHECK(world.slack->messages(world.general).size() == 2);
}

TEST_CASE("a summary that failed can be asked for again at once") {
  World world;
  world.start();
  const auto ask = [&] {
    return world.post("/github-summary", R"({"channel": "nowhere"})", world.api_headers()).body;
  };
  const std::string first = ask();
  world.settle();
  CHECK(ask() != first);
}

TEST_CASE("a quiet day gives a friendly message") {
  World world;
  const std::string ada = world.add_member("Ada", 1001, "ada-builds");
  world.start();
  world.connect(ada, "ada-builds");
  world.summarise("general");
  REQUIRE(world.slack->messages(world.general).size() == 1);
  CHECK(posted(world).find(ada) == std::string::npos);
}

TEST_CASE("people who are linked but not in the channel are not shown") {
  World world;
  const std::string ada = world.add_member("Ada", 1001, "ada-builds");
  world.start();
  world.github->add_event("ada-builds", sim::star("fmtlib/fmt"));
  world.connect(ada, "ada-builds");
  const std::string other = world.slack->add_channel({.name = "random"});
  world.summarise("random");
  REQUIRE(world.slack->messages(other).size() == 1);
  CHECK(world.slack->messages(other)[0].blocks.find("fmtlib") == std::string::npos);
}

TEST_CASE("members beyond the first page of the channel are counted") {
  World world;
  sim::SlackOptions options;
  options.page_size = 2;
  world.slack = sim::Slack::start(world.clock, world.random, options).value();
  world.config.slack.api_url = world.slack->url();
  world.general = world.slack->add_channel({.name = "general"});
  for (int i = 0; i < 6; ++i) {
    world.add_member("Filler " + std::to_string(i), 2000 + i, "filler-" + std::to_string(i));
  }
  const std::string ada = world.add_member("Ada", 1001, "ada-builds");
  world.start();
  world.github->add_event("ada-builds", sim::star("fmtlib/fmt"));
  world.connect(ada, "ada-builds");
  world.summarise("general");
  CHECK(posted(world).find("fmtlib/fmt") != std::string::npos);
}

TEST_CASE("one deleted GitHub account does not spoil the summary of the others") {
  World world;
  const std::string ada = world.add_member("Ada", 1001, "ada-builds");
  const std::string ben = world.add_member("Ben", 1002, "ben");
  world.start();
  world.connect(ada, "ada-builds");
  world.connect(ben, "ben");
  world.clock.advance(std::chrono::minutes(10));
  world.github->delete_user("ben");
  world.github->add_event("ada-builds", sim::star("fmtlib/fmt"));
  world.summarise("general");
  CHECK(posted(world).find("fmtlib/fmt") != std::string::npos);
}

TEST_CASE("a renamed login is followed through the numeric id") {
  World world;
  const std::string ada = world.add_member("Ada", 1001, "ada-builds");
  world.start();
  world.connect(ada, "ada-builds");
  world.clock.advance(std::chrono::minutes(10));
  world.github->rename("ada-builds", "ada-ships");
  world.github->add_event("ada-ships", sim::star("fmtlib/fmt"));
  world.settle();
  world.clock.advance(std::chrono::minutes(10));
  world.summarise("general");
  CHECK(posted(world).find("fmtlib/fmt") != std::string::npos);
  CHECK(world.say(ada, "connect").find("ada-ships") != std::string::npos);
}

TEST_CASE("a second poll asks conditionally and stores nothing twice") {
  World world;
  const std::string ada = world.add_member("Ada", 1001, "ada-builds");
  world.start();
  world.github->add_event("ada-builds", sim::star("fmtlib/fmt"));
  world.connect(ada, "ada-builds");
  const std::size_t before = world.github->requests("/users/ada-builds/events/public");
  REQUIRE(before >= 1);
  world.settle();
  CHECK(world.github->requests("/users/ada-builds/events/public") == before);  // X-Poll-Interval
  world.clock.advance(std::chrono::minutes(6));
  world.settle();
  CHECK(world.github->requests("/users/ada-builds/events/public") == before + 1);
  CHECK(world.count("activity") == 1);
  world.github->add_event("ada-builds", sim::star("gabime/spdlog"));
  world.clock.advance(std::chrono::minutes(6));
  world.settle();
  CHECK(world.count("activity") == 2);
}

TEST_CASE("events older than a day are not in the summary") {
  World world;
  const std::string ada = world.add_member("Ada", 1001, "ada-builds");
  world.start();
  world.github->add_event("ada-builds", sim::star("old/news"),
                          world.clock.now() - std::chrono::hours(25));
  world.github->add_event("ada-builds", sim::star("fresh/news"),
                          world.clock.now() - std::chrono::hours(23));
  world.connect(ada, "ada-builds");
  world.summarise("general");
  CHECK(posted(world).find("fresh/news") != std::string::npos);
  CHECK(posted(world).find("old/news") == std::string::npos);
}

TEST_CASE("sixty active members and their text from outside are posted whole and escaped") {
  World world;
  world.start();
  for (int i = 0; i < 60; ++i) {
    const std::string login = "member-" + std::to_string(i);
    const std::string user = world.add_member("Member " + std::to_string(i), 3000 + i, login);
    world.github->add_event(login, sim::issue_opened("cedar/repo-" + std::to_string(i), i + 1,
                                                     "<!channel> & <@U123> look"));
    world.connect(user, login);
  }
  world.summarise("general");
  const std::string text = posted(world);
  CHECK(world.slack->messages(world.general).size() > 1);
  CHECK(text.find("<!channel>") == std::string::npos);
  CHECK(text.find("<@U123>") == std::string::npos);
  for (int i = 0; i < 60; ++i) {
    CAPTURE(i);
    CHECK(text.find("cedar/repo-" + std::to_string(i) + "/") != std::string::npos);
  }
}

TEST_CASE("a summary without a good token or body is refused with the reason") {
  World world;
  world.start();
  CHECK(world.post("/github-summary", R"({"channel": "general"})").status == 401);
  http::Headers wrong = {{"Authorization", "token wrong"}};
  CHECK(world.post("/github-summary", R"({"channel": "general"})", wrong).status == 401);
  const http::Headers good = world.api_headers();
  CHECK(world.post("/github-summary", "{}", good).status == 422);
  CHECK(world.post("/github-summary", R"({"channel": 5})", good).status == 422);
  const http::Response broken = world.post("/github-summary", "{\"channel\": ", good);
  CHECK(broken.status == 400);
  CHECK(broken.body.find("offset") != std::string::npos);
  http::Headers form = good;
  form.set("Content-Type", "text/plain");
  CHECK(world.post("/github-summary", "channel=general", form).status == 415);
  CHECK(world.slack->messages(world.general).empty());
}

TEST_CASE("a summary for a channel that does not exist fails with advice") {
  World world;
  world.start();
  const std::string job = world.job(world.summarise("nowhere"));
  CHECK(job.find("\"failed\"") != std::string::npos);
  CHECK(job.find("nowhere") != std::string::npos);
}

TEST_CASE("a post that Slack refuses shows in the job with the reason") {
  for (const char* word : {"not_in_channel", "is_archived", "channel_not_found"}) {
    CAPTURE(word);
    World world;
    world.start();
    world.slack->add_fault("chat.postMessage", sim::error_word(word));
    const std::string job = world.job(world.summarise("general"));
    CHECK(job.find("\"failed\"") != std::string::npos);
    CHECK(job.find(word) != std::string::npos);
  }
}

TEST_CASE("a job that does not exist is not found and needs a token") {
  World world;
  world.start();
  CHECK(world.get("/jobs/01ARZ3NDEKTSV4RRFFQ69G5FAV").status == 401);
  CHECK(world.get("/jobs/01ARZ3NDEKTSV4RRFFQ69G5FAV", world.api_headers()).status == 404);
}

TEST_CASE("when Slack fails for a while the summary is posted once afterwards") {
  for (const sim::Fault& fault :
       {sim::rate_limited(std::chrono::seconds(30)), sim::server_error(), sim::refused(),
        sim::error_word("fatal_error"), sim::html_instead(), sim::cut_short(),
        sim::error_word("invalid_auth")}) {
    CAPTURE(static_cast<int>(fault.kind));
    CAPTURE(fault.word);
    World world;
    const std::string ada = world.add_member("Ada", 1001, "ada-builds");
    world.start();
    world.github->add_event("ada-builds", sim::star("fmtlib/fmt"));
    world.connect(ada, "ada-builds");
    world.slack->add_fault("chat.postMessage", fault);
    world.summarise("general");
    for (int i = 0; i < 40; ++i) {
      world.clock.advance(std::chrono::seconds(30));
      world.settle();
    }
    CHECK(world.slack->messages(world.general).size() == 2);
  }
}

TEST_CASE("a post that Slack took without an answer is found in the history and not posted again") {
  World world;
  world.config.remote_time = std::chrono::milliseconds(300);
  world.start();
  world.slack->add_fault("chat.postMessage", sim::no_answer());
  const std::string job = world.summarise("general");
  world.clock.advance(std::chrono::minutes(1));
  world.settle();
  CHECK(world.slack->messages(world.general).size() == 1);
  CHECK(world.job(job).find("\"done\"") != std::string::npos);
}

TEST_CASE("when nobody can tell whether a post was made the setting decides") {
  for (const auto policy : {jobs::UncertainPolicy::skip, jobs::UncertainPolicy::resend}) {
    World world;
    world.config.remote_time = std::chrono::milliseconds(300);
    world.config.post_uncertain = policy;
    world.start();
    world.slack->add_fault("chat.postMessage", sim::no_answer());
    sim::Fault unreadable = sim::error_word("missing_scope");
    unreadable.times = 1000;
    world.slack->add_fault("conversations.history", unreadable);
    const std::string job = world.summarise("general");
    world.clock.advance(std::chrono::minutes(1));
    world.settle();
    const bool resend = policy == jobs::UncertainPolicy::resend;
    CHECK(world.slack->messages(world.general).size() == (resend ? 2 : 1));
    CHECK(world.job(job).find(resend ? "\"done\"" : "POST_UNCERTAIN") != std::string::npos);
  }
}

TEST_CASE("a summary is posted when Slack answers nothing for a while to any call") {
  for (const char* method : {"conversations.list", "conversations.members"}) {
    CAPTURE(method);
    World world;
    world.config.remote_time = std::chrono::milliseconds(300);
    world.start();
    world.slack->add_fault(method, sim::no_answer());
    world.summarise("general");
    world.clock.advance(std::chrono::minutes(1));
    world.settle();
    CHECK(world.slack->messages(world.general).size() == 1);
  }
}

TEST_CASE("when GitHub fails the members whom it answered for are still summarised") {
  for (const sim::Fault& fault : {sim::server_error(), sim::html_instead(), sim::cut_short(),
                                  sim::rate_limited(std::chrono::seconds(60)),
                                  sim::secondary_limit(std::chrono::seconds(60))}) {
    CAPTURE(static_cast<int>(fault.kind));
    World world;
    const std::string ada = world.add_member("Ada", 1001, "ada-builds");
    const std::string ben = world.add_member("Ben", 1002, "ben");
    world.start();
    world.github->add_event("ada-builds", sim::star("fmtlib/fmt"));
    world.github->add_event("ben", sim::star("gabime/spdlog"));
    world.connect(ada, "ada-builds");
    world.github->add_fault("/users/ben/events/public", fault);
    world.connect(ben, "ben");
    world.summarise("general");
    CHECK(posted(world).find("fmtlib/fmt") != std::string::npos);
    // And what was missed comes in with the next poll.
    world.clock.advance(std::chrono::minutes(10));
    world.settle();
    CHECK(world.count("activity") == 2);
  }
}

}  // namespace bb::tests

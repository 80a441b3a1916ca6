// What today's payloads leave out appears in summaries all the same.
#include <boost/json.hpp>

#include "tests/scenario/world.hpp"

namespace bb::tests {
namespace {

std::string posted(const World& world) {
  std::string text;
  for (const sim::SlackMessage& message : world.slack->messages(world.general)) {
    text += message.blocks + "\n";
  }
  return text;
}

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

struct EnrichedWorld : World {
  EnrichedWorld() {
    config.github.tokens = {};
    start();
    const std::string ada = add_member("Ada", 1001, "ada");
    github->add_event("ada", sim::pull_request_opened("cedar/router", 12));
    github->add_event("ada", sim::pull_request_merged("cedar/router", 13));
    github->add_event("ada", sim::push("ada/engine", "main", 1));
    github->add_event("ada", sim::push("ada/engine", "main", 2));
    github->add_event("ada", sim::release("ada/engine", "v1.0"));
    github->add_pull_request("cedar/router", 12, "Route <!channel> & others");
    github->add_pull_request("cedar/router", 13, "Faster tables");
    connect(ada, "ada");
  }
};

}  // namespace

TEST_CASE("titles and commits and first releases are asked of GitHub") {
  EnrichedWorld world;
  world.summarise("general");
  const std::string text = posted(world);
  CHECK(has(text, "cedar/router#12 Route &lt;!channel&gt; &amp; others"));
  CHECK(has(text, "cedar/router#13 Faster tables"));
  CHECK(has(text, "ada/engine|ada/engine (2 commits, main)"));
  CHECK(has(text, "First release: <" + world.github->web_url() + "/ada/engine/releases/tag/v1.0"));
}

TEST_CASE("GitHub is asked once for each of them") {
  EnrichedWorld world;
  world.summarise("general");
  const std::size_t questions = world.github->requests("/graphql");
  CHECK(questions == 2);  // titles and releases
  const std::size_t before = world.github->total_requests();
  world.clock.advance(std::chrono::minutes(1));
  world.summarise("general");
  CHECK(world.github->requests("/graphql") == questions);
  CHECK(world.github->total_requests() - before <= 2);  // polls
}

TEST_CASE("without an answer a line is plainer and nothing else") {
  for (const sim::Fault& fault : {sim::server_error(), sim::html_instead(), sim::cut_short(),
                                  sim::rate_limited(std::chrono::seconds(3'600))}) {
    CAPTURE(static_cast<int>(fault.kind));
    World world;
    world.start();
    const std::string ada = world.add_member("Ada", 1001, "ada");
    world.github->add_event("ada", sim::pull_request_opened("cedar/router", 12));
    world.github->add_event("ada", sim::push("ada/engine", "main", 1));
    sim::Fault lasting = fault;
    lasting.times = 100;
    world.github->add_fault("/graphql", lasting);
    world.connect(ada, "ada");
    world.summarise("general");
    CHECK(has(posted(world),
              "<" + world.github->web_url() + "/cedar/router/pull/12|cedar/router#12>\\n"));
    CHECK(has(posted(world), "ada/engine"));
  }
}

TEST_CASE("a title that a comment told costs no request") {
  World world;
  world.start();
  const std::string ada = world.add_member("Ada", 1001, "ada");
  world.github->add_event("ada", sim::pull_request_opened("cedar/router", 12));
  world.github->add_event("ada", sim::issue_comment("cedar/router", 12, "Route them all",
                                                    sim::CommentOn::pull_request));
  world.connect(ada, "ada");
  world.summarise("general");
  CHECK(has(posted(world), "cedar/router#12 Route them all"));
  CHECK(world.github->requests("/graphql") == 0);
}

TEST_CASE("a new branch has no number of commits and is shown with its name") {
  World world;
  world.start();
  const std::string ada = world.add_member("Ada", 1001, "ada");
  sim::EventData push = sim::push("ada/engine", "next", 1);
  auto payload = boost::json::parse(push.payload);
  payload.as_object()["before"] = std::string(40, '0');
  push.payload = boost::json::serialize(payload);
  world.github->add_event("ada", push);
  world.connect(ada, "ada");
  world.summarise("general");
  CHECK(has(posted(world), "ada/engine|ada/engine (next)"));
}

TEST_CASE("the first pull request since somebody linked is a highlight and those before are not") {
  World world;
  world.start();
  const std::string ada = world.add_member("Ada", 1001, "ada");
  const std::string ben = world.add_member("Ben", 1002, "ben");
  world.github->add_event("ben", sim::pull_request_opened("cedar/router", 1),
                          world.clock.now() - std::chrono::hours(30));
  world.connect(ada, "ada");
  world.connect(ben, "ben");
  world.clock.advance(std::chrono::hours(12));
  world.github->add_event("ada", sim::pull_request_opened("cedar/router", 2));
  world.github->add_event("ben", sim::pull_request_opened("cedar/router", 3));
  world.clock.advance(std::chrono::hours(1));
  world.summarise("general");
  const std::string text = posted(world);
  CHECK(has(text, "First pull request of ada that we have seen: <" + world.github->web_url() +
                      "/cedar/router/pull/2"));
  CHECK_FALSE(has(text, "First pull request of ben"));
}

}  // namespace bb::tests

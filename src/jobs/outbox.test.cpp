#include "jobs/outbox.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <deque>
#include <functional>
#include <stdexcept>
#include <utility>

#include "jobs/world.test.hpp"

namespace bb::jobs {
namespace {

using std::chrono::seconds;

// Records what is posted. `answers` are given to post() one by one, then it posts for good; an
// answer of `unclear` posts and says nothing.
class FakePlatform final : public chat::Platform {
 public:
  struct Posted {
    std::string channel;
    std::string text;
    std::string delivery;
    TimePoint at;
  };

  explicit FakePlatform(const Clock& clock) : clock_(clock) {}

  std::vector<Posted> posted;
  std::deque<Error> answers;
  bool posts_what_it_does_not_confirm = false;
  bool dies = false;  // as if the process ended after the call
  std::function<void()> during_post;
  std::optional<Error> history_error;
  std::vector<TimePoint> searched_since;

  Result<std::string> post(const ChannelId& channel, std::string_view rendered,
                           const DeliveryId& delivery) override {
    if (const auto meanwhile = std::exchange(during_post, nullptr)) {
      meanwhile();
    }
    std::optional<Error> answer;
    if (!answers.empty()) {
      answer = answers.front();
      answers.pop_front();
    }
    if (!answer || posts_what_it_does_not_confirm) {
      posted.push_back({channel.value, std::string(rendered), delivery.value, clock_.now()});
    }
    if (dies) {
      throw std::runtime_error("the process died");
    }
    if (answer) {
      return fail(*answer);
    }
    return "ts-" + std::to_string(posted.size());
  }

  Result<std::optional<std::string>> find_posted(const ChannelId& /*channel*/,
                                                 const DeliveryId& delivery,
                                                 TimePoint since) override {
    searched_since.push_back(since);
    if (history_error) {
      return fail(*history_error);
    }
    const auto found = std::ranges::find(posted, delivery.value, &Posted::delivery);
    if (found == posted.end()) {
      return std::optional<std::string>();
    }
    return std::optional<std::string>("found-ts");
  }

  Result<chat::Identity> identify() override { return fail(ErrorCode::internal, "not asked"); }
  Result<std::vector<UserId>> members(const ChannelId&) override {
    return fail(ErrorCode::internal, "not asked");
  }
  Result<chat::Channel> find_channel(std::string_view) override {
    return fail(ErrorCode::internal, "not asked");
  }

 private:
  const Clock& clock_;
};

// A delivery with everything defaulted.
struct Given {
  std::string rendered = "a";
  std::string idempotency_key = {};  // nothing: `rendered`
  std::string channel = "C1";
  std::string subject = {};
  Audience audience = Audience::channel;
};

struct OutboxWorld : World {
  crypto::Sealer sealer{Secret("a secret of sixteen octets"), random};
  FakePlatform platform{clock};
  Outbox outbox{*database, queue, clock, random, sealer};
  std::optional<Error> no_platform;
  UncertainPolicy policy = UncertainPolicy::skip;

  bool add(const Given& given) {
    const NewDelivery delivery{
        .idempotency_key = given.idempotency_key.empty() ? given.rendered : given.idempotency_key,
        .workspace_id = "w",
        .channel = {given.channel},
        .subject = {given.subject},
        .rendered = given.rendered,
        .audience = given.audience};
    return database->write(
        [&](storage::Connection& connection) { return outbox.add(connection, delivery); });
  }

  void erase(std::string person, std::string direct) {
    database->write([&](storage::Connection& connection) {
      outbox.erase(connection, WorkspaceId{"w"}, UserId{std::move(person)},
                   ChannelId{std::move(direct)});
    });
  }

  std::size_t run_due() {
    Runner runner(queue, clock, random,
                  {outbox.kind(
                      [this](const std::string& workspace) -> Result<chat::Platform*> {
                        CHECK(workspace == "w");
                        if (no_platform) {
                          return fail(*no_platform);
                        }
                        return &platform;
                      },
                      policy)});
    return runner.run_due();
  }

  void run_for(std::chrono::milliseconds time) {
    run_due();
    for (std::chrono::milliseconds passed{0}; passed < time; passed += seconds(1)) {
      clock.advance(seconds(1));
      run_due();
    }
  }

  std::string state(std::string_view key) {
    return row("SELECT state FROM delivery WHERE idempotency_key = $1", {key}).text(0);
  }
  std::string error(std::string_view key) {
    return row("SELECT error FROM delivery WHERE idempotency_key = $1", {key}).text(0);
  }
  std::string job_state(std::string_view key) {
    return row("SELECT job.state FROM job JOIN delivery ON unique_key = 'deliver:' || delivery.id "
               "WHERE idempotency_key = $1",
               {key})
        .text(0);
  }
  std::vector<std::string> texts() const {
    std::vector<std::string> texts;
    for (const auto& post : platform.posted) {
      texts.push_back(post.text);
    }
    return texts;
  }

  // Leaves a delivery as a process does that died after the call.
  void die_while_sending(const Given& delivery, std::string_view key) {
    add(delivery);
    platform.dies = true;
    run_due();
    platform.dies = false;
    REQUIRE(state(key) == "sending");
  }
};

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("a delivery is posted and then emptied") {
  OutboxWorld world;
  CHECK(world.add({.rendered = "hello", .subject = "U1"}));
  CHECK(world.row("SELECT message FROM delivery").text(0).find("hello") == std::string::npos);
  world.run_due();
  REQUIRE(world.platform.posted.size() == 1);
  CHECK(world.platform.posted[0].channel == "C1");
  CHECK(world.platform.posted[0].text == "hello");
  const auto row = world.row(
      "SELECT id, state, message, platform_timestamp, finished_at, subject FROM delivery");
  CHECK(world.platform.posted[0].delivery == row.text(0));
  CHECK(row.text(1) == "sent");
  CHECK(row.text(2).empty());
  CHECK(row.text(3) == "ts-1");
  CHECK((row.time(4) == world.clock.now()));
  CHECK(row.text(5).empty());
  CHECK(world.job_state("hello") == "done");
}

TEST_CASE("a second delivery with the same key is not added") {
  OutboxWorld world;
  CHECK(world.add({.rendered = "one", .idempotency_key = "k"}));
  CHECK(!world.add({.rendered = "two", .idempotency_key = "k"}));
  world.run_for(seconds(3));
  CHECK((world.texts() == Texts{"one"}));
  CHECK(!world.add({.rendered = "three", .idempotency_key = "k"}));
  world.database->read([&](storage::Connection& connection) {
    CHECK(world.outbox.contains(connection, "k"));
    CHECK(!world.outbox.contains(connection, "other"));
  });
}

TEST_CASE("a delivery and its job are added together or not at all") {
  OutboxWorld world;
  CHECK_THROWS(world.database->write([&](storage::Connection& connection) {
    world.outbox.add(
        connection,
        {.idempotency_key = "k", .workspace_id = "w", .channel = {"C1"}, .rendered = "x"});
    throw std::runtime_error("changed my mind");
  }));
  CHECK(world.row("SELECT count(*) FROM delivery").integer(0) == 0);
  CHECK(world.row("SELECT count(*) FROM job").integer(0) == 0);
}

TEST_CASE("messages of one channel are posted in the order of adding and one a second") {
  OutboxWorld world;
  Texts expected;
  for (char c = 'a'; c <= 'f'; ++c) {
    expected.emplace_back(1, c);
    world.add({.rendered = std::string(1, c)});
  }
  world.run_for(seconds(30));
  CHECK((world.texts() == expected));
  for (std::size_t i = 1; i < world.platform.posted.size(); ++i) {
    CHECK((world.platform.posted[i].at - world.platform.posted[i - 1].at >= seconds(1)));
  }
}

TEST_CASE("channels do not wait for each other") {
  OutboxWorld world;
  for (const char* channel : {"C1", "C2", "C3"}) {
    world.add({.rendered = channel, .channel = channel});
  }
  world.run_due();
  CHECK(world.platform.posted.size() == 3);
}

TEST_CASE("a later message waits for one that is tried again") {
  OutboxWorld world;
  world.add({.rendered = "first"});
  world.add({.rendered = "second"});
  world.platform.answers = {{ErrorCode::unavailable, "away"}};
  world.run_due();
  CHECK(world.platform.posted.empty());
  CHECK(world.state("first") == "pending");
  world.run_for(seconds(10));
  CHECK((world.texts() == Texts{"first", "second"}));
}

TEST_CASE("a final error fails the delivery visibly and does not hold up the channel") {
  for (const ErrorCode code : {ErrorCode::not_found, ErrorCode::forbidden, ErrorCode::invalid_input,
                               ErrorCode::conflict}) {
    CAPTURE(to_string(code));
    OutboxWorld world;
    world.add({.rendered = "first"});
    world.add({.rendered = "second"});
    world.platform.answers = {{code, "channel_not_found"}};
    world.run_for(seconds(5));
    CHECK(world.state("first") == "failed");
    CHECK(world.error("first") == "channel_not_found");
    CHECK(world.job_state("first") == "failed");
    CHECK((world.texts() == Texts{"second"}));
  }
}

TEST_CASE("a rate limit is waited for and not counted as an attempt") {
  OutboxWorld world;
  world.add({.rendered = "a"});
  world.platform.answers = {{ErrorCode::rate_limited, "slow down", seconds(30)}};
  world.run_for(seconds(29));
  CHECK(world.platform.posted.empty());
  CHECK(world.state("a") == "pending");
  CHECK(world.row("SELECT attempts FROM job").integer(0) == 0);
  world.run_for(seconds(1));
  CHECK((world.texts() == Texts{"a"}));
  CHECK(world.platform.searched_since.empty());
}

TEST_CASE("a dead token keeps the delivery for days until the operator has replaced it") {
  OutboxWorld world;
  world.add({.rendered = "a"});
  for (int i = 0; i < 12; ++i) {
    world.platform.answers.push_back({ErrorCode::unauthorized, "invalid_auth"});
  }
  for (int i = 0; i < 12; ++i) {
    world.run_due();
    CHECK(world.state("a") == "pending");
    CHECK(world.error("a").find("invalid_auth") != std::string::npos);
    world.clock.advance(minute * 16);
  }
  world.run_due();
  CHECK((world.texts() == Texts{"a"}));
}

TEST_CASE("an outage of several days ends a delivery so that newer ones are posted") {
  OutboxWorld world;
  world.add({.rendered = "old"});
  world.no_platform = Error{ErrorCode::unavailable, "away"};
  world.run_due();
  CHECK(world.state("old") == "pending");
  world.clock.advance(std::chrono::hours(73));
  world.run_due();
  CHECK(world.state("old") == "failed");
  CHECK(world.error("old") == "given up after 72 hours: away");
  world.no_platform.reset();
  world.add({.rendered = "new"});
  world.run_for(seconds(2));
  CHECK((world.texts() == Texts{"new"}));
}

TEST_CASE("a message that was posted without an answer is found and not posted again") {
  for (const ErrorCode code :
       {ErrorCode::uncertain, ErrorCode::bad_response, ErrorCode::internal}) {
    CAPTURE(to_string(code));
    OutboxWorld world;
    world.add({.rendered = "a"});
    world.platform.answers = {{code, "reset"}};
    world.platform.posts_what_it_does_not_confirm = true;
    const TimePoint called = world.clock.now();
    world.run_due();
    CHECK(world.state("a") == "sending");
    world.run_for(seconds(5));
    CHECK((world.texts() == Texts{"a"}));
    CHECK(world.row("SELECT platform_timestamp FROM delivery").text(0) == "found-ts");
    CHECK(world.state("a") == "sent");
    REQUIRE(world.platform.searched_since.size() == 1);
    CHECK((world.platform.searched_since[0] == called - minute));
  }
}

TEST_CASE("a message that certainly was not posted is posted again") {
  OutboxWorld world;
  world.add({.rendered = "a"});
  world.platform.answers = {{ErrorCode::uncertain, "reset"}};
  world.run_due();
  CHECK(world.platform.posted.empty());
  world.run_for(seconds(5));
  CHECK((world.texts() == Texts{"a"}));
  CHECK(world.state("a") == "sent");
}

TEST_CASE("a delivery left in sending by a dead process is reconciled after its lease") {
  OutboxWorld world;
  world.add({.rendered = "a"});
  const auto job = *world.queue.claim(minute);
  world.platform.posts_what_it_does_not_confirm = true;
  const auto id = world.row("SELECT id FROM delivery").text(0);
  world.database->write([&](storage::Connection& connection) {
    connection.execute("UPDATE delivery SET state = 'sending', attempted_at = $1",
                       {world.clock.now()});
  });
  world.platform.posted.push_back({"C1", "a", id, world.clock.now()});
  CHECK(world.run_due() == 0);
  world.clock.advance(minute);
  CHECK(world.run_due() == 1);
  CHECK((world.texts() == Texts{"a"}));
  CHECK(world.state("a") == "sent");
  world.queue.fail(job, "late");
  CHECK(world.job_state("a") == "done");
}

TEST_CASE("a worker that lost its lease during the call changes nothing any more") {
  for (const std::optional<Error>& late :
       {std::optional<Error>(), std::optional(Error{ErrorCode::rate_limited, "late"}),
        std::optional(Error{ErrorCode::unauthorized, "late"}),
        std::optional(Error{ErrorCode::uncertain, "late"}),
        std::optional(Error{ErrorCode::not_found, "late"})}) {
    OutboxWorld world;
    world.add({.rendered = "a"});
    world.platform.during_post = [&] {
      // Another worker takes over, finds nothing in the channel and posts.
      world.clock.advance(minute);
      world.run_due();
      REQUIRE(world.state("a") == "sent");
      if (late) {
        world.platform.answers = {*late};
      }
    };
    world.run_due();
    CHECK(world.state("a") == "sent");
    CHECK(world.error("a").empty());
    CHECK(world.row("SELECT platform_timestamp FROM delivery").text(0) == "ts-1");
    CHECK(world.job_state("a") == "done");
  }
}

TEST_CASE("a worker that comes back late does not end the call of the one that took over") {
  OutboxWorld world;
  world.add({.rendered = "a"});
  world.platform.during_post = [&] {
    world.clock.advance(minute);
    world.platform.answers = {{ErrorCode::uncertain, "reset"}};
    world.run_due();
    REQUIRE(world.state("a") == "sending");
    world.platform.answers = {{ErrorCode::unavailable, "late"}};
  };
  world.run_due();
  CHECK(world.state("a") == "sending");
  CHECK(world.error("a") == "reset");
}

TEST_CASE("a failed delivery keeps its error and nothing of its content") {
  OutboxWorld world;
  world.add({.rendered = "a", .subject = "U1"});
  world.platform.answers = {{ErrorCode::not_found, "channel_not_found"}};
  world.run_due();
  const auto row = world.row("SELECT state, message, subject, error FROM delivery");
  CHECK(row.text(0) == "failed");
  CHECK(row.text(1).empty());
  CHECK(row.text(2).empty());
  CHECK(row.text(3) == "channel_not_found");
}

TEST_CASE("where history cannot be read a channel post is skipped and says how to change that") {
  OutboxWorld world;
  world.platform.history_error = Error{ErrorCode::forbidden, "missing_scope"};
  world.die_while_sending({.rendered = "a"}, "a");
  world.add({.rendered = "b"});
  world.run_for(seconds(5));
  CHECK((world.texts() == Texts{"a", "b"}));
  CHECK(world.state("a") == "failed");
  CHECK(world.error("a").find("POST_UNCERTAIN") != std::string::npos);
  CHECK(world.job_state("a") == "failed");
}

TEST_CASE("where history cannot be read a channel post is sent again if so decided") {
  OutboxWorld world;
  world.policy = UncertainPolicy::resend;
  world.platform.history_error = Error{ErrorCode::forbidden, "missing_scope"};
  world.die_while_sending({.rendered = "a"}, "a");
  world.run_for(seconds(5));
  CHECK((world.texts() == Texts{"a", "a"}));
  CHECK(world.state("a") == "sent");
}

TEST_CASE("where history cannot be read an answer to a person is sent again") {
  OutboxWorld world;
  world.platform.history_error = Error{ErrorCode::forbidden, "missing_scope"};
  world.die_while_sending({.rendered = "a", .audience = Audience::person}, "a");
  world.run_for(seconds(5));
  CHECK((world.texts() == Texts{"a", "a"}));
}

TEST_CASE("a search of history that fails is tried again before anything is posted") {
  for (const ErrorCode code : {ErrorCode::unavailable, ErrorCode::uncertain,
                               ErrorCode::rate_limited, ErrorCode::unauthorized}) {
    CAPTURE(to_string(code));
    OutboxWorld world;
    world.die_while_sending({.rendered = "a"}, "a");
    world.platform.history_error = Error{code, "away"};
    world.run_for(seconds(20));
    CHECK(world.state("a") == "sending");
    world.platform.history_error.reset();
    world.run_for(seconds(60));
    CHECK((world.texts() == Texts{"a"}));
    CHECK(world.state("a") == "sent");
  }
}

TEST_CASE("a channel that is gone ends the search for a message") {
  OutboxWorld world;
  world.die_while_sending({.rendered = "a"}, "a");
  world.platform.history_error = Error{ErrorCode::not_found, "channel_not_found"};
  world.run_for(seconds(5));
  CHECK(world.state("a") == "failed");
}

TEST_CASE("a message that never gets a clear answer is given up") {
  OutboxWorld world;
  world.add({.rendered = "poison"});
  world.add({.rendered = "good"});
  for (int i = 0; i < 8; ++i) {
    world.platform.answers.push_back({ErrorCode::uncertain, "500"});
  }
  world.run_for(minute * 20);
  CHECK(world.state("poison") == "failed");
  CHECK(world.error("poison").find("may have been posted") != std::string::npos);
  CHECK((world.texts() == Texts{"good"}));
}

TEST_CASE("a message that cannot be unsealed fails with the reason") {
  OutboxWorld world;
  world.add({.rendered = "a"});
  world.database->write([](storage::Connection& connection) {
    connection.execute("UPDATE delivery SET message = 'AAAA'");
  });
  world.run_due();
  CHECK(world.state("a") == "failed");
  CHECK(world.error("a").find("SECRET_KEY") != std::string::npos);
}

TEST_CASE("deliveries of a workspace that is gone fail") {
  OutboxWorld world;
  world.add({.rendered = "a"});
  world.no_platform = Error{ErrorCode::not_found, "no such workspace"};
  world.run_due();
  CHECK(world.state("a") == "failed");
}

TEST_CASE("what became of a group of deliveries is told by the start of their keys") {
  OutboxWorld world;
  world.add({.rendered = "a", .idempotency_key = "summary:1:0"});
  world.add({.rendered = "b", .idempotency_key = "summary:1:1", .channel = "C2"});
  world.add({.rendered = "c", .idempotency_key = "summary:10:0", .channel = "C3"});
  Outcomes outcomes = world.outbox.outcomes("summary:1:");
  CHECK(outcomes.open == 2);
  CHECK(outcomes.error.empty());
  world.platform.answers = {{ErrorCode::unavailable, "away"},
                            {ErrorCode::unavailable, "away"},
                            {ErrorCode::unavailable, "away"}};
  world.run_due();
  outcomes = world.outbox.outcomes("summary:1:");
  CHECK(outcomes.open == 2);
  CHECK(outcomes.error == "away");
  world.platform.answers = {{ErrorCode::not_found, "gone"},
                            {ErrorCode::not_found, "gone"},
                            {ErrorCode::not_found, "gone"}};
  world.run_for(seconds(3));
  outcomes = world.outbox.outcomes("summary:1:");
  CHECK(outcomes.failed == 2);
  CHECK(outcomes.open == 0);
  CHECK(outcomes.error == "gone");
  CHECK(world.outbox.outcomes("summary:2:").failed == 0);
}

TEST_CASE("the deliveries about a person are erased and the others stay") {
  OutboxWorld world;
  world.add({.rendered = "a", .subject = "U1"});
  world.add({.rendered = "b", .subject = "U2"});
  world.add({.rendered = "c"});
  world.database->write([&](storage::Connection& connection) {
    world.outbox.erase(connection, WorkspaceId{"w"}, UserId{"U1"}, ChannelId{"D1"});
    world.queue.erase(connection, WorkspaceId{"w"}, UserId{"U1"});
    world.outbox.erase(connection, WorkspaceId{"w"}, UserId{""}, ChannelId{""});
    world.queue.erase(connection, WorkspaceId{"w"}, UserId{""});
  });
  CHECK(world.row("SELECT count(*) FROM delivery").integer(0) == 2);
  world.run_for(seconds(5));
  CHECK((world.texts() == Texts{"b", "c"}));
}

TEST_CASE("what was posted to a person directly is erased with the person") {
  OutboxWorld world;
  world.add({.rendered = "a", .channel = "D1", .audience = Audience::person});
  world.add({.rendered = "b", .channel = "U1", .audience = Audience::person});
  world.add({.rendered = "c", .channel = "D2", .audience = Audience::person});
  world.run_due();
  world.add({.rendered = "d", .channel = "D1", .audience = Audience::person});
  world.erase("U1", "D1");
  CHECK(world.row("SELECT count(*) FROM delivery").integer(0) == 1);
  CHECK(world.state("c") == "sent");
}

TEST_CASE("an answer that is added after erasing is posted") {
  OutboxWorld world;
  world.add({.rendered = "old", .channel = "D1", .audience = Audience::person});
  world.database->write([&](storage::Connection& connection) {
    world.outbox.erase(connection, WorkspaceId{"w"}, UserId{"U1"}, ChannelId{"D1"});
    world.outbox.add(connection, {.idempotency_key = "farewell",
                                  .workspace_id = "w",
                                  .channel = {"D1"},
                                  .subject = {"U1"},
                                  .rendered = "farewell",
                                  .audience = Audience::person});
  });
  world.run_for(seconds(3));
  CHECK((world.texts() == Texts{"farewell"}));
}

TEST_CASE("what was posted to a channel stays when its members leave") {
  OutboxWorld world;
  world.add({.rendered = "a", .channel = "C1"});
  world.run_due();
  world.erase("U1", "C1");
  CHECK(world.state("a") == "sent");
}

TEST_CASE("deliveries about one person in several channels do not wait for each other") {
  OutboxWorld world;
  world.add({.rendered = "a", .channel = "C1", .subject = "U1"});
  world.add({.rendered = "b", .channel = "C1", .subject = "U1"});
  world.add({.rendered = "c", .channel = "C2", .subject = "U1"});
  world.platform.answers = {{ErrorCode::rate_limited, "slow down", seconds(30)}};
  world.run_due();
  CHECK(world.platform.posted.size() == 1);
  world.run_for(minute * 2);
  CHECK(world.platform.posted.size() == 3);
}

TEST_CASE("a job whose delivery was erased is done") {
  OutboxWorld world;
  world.add({.rendered = "a"});
  world.database->write(
      [](storage::Connection& connection) { connection.execute("DELETE FROM delivery"); });
  CHECK(world.run_due() == 1);
  CHECK(world.platform.posted.empty());
  CHECK(world.row("SELECT state FROM job").text(0) == "done");
}

TEST_CASE("finished deliveries are removed after their time and open ones are kept") {
  OutboxWorld world;
  world.add({.rendered = "sent"});
  world.run_due();
  world.add({.rendered = "open", .channel = "C2"});
  world.clock.advance(minute);
  CHECK(world.outbox.clean(minute * 2) == 0);
  world.clock.advance(minute);
  CHECK(world.outbox.clean(minute) == 1);
  CHECK(world.state("open") == "pending");
}

}  // namespace bb::jobs

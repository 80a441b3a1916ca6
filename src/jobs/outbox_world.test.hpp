// An outbox on a virtual clock and a platform that records what is posted, for the tests of this
// folder.
#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "jobs/outbox.hpp"
#include "jobs/world.test.hpp"

namespace bb::jobs {

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
    std::string thread = {};
    chat::Form form = chat::Form::rich;
    bool is_marked = true;
  };

  explicit FakePlatform(const Clock& clock) : clock_(clock) {}

  std::vector<Posted> posted;
  std::deque<Error> answers;
  bool posts_what_it_does_not_confirm = false;
  bool dies = false;  // as if the process ended after the call
  std::function<void()> during_post;
  std::optional<Error> history_error;
  std::vector<TimePoint> searched_since;
  std::function<Result<chat::Identity>()> on_identify;

  Result<std::string> post(const chat::Post& post) override {
    if (const auto meanwhile = std::exchange(during_post, nullptr)) {
      meanwhile();
    }
    std::optional<Error> answer;
    if (!answers.empty()) {
      answer = answers.front();
      answers.pop_front();
    }
    if (!answer || posts_what_it_does_not_confirm) {
      posted.push_back({post.place.channel.value, std::string(post.rendered), post.delivery.value,
                        clock_.now(), post.place.thread, post.form, post.is_marked});
    }
    if (dies) {
      throw std::runtime_error("the process died");
    }
    if (answer) {
      return fail(*answer);
    }
    return "ts-" + std::to_string(posted.size());
  }

  // Only in the place that is asked about, as the platform does.
  Result<std::optional<std::string>> find_posted(const chat::Place& place,
                                                 const DeliveryId& delivery,
                                                 TimePoint since) override {
    searched_since.push_back(since);
    if (history_error) {
      return fail(*history_error);
    }
    for (const Posted& post : posted) {
      if (post.is_marked && post.delivery == delivery.value &&
          post.channel == place.channel.value && post.thread == place.thread) {
        return std::optional<std::string>("found-ts");
      }
    }
    return std::optional<std::string>();
  }

  Result<chat::Identity> identify() override {
    return on_identify ? on_identify() : fail(ErrorCode::internal, "not asked");
  }
  Result<std::vector<UserId>> members(const ChannelId&) override {
    return fail(ErrorCode::internal, "not asked");
  }
  Result<chat::Channel> find_channel(std::string_view) override {
    return fail(ErrorCode::internal, "not asked");
  }
  Result<chat::Person> person(const UserId&) override {
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
  std::string thread_of = {};
};

struct OutboxWorld : World {
  crypto::Sealer sealer{Secret("a secret of sixteen octets"), random};
  FakePlatform platform{clock};
  Outbox outbox{*database, queue, clock, random, sealer};
  std::optional<Error> no_platform;
  DeliverySettings settings{
      .render = [](const chat::Message& message) { return message.fallback; }};

  OutboxWorld() {
    database->write([&](storage::Connection& connection) {
      connection.execute(
          "INSERT INTO workspace (id, platform, team_id, name, bot_user, created_at) "
          "VALUES ('w', 'slack', 'T1', 'Cedar', 'UB', $1)",
          {clock.now()});
    });
  }

  bool add(const Given& given) {
    const NewDelivery delivery{
        .idempotency_key = given.idempotency_key.empty() ? given.rendered : given.idempotency_key,
        .workspace_id = "w",
        .channel = {given.channel},
        .subject = {given.subject},
        .rendered = given.rendered,
        .audience = given.audience,
        .thread_of = given.thread_of};
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
                      settings)});
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
  std::string timestamp(std::string_view key) {
    return row("SELECT platform_timestamp FROM delivery WHERE idempotency_key = $1", {key}).text(0);
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

}  // namespace bb::jobs

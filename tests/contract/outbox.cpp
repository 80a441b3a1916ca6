// What the outbox promises when several instances post from one database.
#include "jobs/outbox.hpp"

#include <doctest/doctest.h>

#include <map>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "storage/migrations.hpp"
#include "tests/databases/fresh_database.hpp"

namespace bb::jobs {
namespace {

constexpr int instances = 3;
constexpr int channels = 4;
constexpr int messages = 5;

// Records what is posted, by channel, with the time.
class SharedPlatform final : public chat::Platform {
 public:
  explicit SharedPlatform(const Clock& clock) : clock_(clock) {}

  Result<std::string> post(const chat::Post& post) override {
    const std::lock_guard lock(mutex_);
    posted_[post.place.channel.value].emplace_back(post.rendered, clock_.now());
    return "ts";
  }
  Result<std::optional<std::string>> find_posted(const chat::Place&, const DeliveryId&,
                                                 TimePoint) override {
    return fail(ErrorCode::internal, "not asked");
  }
  Result<chat::Identity> identify() override { return fail(ErrorCode::internal, "not asked"); }
  Result<std::vector<UserId>> members(const ChannelId&) override {
    return fail(ErrorCode::internal, "not asked");
  }
  Result<chat::Channel> find_channel(std::string_view) override {
    return fail(ErrorCode::internal, "not asked");
  }

  Result<chat::Person> person(const UserId&) override {
    return fail(ErrorCode::internal, "not asked");
  }

  using Posts = std::vector<std::pair<std::string, TimePoint>>;
  [[nodiscard]] std::map<std::string, Posts> posted() const {
    const std::lock_guard lock(mutex_);
    return posted_;
  }

 private:
  const Clock& clock_;
  mutable std::mutex mutex_;
  std::map<std::string, Posts> posted_;
};

// One process.
struct Instance {
  Instance(std::unique_ptr<storage::Database> opened, const Clock& clock, SharedPlatform& platform,
           std::uint64_t seed)
      : database(std::move(opened)),
        random(seed),
        queue(*database, clock, random),
        outbox(*database, queue, clock, random, sealer),
        runner(queue, clock, random,
               {outbox.kind([&platform](const std::string&) { return &platform; }, {})}) {}

  std::unique_ptr<storage::Database> database;
  SeededRandom random;
  crypto::Sealer sealer{Secret("a secret of sixteen octets"), random};
  Queue queue;
  Outbox outbox;
  Runner runner;
};

}  // namespace

TEST_CASE("several instances post the messages of each channel once, in order and at its pace") {
  for (const tests::DatabaseKind& kind : tests::database_kinds()) {
    CAPTURE(std::string(kind.name));
    const auto fresh = kind.make();
    VirtualClock clock{TimePoint(std::chrono::hours(500'000))};
    const auto database = fresh->open();
    REQUIRE(storage::migrate(*database, storage::migrations(), clock).has_value());
    SharedPlatform platform(clock);
    std::vector<std::unique_ptr<Instance>> running;
    for (std::uint64_t i = 0; i < instances; ++i) {
      running.push_back(std::make_unique<Instance>(fresh->open(), clock, platform, i + 1));
    }
    for (int message = 0; message < messages; ++message) {
      for (int channel = 0; channel < channels; ++channel) {
        const std::string key = std::to_string(channel) + ":" + std::to_string(message);
        database->write([&](storage::Connection& connection) {
          running[0]->outbox.add(connection, {.idempotency_key = key,
                                              .workspace_id = "w",
                                              .channel = {"C" + std::to_string(channel)},
                                              .rendered = std::to_string(message)});
        });
      }
    }
    // What a retry of a conflict or the pace puts off comes in a later second.
    const auto is_open = [&] {
      return database->read([](storage::Connection& connection) {
        return connection.query("SELECT count(*) FROM delivery WHERE state <> 'sent'")
                   .at(0)
                   .integer(0) > 0;
      });
    };
    for (int second = 0; second < 120 && is_open(); ++second) {
      std::vector<std::jthread> threads;
      for (const auto& instance : running) {
        threads.emplace_back([&instance] { instance->runner.run_due(); });
      }
      threads.clear();
      clock.advance(std::chrono::seconds(1));
    }
    const auto posted = platform.posted();
    CHECK(posted.size() == channels);
    for (const auto& [channel, posts] : posted) {
      CAPTURE(channel);
      REQUIRE(posts.size() == messages);
      for (std::size_t i = 0; i < posts.size(); ++i) {
        CHECK(posts[i].first == std::to_string(i));
        CHECK((i == 0 || posts[i].second - posts[i - 1].second >= std::chrono::seconds(1)));
      }
    }
  }
}

}  // namespace bb::jobs

// A database with feeds, sources that have what a test puts there, and a virtual clock.
#pragma once

#include <doctest/doctest.h>

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/time.hpp"
#include "crypto/crypto.hpp"
#include "features/feeds/polling.hpp"
#include "features/feeds/posting.hpp"
#include "storage/migrations.hpp"
#include "tests/temporary_folder.hpp"

namespace bb::feeds {

struct FakeFeed {
  std::vector<Item> items = {};
  std::optional<Error> error = std::nullopt;  // of polls and lookups
  std::optional<Error> lookup_error = std::nullopt;
  std::optional<std::chrono::seconds> wait = std::nullopt;
  std::string moved_to = {};
  Position position = {};
  bool is_gone = false;
  bool is_unchanged = false;
  std::size_t billed = 0;
  std::size_t fetches = 0;
  std::size_t lookups = 0;
};

// Answers without a network. Takes every address that begins with its name.
class FakeSource final : public Source {
 public:
  explicit FakeSource(std::string name) : name_(std::move(name)) {}

  [[nodiscard]] std::string_view name() const override { return name_; }

  [[nodiscard]] std::optional<Step<Target>> resolve(std::string_view typed) const override {
    if (!typed.starts_with(name_)) {
      return std::nullopt;
    }
    if (const FakeFeed& feed = (*feeds)[std::string(typed)]; feed.error) {
      return Result<Target>(fail(*feed.error));
    }
    return Result<Target>(Target{.source = name_, .address = std::string(typed), .name = "Ada"});
  }

  [[nodiscard]] Step<Batch> fetch(const Target& target, const Position&) const override {
    const std::lock_guard lock(mutex_);
    FakeFeed& feed = (*feeds)[target.address];
    ++feed.fetches;
    if (feed.error) {
      return Result<Batch>(fail(*feed.error));
    }
    Batch batch{.target = target,
                .position = feed.position,
                .is_gone = feed.is_gone,
                .wait = feed.wait,
                .billed = feed.billed};
    if (!feed.is_unchanged) {
      batch.items = feed.items;
    }
    if (!feed.moved_to.empty()) {
      batch.target.address = feed.moved_to;
    }
    return Result<Batch>(std::move(batch));
  }

  [[nodiscard]] Step<std::optional<Item>> look_up(const Target& target,
                                                  const Item& item) const override {
    using Found = Result<std::optional<Item>>;
    const std::lock_guard lock(mutex_);
    FakeFeed& feed = (*feeds)[target.address];
    ++feed.lookups;
    if (feed.error || feed.lookup_error) {
      return Found(fail(feed.error ? *feed.error : *feed.lookup_error));
    }
    for (const Item& one : feed.items) {
      if (one.id == item.id) {
        return Found(one);
      }
    }
    return Found(std::nullopt);
  }

  std::shared_ptr<std::map<std::string, FakeFeed>> feeds =
      std::make_shared<std::map<std::string, FakeFeed>>();

 private:
  std::string name_;
  mutable std::mutex mutex_;  // instances in threads of a test ask at the same time
};

// Sources that answer at once have nothing to send.
class NoNetwork final : public http::Client {
 public:
  Result<http::Response> send(const http::ClientRequest&) override {
    return fail(ErrorCode::unavailable, "there is no network here");
  }
  void stop() override { stopped = true; }
  [[nodiscard]] bool is_stopped() const override { return stopped; }
  bool stopped = false;
};

inline std::string fallback_of(const chat::Message& message) {
  return message.fallback;
}

// As a worker does it.
inline Result<jobs::Outcome> run_kind(const jobs::Kind& kind, const Clock& clock) {
  return kind.handle({.id = {"none"},
                      .kind = kind.name,
                      .payload = "{}",
                      .workspace_id = {},
                      .subject = {},
                      .request_id = {},
                      .attempts = 1,
                      .created_at = clock.now()});
}

struct World {
  tests::TemporaryFolder folder;
  VirtualClock clock{parse_rfc3339("2026-11-20T18:00:00Z").value()};
  SeededRandom random{1};
  std::unique_ptr<storage::Database> database;
  jobs::Queue queue{*database, clock, random};
  crypto::Sealer sealer{Secret("0123456789abcdef"), random};
  jobs::Outbox outbox{*database, queue, clock, random, sealer};
  NoNetwork client;
  Sources sources;
  std::map<std::string, FakeFeed>* x = nullptr;
  std::map<std::string, FakeFeed>* mastodon = nullptr;
  std::map<std::string, FakeFeed>* rss = nullptr;
  Context context{.database = *database,
                  .queue = queue,
                  .outbox = outbox,
                  .sources = sources,
                  .client = client,
                  .clock = clock,
                  .random = random,
                  .render = &fallback_of};
  Polling polling{context};
  Posting posting{context};

  World() : World(nullptr) {}

  // On a database of the test's own.
  explicit World(std::unique_ptr<storage::Database> its)
      : database(its ? std::move(its) : *storage::open("sqlite:" + folder.path("test.db"))) {
    REQUIRE(storage::migrate(*database, storage::migrations(), clock).has_value());
    x = add_source("x");
    mastodon = add_source("mastodon");
    rss = add_source("rss");
  }

  std::map<std::string, FakeFeed>* add_source(const std::string& name) {
    auto source = std::make_unique<FakeSource>(name);
    auto* feeds = source->feeds.get();
    sources.push_back(std::move(source));
    return feeds;
  }

  // In #general. An address of the web is a feed of its, others begin with their source.
  Feed add(const std::string& address, const FeedSettings& settings = {}, std::int64_t newest = 0) {
    const auto added = database->write([&](storage::Connection& connection) {
      return add_feed(connection,
                      {.workspace = {"W1"},
                       .channel = {"C1"},
                       .channel_name = "general",
                       .target = {.source = address.starts_with("https:")
                                                ? "rss"
                                                : address.substr(0, address.find(':')),
                                  .address = address,
                                  .name = "Ada"},
                       .settings = settings,
                       .newest = newest,
                       .added_by = {"UOLGA"}},
                      clock, random);
    });
    REQUIRE(added);
    return *added;
  }

  Feed feed(const std::string& address) {
    const auto found = database->read([&](storage::Connection& connection) {
      return find_feed(connection, {"W1"}, std::nullopt, address);
    });
    REQUIRE(found);
    return *found;
  }

  // An item of this moment.
  [[nodiscard]] Item item(const std::string& id, const std::string& text = {}) const {
    return {.id = id,
            .url = "https://example.org/" + id,
            .text = text.empty() ? "text of " + id : text,
            .author = "Ada",
            .published_at = clock.now()};
  }

  // What the scheduler and the workers do at this moment.
  void work() {
    for (const jobs::Kind& kind : {polling.job().kind(), posting.job().kind()}) {
      REQUIRE(run_kind(kind, clock));
    }
  }

  void run_for(std::chrono::minutes time) {
    for (const TimePoint end = clock.now() + time; clock.now() < end;) {
      clock.advance(std::chrono::minutes(1));
      work();
    }
  }

  storage::Rows rows(std::string_view sql, std::initializer_list<storage::Value> parameters = {}) {
    return database->read(
        [&](storage::Connection& connection) { return connection.query(sql, parameters); });
  }

  // The messages to channels (or to people), in their order.
  std::vector<std::string> messages(const std::string& audience = "channel") {
    std::vector<std::string> texts;
    for (const storage::Row& row :
         rows("SELECT id, message FROM delivery WHERE audience = $1 ORDER BY sequence",
              {audience})) {
      texts.push_back(sealer.open(row.text(1), "delivery:" + row.text(0)).value_or("?"));
    }
    return texts;
  }

  std::string state_of(const std::string& item_id) {
    const auto found = rows("SELECT state, reason FROM feed_item WHERE item_id = $1", {item_id});
    REQUIRE(found.size() == 1);
    return found[0].text(0) + (found[0].text(1).empty() ? "" : ": " + found[0].text(1));
  }
};

}  // namespace bb::feeds

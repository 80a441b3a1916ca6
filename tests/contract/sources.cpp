// What every kind of source does, over HTTP against the simulated networks.
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "features/feeds/sources/bluesky/bluesky.hpp"
#include "features/feeds/sources/mastodon/mastodon.hpp"
#include "features/feeds/sources/rss/rss.hpp"
#include "features/feeds/sources/x/x.hpp"
#include "http/client.hpp"
#include "sim/social.hpp"

namespace bb::feeds {
namespace {

using namespace std::chrono_literals;
using sim::Network;

enum class XAs { app, person };

struct World {
  explicit World(XAs who = XAs::app, sim::SocialOptions options = {})
      : social(std::move(sim::Social::start(clock, random, std::move(options)).value())) {
    const sim::SocialOptions& known = social->options();
    XSettings settings{.api_url = social->x_api_url(),
                       .consumer_key = known.x_consumer_key,
                       .consumer_secret = known.x_consumer_secret};
    if (who == XAs::person) {
      settings.access_token = Secret(known.x_access_token);
      settings.access_token_secret = known.x_access_token_secret;
    }
    x = make_x(std::move(settings), clock, random);
    mastodon = make_mastodon(make_rss(clock), clock);
    bluesky = make_bluesky(social->bluesky_api_url(), clock);
  }

  Result<Target> resolve(const Source& source, std::string_view typed) {
    auto step = source.resolve(typed);
    return step ? run<Target>(*client, *std::move(step))
                : fail(ErrorCode::invalid_input, "not an address of this source");
  }
  Result<Batch> fetch(const Source& source, const Target& target, const Position& position = {}) {
    return run<Batch>(*client, source.fetch(target, position));
  }
  Result<std::optional<Item>> look_up(const Source& source, const Target& target,
                                      const Item& item) {
    return run<std::optional<Item>>(*client, source.look_up(target, item));
  }

  VirtualClock clock{TimePoint(std::chrono::milliseconds(1'795'000'000'000))};
  SeededRandom random{1};
  std::unique_ptr<http::Client> client = http::make_curl_client({.user_agent = "contract-tests"});
  std::unique_ptr<sim::Social> social;
  std::unique_ptr<Source> x;
  std::unique_ptr<Source> mastodon;
  std::unique_ptr<Source> bluesky;
};

struct Kind {
  Network network;
  std::unique_ptr<Source> World::* source;
  std::string account;
};

const Kind kinds[] = {
    {Network::x, &World::x, "ada"},
    {Network::mastodon, &World::mastodon, "ada"},
    {Network::bluesky, &World::bluesky, "ada.example"},
};

// Where a network cannot be asked for what is new, what is known may come again.
std::vector<std::string> ids_of(const std::vector<Item>& items, const std::string& known = {}) {
  std::vector<std::string> ids;
  for (const Item& item : items) {
    if (item.id != known) {
      ids.push_back(item.id);
    }
  }
  std::ranges::sort(ids);
  return ids;
}

}  // namespace

TEST_CASE("a source tells an account, its posts, and later those that are new") {
  for (const Kind& kind : kinds) {
    World world;
    const Source& source = *(world.*kind.source);
    CAPTURE(source.name());
    const std::string first =
        world.social->add_post(kind.network, kind.account,
                               {.text = "Hello & <all> #Cpp",
                                .link = "https://example.org/a/very/long/address?a=1&b=2",
                                .pictures = 2});
    const auto target = world.resolve(source, world.social->address(kind.network, kind.account));
    REQUIRE(target);
    CHECK(target->source == source.name());
    CHECK_FALSE(target->account.empty());
    const auto begun = world.fetch(source, *target);
    REQUIRE(begun);
    CHECK(begun->target == *target);
    REQUIRE(begun->items.size() == 1);
    const Item& item = begun->items.front();
    CHECK(item.id == first);
    CHECK(item.url.starts_with("http"));
    CHECK(item.text == "Hello & <all> #Cpp https://example.org/a/very/long/address?a=1&b=2");
    CHECK(item.hashtags == std::vector<std::string>{"cpp"});
    CHECK(item.media == 2);
    CHECK(item.published_at == std::chrono::floor<std::chrono::seconds>(world.clock.now()));

    world.clock.advance(24h);
    const std::string second = world.social->add_post(kind.network, kind.account, {.text = "b"});
    const auto next = world.fetch(source, *target, begun->position);
    REQUIRE(next);
    CHECK(ids_of(next->items, first) == std::vector<std::string>{second});
    CHECK(next->position != begun->position);
    world.clock.advance(24h);
    const auto quiet = world.fetch(source, *target, next->position);
    REQUIRE(quiet);
    CHECK(quiet->position == next->position);
  }
}

TEST_CASE("a source looks a post up: as it is now, edited or deleted") {
  for (const Kind& kind : kinds) {
    World world;
    const Source& source = *(world.*kind.source);
    CAPTURE(source.name());
    const std::string id = world.social->add_post(kind.network, kind.account, {.text = "frist"});
    const auto target = world.resolve(source, world.social->address(kind.network, kind.account));
    REQUIRE(target);
    const auto batch = world.fetch(source, *target);
    REQUIRE(batch);
    const Item item = batch->items.at(0);
    const auto same = world.look_up(source, *target, item);
    REQUIRE(same);
    CHECK(*same == item);
    world.clock.advance(1min);
    world.social->edit_post(kind.network, kind.account, id, "first");
    const auto edited = world.look_up(source, *target, item);
    REQUIRE((edited && *edited));
    CHECK((*edited)->id == item.id);
    CHECK((*edited)->text == "first");
    world.social->delete_post(kind.network, kind.account, id);
    const auto deleted = world.look_up(source, *target, item);
    REQUIRE(deleted);
    CHECK_FALSE(*deleted);
  }
}

TEST_CASE("a source loses none of many posts that came at once") {
  for (const Kind& kind : kinds) {
    World world;
    const Source& source = *(world.*kind.source);
    CAPTURE(source.name());
    const std::string known = world.social->add_post(kind.network, kind.account, {.text = "known"});
    const auto target = world.resolve(source, world.social->address(kind.network, kind.account));
    REQUIRE(target);
    auto batch = world.fetch(source, *target);
    REQUIRE(batch);
    world.clock.advance(24h);
    std::vector<std::string> added;
    for (int i = 0; i < 130; ++i) {
      world.clock.advance(1min);
      added.push_back(
          world.social->add_post(kind.network, kind.account, {.text = std::to_string(i)}));
    }
    std::vector<Item> found;
    for (int round = 0; round < 5; ++round) {
      batch = world.fetch(source, *target, batch->position);
      REQUIRE(batch);
      for (const Item& item : batch->items) {
        if (std::ranges::find(found, item.id, &Item::id) == found.end()) {
          found.push_back(item);
        }
      }
    }
    std::ranges::sort(added);
    CHECK(ids_of(found, known) == added);
  }
}

TEST_CASE("a page instead of an answer does not mean that a post was deleted") {
  for (const Network network : {Network::x, Network::mastodon}) {
    World world;
    const Source& source = network == Network::x ? *world.x : *world.mastodon;
    CAPTURE(source.name());
    world.social->add_post(network, "ada", {.text = "a"});
    const auto target = world.resolve(source, world.social->address(network, "ada"));
    REQUIRE(target);
    const auto batch = world.fetch(source, *target);
    REQUIRE(batch);
    for (const int status : {404, 410}) {
      world.social->add_fault("*", sim::html_instead(status));
      CHECK_FALSE(world.look_up(source, *target, batch->items.at(0)));
    }
  }
}

TEST_CASE("an account that does not exist is not found") {
  World world;
  CHECK(world.resolve(*world.x, "@nobody").error().code == ErrorCode::not_found);
  CHECK(world.resolve(*world.bluesky, "nobody.example").error().code == ErrorCode::not_found);
  const std::string profile = world.social->address(Network::mastodon, "ada");
  CHECK(world.resolve(*world.mastodon, profile + "2").error().code == ErrorCode::not_found);
  const auto gone = world.fetch(*world.bluesky,
                                {.source = "bluesky", .address = "", .account = "did:plc:nobody"});
  CHECK(gone.error().code == ErrorCode::not_found);
}

TEST_CASE("what people type belongs to the source whose addresses look like that") {
  World world;
  const auto is_of = [](const Source& source, std::string_view typed) {
    return source.resolve(typed).has_value();
  };
  for (const char* typed : {"@ada", " @Ada_99 ", "https://x.com/ada", "http://www.twitter.com/ada/",
                            "https://mobile.twitter.com/ada?s=20"}) {
    CAPTURE(std::string(typed));
    CHECK(is_of(*world.x, typed));
    CHECK_FALSE(is_of(*world.bluesky, typed));
  }
  for (const char* typed :
       {"ada.example", "@ada.bsky.social", "did:plc:abc", "did:web:example.org",
        "https://bsky.app/profile/ada.example", "https://bsky.app/profile/did:plc:abc/"}) {
    CAPTURE(std::string(typed));
    CHECK(is_of(*world.bluesky, typed));
    CHECK_FALSE(is_of(*world.x, typed));
  }
  for (const char* typed : {"@ada@example.social", " @Ada@Example.social:8443 ",
                            "https://example.social/@ada", "http://example.social/@ada/"}) {
    CAPTURE(std::string(typed));
    CHECK(is_of(*world.mastodon, typed));
    CHECK_FALSE(is_of(*world.x, typed));
    CHECK_FALSE(is_of(*world.bluesky, typed));
  }
  for (const char* typed :
       {"@ada", "ada@example.social", "@ada@", "@ada@example.social/path", "@@example.social",
        "@a/b@example.social", "https://example.social/ada", "https://www.youtube.com/@ada",
        "https://medium.com/@ada", "https://example.social/@ada/117020583223442465"}) {
    CAPTURE(std::string(typed));
    CHECK_FALSE(is_of(*world.mastodon, typed));
  }
  for (const char* typed :
       {"", "ada", "@", "@a-b", "@abcdefghijklmnop", "https://x.com/ada/status/1", "https://x.com/",
        "https://example.org/feed", "192.168.0.1", "a..b",
        "https://bsky.app/profile/ada.example/rss", "did:key:abc"}) {
    CAPTURE(std::string(typed));
    CHECK_FALSE(is_of(*world.x, typed));
    CHECK_FALSE(is_of(*world.bluesky, typed));
  }
}

TEST_CASE("X is asked as the app, and a token that it refuses is fetched anew") {
  World world;
  world.social->add_post(Network::x, "ada", {.text = "a"});
  const auto target = world.resolve(*world.x, "@ada");
  REQUIRE(target);
  CHECK(target->name == "@ada");
  CHECK(world.fetch(*world.x, *target));
  CHECK(world.social->requests("/x/oauth2/token") == 1);
  world.social->revoke_x_bearers();
  CHECK(world.fetch(*world.x, *target));
  CHECK(world.social->requests("/x/oauth2/token") == 2);
}

TEST_CASE("X is asked as a person, with a signature that it accepts") {
  World world(XAs::person);
  world.social->add_post(Network::x, "ada", {.text = "a b"});
  const auto target = world.resolve(*world.x, "@ada");
  REQUIRE(target);
  const auto batch = world.fetch(*world.x, *target);
  REQUIRE(batch);
  CHECK(batch->items.size() == 1);
  CHECK(world.fetch(*world.x, *target, batch->position));
  CHECK(world.social->requests("/x/oauth2/token") == 0);
}

TEST_CASE("wrong credentials of X are an error that names the variables and no secret") {
  sim::SocialOptions options;
  World world(XAs::app, options);
  const auto wrong = make_x({.api_url = world.social->x_api_url(),
                             .consumer_key = options.x_consumer_key,
                             .consumer_secret = Secret("wrongSecret")},
                            world.clock, world.random);
  const Error refused = world.resolve(*wrong, "@ada").error();
  CHECK(refused.code == ErrorCode::unauthorized);
  CHECK(refused.message.contains("TWITTER_CONSUMER_KEY"));
  CHECK_FALSE(refused.message.contains("wrongSecret"));
  const auto absent = make_x({.api_url = world.social->x_api_url()}, world.clock, world.random);
  CHECK(world.resolve(*absent, "@ada").error().code == ErrorCode::forbidden);
  CHECK(world.social->requests("/x/2/users/by/username/ada") == 0);
}

TEST_CASE("reads of X are billed, replies and reposts are not even asked for") {
  World world;
  for (int i = 0; i < 7; ++i) {
    world.social->add_post(Network::x, "ada", {.text = std::to_string(i)});
  }
  world.social->add_post(Network::x, "ada", {.text = "a", .is_reply = true});
  world.social->add_post(Network::x, "ada", {.text = "b", .repost_of = "bob"});
  const auto target = world.resolve(*world.x, "@ada");
  REQUIRE(target);
  const auto batch = world.fetch(*world.x, *target);
  REQUIRE(batch);
  CHECK(batch->items.size() == 5);
  CHECK(batch->billed == 5);
  CHECK(world.social->x_post_reads() == 5);
  const auto quiet = world.fetch(*world.x, *target, batch->position);
  REQUIRE(quiet);
  CHECK(quiet->billed == 0);
  world.social->set_x_credits(0);
  CHECK(world.fetch(*world.x, *target).error().message.contains("no credits"));
}

TEST_CASE("one fetch of X reads at most 100 posts, and the next ones go on where it ended") {
  World world;
  world.social->add_post(Network::x, "ada", {.text = "known"});
  const auto target = world.resolve(*world.x, "@ada");
  REQUIRE(target);
  auto batch = world.fetch(*world.x, *target);
  REQUIRE(batch);
  const auto publish = [&](int count) {
    for (int i = 0; i < count; ++i) {
      world.clock.advance(1min);
      world.social->add_post(Network::x, "ada", {.text = std::to_string(i)});
    }
  };
  publish(250);
  for (const std::size_t expected : {100U, 100U, 50U, 7U, 0U}) {
    batch = world.fetch(*world.x, *target, batch->position);
    REQUIRE(batch);
    CHECK(batch->items.size() == expected);
    CHECK(batch->billed == expected);
    if (expected == 100 && batch->position.newest.contains(':') &&
        world.social->x_post_reads() < 150) {
      publish(7);  // while it is being caught up
    }
  }
  CHECK_FALSE(batch->position.newest.contains(':'));
}

TEST_CASE("a used-up rate limit of X says when it ends") {
  World world(XAs::person, {.x_user_limit = 2});
  world.social->add_post(Network::x, "ada", {.text = "a"});
  const auto target = world.resolve(*world.x, "@ada");
  REQUIRE(target);
  const auto last = world.fetch(*world.x, *target);
  REQUIRE(last);
  CHECK(last->wait == 15min);
  const auto limited = world.fetch(*world.x, *target);
  REQUIRE_FALSE(limited);
  CHECK(limited.error().code == ErrorCode::rate_limited);
  CHECK(limited.error().retry_after == 15min);
}

TEST_CASE("an edited post of X is the same item, found again with its new text") {
  World world;
  const std::string id = world.social->add_post(Network::x, "ada", {.text = "frist"});
  const auto target = world.resolve(*world.x, "@ada");
  REQUIRE(target);
  const auto batch = world.fetch(*world.x, *target);
  REQUIRE(batch);
  world.clock.advance(1min);
  world.social->edit_post(Network::x, "ada", id, "first");
  const auto next = world.fetch(*world.x, *target, batch->position);
  REQUIRE(next);
  REQUIRE(next->items.size() == 1);
  CHECK(next->items.front().id == id);
  CHECK(next->items.front().text == "first");
}

TEST_CASE("reposts on Bluesky are known as such, and replies are not asked for") {
  World world;
  world.social->add_post(Network::bluesky, "ada.example", {.text = "a", .is_reply = true});
  world.social->add_post(Network::bluesky, "ada.example",
                         {.text = "b", .repost_of = "bob.example"});
  world.social->add_post(Network::bluesky, "ada.example",
                         {.text = "c", .content_warning = "blood"});
  const auto target = world.resolve(*world.bluesky, "ada.example");
  REQUIRE(target);
  CHECK(target->name == "@ada.example");
  const auto batch = world.fetch(*world.bluesky, *target);
  REQUIRE(batch);
  REQUIRE(batch->items.size() == 2);
  CHECK(batch->items[0].content_warning == "graphic media");
  const Item& repost = batch->items[1];
  CHECK(repost.is_repost);
  CHECK(repost.author == "bob.example");
  const auto again = world.look_up(*world.bluesky, *target, repost);
  REQUIRE((again && *again));
  CHECK(**again == repost);
  world.social->delete_post(Network::bluesky, "ada.example",
                            repost.id.substr(0, repost.id.find('#')));
  CHECK_FALSE(*world.look_up(*world.bluesky, *target, repost));
}

TEST_CASE("an account of Mastodon has one address, however it is typed") {
  World world;
  const std::string profile = world.social->address(Network::mastodon, "ada");
  const auto target = world.resolve(*world.mastodon, profile);
  REQUIRE(target);
  CHECK(target->address == profile);
  CHECK(target->name == "@ada@" + profile.substr(7, profile.find("/@") - 7));
  CHECK(world.resolve(*world.mastodon, " " + profile.substr(0, profile.size() - 3) + "Ada/") ==
        *target);
}

TEST_CASE("reposts, replies and content warnings on Mastodon are known as such") {
  World world;
  world.social->add_post(Network::mastodon, "ada", {.text = "a", .is_reply = true});
  world.social->add_post(Network::mastodon, "ada", {.text = "b", .repost_of = "bob"});
  world.social->add_post(Network::mastodon, "ada", {.text = "c", .content_warning = "blood"});
  const auto target =
      world.resolve(*world.mastodon, world.social->address(Network::mastodon, "ada"));
  REQUIRE(target);
  const auto batch = world.fetch(*world.mastodon, *target);
  REQUIRE(batch);
  REQUIRE(batch->items.size() == 3);
  CHECK(batch->items[0].content_warning == "blood");
  CHECK(batch->items[0].author == "ada");
  CHECK(batch->items[1].is_repost);
  CHECK(batch->items[1].author == "bob (@bob)");
  CHECK(batch->items[1].text == "b");
  CHECK(batch->items[2].is_reply);
}

TEST_CASE("an instance that answers only its members is read through its RSS, as the same items") {
  for (const int status : {401, 403, 422}) {
    CAPTURE(status);
    World world;
    const Source& source = *world.mastodon;
    const std::string profile = world.social->address(Network::mastodon, "ada");
    const std::string first = world.social->add_post(
        Network::mastodon, "ada",
        {.text = "Hello & <all> #Cpp", .content_warning = "blood", .pictures = 1});
    const auto known = world.resolve(source, profile);
    REQUIRE(known);
    const auto batch = world.fetch(source, *known);
    REQUIRE(batch);

    world.social->set_mastodon_refusal(status);
    const auto target = world.resolve(source, profile);
    REQUIRE(target);
    CHECK(target->address == known->address);
    CHECK(target->account.empty());
    for (const Target& either : {*target, *known}) {
      const auto from_feed = world.fetch(source, either, batch->position);
      REQUIRE(from_feed);
      CHECK(from_feed->target == either);
      CHECK(from_feed->position.newest == first);
      REQUIRE(from_feed->items.size() == 1);
      CHECK(from_feed->items[0].id == first);
      CHECK(from_feed->items[0].url == batch->items[0].url);
      CHECK(from_feed->items[0].text == batch->items[0].text);
      CHECK(from_feed->items[0].content_warning == "blood");
      CHECK(from_feed->items[0].media == 1);
      CHECK(from_feed->items[0].hashtags == batch->items[0].hashtags);
      const auto again = world.fetch(source, either, from_feed->position);
      REQUIRE(again);
      CHECK(again->items.empty());
    }
    CHECK(world.social->not_modified() == 2);
  }
}

TEST_CASE("a post is looked up in the RSS of an instance that answers only its members") {
  World world;
  const Source& source = *world.mastodon;
  const std::string profile = world.social->address(Network::mastodon, "ada");
  std::vector<std::string> ids;
  for (int i = 0; i < 22; ++i) {
    world.clock.advance(1min);
    ids.push_back(world.social->add_post(Network::mastodon, "ada", {.text = "a"}));
  }
  world.social->set_mastodon_refusal(401);
  const auto target = world.resolve(source, profile);
  REQUIRE(target);
  world.social->edit_post(Network::mastodon, "ada", ids[21], "b");
  const auto item = [&](std::size_t post) {
    return Item{.id = ids[post], .url = profile + "/" + ids[post], .text = "as it was"};
  };
  const auto edited = world.look_up(source, *target, item(21));
  REQUIRE((edited && *edited));
  CHECK((*edited)->text == "b");
  world.social->delete_post(Network::mastodon, "ada", ids[20]);
  CHECK_FALSE(*world.look_up(source, *target, item(20)));
  // The feed does not reach back so far.
  const auto beyond = world.look_up(source, *target, item(0));
  REQUIRE((beyond && *beyond));
  CHECK((*beyond)->text == "as it was");
  world.social->delete_post(Network::mastodon, "ada", ids[0]);
  CHECK_FALSE(*world.look_up(source, *target, item(0)));
  world.social->set_outage(Network::mastodon, 500);
  CHECK(world.look_up(source, *target, item(21)).error().code == ErrorCode::unavailable);
}

TEST_CASE("an account of Bluesky that was added by its DID gets the name that its posts tell") {
  World world;
  world.social->add_post(Network::bluesky, "ada.example", {.text = "a"});
  const auto by_handle = world.resolve(*world.bluesky, "ada.example");
  REQUIRE(by_handle);
  const auto by_did = world.resolve(*world.bluesky, by_handle->account);
  REQUIRE(by_did);
  CHECK(by_did->address == by_handle->address);
  CHECK(world.fetch(*world.bluesky, *by_did)->target == *by_handle);
}

TEST_CASE("a network that is out or answers nonsense is an error that passes") {
  for (const Kind& kind : kinds) {
    World world;
    const Source& source = *(world.*kind.source);
    CAPTURE(source.name());
    world.social->add_post(kind.network, kind.account, {.text = "a"});
    const auto target = world.resolve(source, world.social->address(kind.network, kind.account));
    REQUIRE(target);
    world.social->set_outage(kind.network, 503);
    CHECK(world.fetch(source, *target).error().code == ErrorCode::unavailable);
    world.social->set_outage(kind.network, std::nullopt);
    for (const sim::Fault& fault : {sim::html_instead(), sim::cut_short()}) {
      world.social->add_fault("*", fault);
      CHECK(world.fetch(source, *target).error().code == ErrorCode::bad_response);
    }
    world.social->add_fault("*", sim::rate_limited(90s));
    CHECK(world.fetch(source, *target).error().retry_after == 90s);
    CHECK(world.fetch(source, *target));
  }
}

}  // namespace bb::feeds

#include "sim/social.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <utility>

#include "base/guarded.hpp"
#include "sim/local_server.hpp"
#include "sim/social_state.hpp"

namespace bb::sim {
namespace {

constexpr std::size_t waiting_workers = 128;  // where every answer waits for the latency

// Of the network that a path belongs to.
std::optional<int> outage_at(const SocialState& state, std::string_view path) {
  const auto is_of = [&](Network network) {
    switch (network) {
      case Network::x:
        return path.starts_with(x_prefix);
      case Network::bluesky:
        return path.starts_with(bluesky_prefix);
      case Network::mastodon:
        return path.starts_with("/api/v1/") || path.starts_with("/@");
      case Network::youtube:
        return path.starts_with("/feeds/videos.xml");
      case Network::rss:
        return path.ends_with(".rss") && !path.starts_with("/@");
      case Network::atom:
        return path.ends_with(".atom");
      case Network::json_feed:
        return path.ends_with(".json");
    }
    return false;
  };
  const auto found =
      std::ranges::find_if(state.outages, [&](const auto& outage) { return is_of(outage.first); });
  return found == state.outages.end() ? std::nullopt : std::optional(found->second);
}

std::string snowflake(TimePoint at, TimePoint epoch, int bits, std::int64_t sequence) {
  const std::int64_t milliseconds = std::max<std::int64_t>((at - epoch).count(), 1);
  return std::to_string((milliseconds << bits) | (sequence & ((std::int64_t{1} << bits) - 1)));
}

// https://atproto.com/specs/tid
std::string record_key(TimePoint at, std::int64_t sequence) {
  constexpr std::string_view alphabet = "234567abcdefghijklmnopqrstuvwxyz";
  constexpr int letters = 13;
  auto number = static_cast<std::uint64_t>(at.time_since_epoch().count()) * 1'000;
  number = ((number + static_cast<std::uint64_t>(sequence % 1'000)) << 10U) | 7U;
  std::string key(letters, '2');
  for (auto letter = key.rbegin(); letter != key.rend(); ++letter) {
    *letter = alphabet[number & 31U];
    number >>= 5U;
  }
  return key;
}

std::string post_id(const SocialAccount& account, TimePoint at, std::int64_t sequence) {
  constexpr TimePoint x_epoch{std::chrono::milliseconds(1'288'834'974'657)};
  switch (account.network) {
    case Network::x:
      return snowflake(at, x_epoch, 22, sequence);
    case Network::mastodon:
      return snowflake(at, TimePoint{}, 16, sequence);
    case Network::bluesky:
      return fmt::format("at://{}/app.bsky.feed.post/{}", account.id, record_key(at, sequence));
    case Network::youtube:
      return fmt::format("yt:video:{:011}", sequence);
    case Network::rss:
    case Network::atom:
    case Network::json_feed:
      return fmt::format("https://{}.example/posts/{}", account.name, sequence);
  }
  return {};
}

}  // namespace

struct Social::Inner {
  Inner(const Clock& its_clock, Random& its_random, SocialOptions its_options)
      : clock(its_clock),
        random(its_random),
        options(std::move(its_options)),
        server(its_clock, its_random) {}

  http::Response answer(const http::Request& request);
  http::Response answer_now(const http::Request& request);
  http::Response apply(const http::Request& request);
  // Changes the post with this id, if there is one, and says so to those who ask conditionally.
  template <class Change>
  void change(Network network, std::string_view name, std::string_view id, const Change& how);

  const Clock& clock;
  Random& random;
  const SocialOptions options;
  Guarded<SocialState> state;
  LocalServer server;
};

http::Response Social::Inner::answer(const http::Request& request) {
  state.with([](SocialState& social) {
    ++social.under_way;
    social.most_under_way = std::max(social.most_under_way, social.under_way);
  });
  http::Response response = answer_now(request);
  if (options.latency.count() > 0) {
    server.hold().wait(options.latency);
  }
  state.with([&](SocialState& social) {
    --social.under_way;
    social.not_modified += response.status == 304 ? 1 : 0;
  });
  return response;
}

http::Response Social::Inner::answer_now(const http::Request& request) {
  std::optional<int> outage;
  FaultSource source;
  std::optional<Fault> fault = state.with([&](SocialState& social) {
    ++social.requests[request.path];
    outage = outage_at(social, request.path);
    source = social.fault_source;
    return social.faults.take(request.path);
  });
  if (!fault && source) {
    fault = source(request.path);
  }
  if (fault) {
    return answer_with(
        *fault, server.hold(), [&] { return apply(request); },
        [](std::string_view word) {
          return boost::json::serialize(boost::json::object{{"error", word}, {"message", word}});
        });
  }
  return outage ? http::Response{.status = *outage, .headers = {}, .body = {}} : apply(request);
}

http::Response Social::Inner::apply(const http::Request& request) {
  const std::string base = server.url();
  return state.with([&](SocialState& social) {
    SocialCall call{.request = request,
                    .path = request.path,
                    .base = base,
                    .options = options,
                    .now = clock.now(),
                    .random = random};
    if (call.path.starts_with(x_prefix)) {
      call.path.remove_prefix(x_prefix.size());
      return answer_x(social, call);
    }
    if (call.path.starts_with(bluesky_prefix)) {
      call.path.remove_prefix(bluesky_prefix.size());
      return answer_bluesky(social, call);
    }
    if (call.path.starts_with("/api/v1/") || call.path.starts_with("/@")) {
      return answer_mastodon(social, call);
    }
    return answer_feeds(social, call);
  });
}

template <class Change>
void Social::Inner::change(Network network, std::string_view name, std::string_view id,
                           const Change& how) {
  state.with([&](SocialState& social) {
    SocialAccount& account = social.account(network, name);
    const auto post = std::ranges::find(account.posts, id, &StoredPost::id);
    if (post != account.posts.end()) {
      how(social, account, post);
      account.changed_at = clock.now();
    }
  });
}

Social::Social(std::unique_ptr<Inner> inner) : inner_(std::move(inner)) {}

Social::~Social() {
  stop();
}

Result<std::unique_ptr<Social>> Social::start(const Clock& clock, Random& random,
                                              SocialOptions options) {
  auto inner = std::make_unique<Inner>(clock, random, std::move(options));
  if (inner->options.latency.count() > 0) {
    inner->server.set_workers(waiting_workers);
  }
  const auto started = inner->server.start(
      "social networks",
      [raw = inner.get()](const http::Request& request) { return raw->answer(request); });
  if (!started) {
    return fail(started.error());
  }
  return std::unique_ptr<Social>(new Social(std::move(inner)));
}

void Social::stop() {
  inner_->server.stop();
}

std::string Social::x_api_url() const {
  return inner_->server.url() + std::string(x_prefix);
}

std::string Social::bluesky_api_url() const {
  return inner_->server.url() + std::string(bluesky_prefix);
}

const SocialOptions& Social::options() const {
  return inner_->options;
}

std::string Social::address(Network network, std::string_view name) {
  return inner_->state.with([&](SocialState& social) {
    const SocialAccount& account = social.account(network, name);
    switch (network) {
      case Network::x:
        return "@" + account.name;
      case Network::bluesky:
        return account.name;
      case Network::mastodon:
        return inner_->server.url() + "/@" + account.name;
      case Network::rss:
      case Network::atom:
      case Network::json_feed:
      case Network::youtube:
        break;
    }
    return inner_->server.url() + feed_path(account);
  });
}

std::string Social::page_address(Network network, std::string_view name) {
  inner_->state.with([&](SocialState& social) { social.account(network, name); });
  return fmt::format("{}/pages/{}", inner_->server.url(), name);
}

std::string Social::add_post(Network network, std::string_view name, SocialPost post) {
  const TimePoint now = inner_->clock.now();
  return inner_->state.with([&](SocialState& social) {
    SocialAccount& account = social.account(network, name);
    const TimePoint at = post.at.value_or(now);
    const std::string id = post_id(account, at, ++social.sequence);
    account.posts.push_back({.id = id, .post = std::move(post), .at = at});
    account.changed_at = std::max(account.changed_at, now);
    return id;
  });
}

void Social::edit_post(Network network, std::string_view name, std::string_view id,
                       std::string text) {
  inner_->change(network, name, id, [&](SocialState& social, SocialAccount& account, auto post) {
    if (network == Network::x) {
      if (post->versions.empty()) {
        post->versions.push_back(post->id);
        post->texts.push_back(post->post.text);
      }
      post->versions.push_back(post_id(account, inner_->clock.now(), ++social.sequence));
      post->texts.push_back(text);
    }
    post->post.text = std::move(text);
  });
}

void Social::delete_post(Network network, std::string_view name, std::string_view id) {
  inner_->change(network, name, id, [](SocialState& /*social*/, SocialAccount& account, auto post) {
    account.posts.erase(post);
  });
}

void Social::move_feed(Network network, std::string_view name, std::string_view new_name) {
  inner_->state.with([&](SocialState& social) {
    SocialAccount& account = social.account(network, name);
    SocialAccount& target = social.account(network, new_name);
    target.posts = std::exchange(account.posts, {});
    target.changed_at = inner_->clock.now();
    account.moved_to = new_name;
  });
}

void Social::end_feed(Network network, std::string_view name) {
  inner_->state.with([&](SocialState& social) { social.account(network, name).is_ended = true; });
}

void Social::set_conditional(Network network, std::string_view name, bool is_conditional) {
  inner_->state.with(
      [&](SocialState& social) { social.account(network, name).is_conditional = is_conditional; });
}

void Social::set_outage(Network network, std::optional<int> status) {
  inner_->state.with([&](SocialState& social) {
    if (status) {
      social.outages.insert_or_assign(network, *status);
    } else {
      social.outages.erase(network);
    }
  });
}

void Social::set_mastodon_refusal(std::optional<int> status) {
  inner_->state.with([&](SocialState& social) { social.mastodon_refusal = status; });
}

void Social::revoke_x_bearers() {
  inner_->state.with([](SocialState& social) { social.x_bearers.clear(); });
}

void Social::set_x_credits(std::optional<std::int64_t> post_reads) {
  inner_->state.with([&](SocialState& social) { social.x_credits = post_reads; });
}

std::int64_t Social::x_post_reads() const {
  return inner_->state.with(
      [](const SocialState& social) { return static_cast<std::int64_t>(social.x_billed.size()); });
}

std::int64_t Social::x_user_reads() const {
  return inner_->state.with([](const SocialState& social) { return social.x_user_reads; });
}

void Social::add_fault(const std::string& path, Fault fault) {
  inner_->state.with([&](SocialState& social) { social.faults.add(path, std::move(fault)); });
}

void Social::clear_faults() {
  inner_->state.with([](SocialState& social) { social.faults.clear(); });
}

void Social::draw_faults(FaultSource source) {
  inner_->state.with([&](SocialState& social) { social.fault_source = std::move(source); });
}

std::size_t Social::requests(std::string_view path) const {
  return inner_->state.with([&](const SocialState& social) {
    const auto found = social.requests.find(std::string(path));
    return found == social.requests.end() ? std::size_t{0} : found->second;
  });
}

std::size_t Social::total_requests() const {
  return inner_->state.with([](const SocialState& social) {
    std::size_t sum = 0;
    for (const auto& [path, count] : social.requests) {
      sum += count;
    }
    return sum;
  });
}

std::size_t Social::not_modified() const {
  return inner_->state.with([](const SocialState& social) { return social.not_modified; });
}

std::size_t Social::most_concurrent() const {
  return inner_->state.with([](const SocialState& social) { return social.most_under_way; });
}

}  // namespace bb::sim

// What the simulated networks know, and their answers over it. Internal to the simulator.
#pragma once

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "http/message.hpp"
#include "sim/fault.hpp"
#include "sim/social.hpp"

namespace bb::sim {

struct StoredPost {
  std::string id;
  SocialPost post;
  TimePoint at;
  // Where an edit makes a new version with its own id (X): all of them, the first one is `id`.
  std::vector<std::string> versions = {};
  std::vector<std::string> texts = {};  // of the versions
};

struct SocialAccount {
  Network network = Network::x;
  std::string name;
  std::string id;  // the network's
  std::vector<StoredPost> posts = {};
  std::string moved_to = {};
  bool is_ended = false;
  bool is_conditional = true;
  TimePoint changed_at = {};
};

// One window of 15 minutes.
struct XWindow {
  TimePoint ends = {};
  std::int64_t used = 0;
};

struct SocialState {
  std::map<std::pair<Network, std::string>, SocialAccount> accounts = {};
  std::map<Network, int> outages = {};
  std::optional<int> mastodon_refusal = std::nullopt;
  std::set<std::string> x_bearers = {};
  std::map<std::string, XWindow> x_windows = {};                 // "app" and "user"
  std::set<std::pair<std::int64_t, std::string>> x_billed = {};  // day and post
  std::int64_t x_user_reads = 0;
  std::optional<std::int64_t> x_credits = std::nullopt;
  std::unordered_map<std::string, std::size_t> requests = {};  // by path
  std::size_t not_modified = 0;
  std::size_t under_way = 0;
  std::size_t most_under_way = 0;
  FaultQueue faults = {};
  FaultSource fault_source = {};
  std::int64_t sequence = 0;

  SocialAccount& account(Network network, std::string_view name);  // made if there is none
  [[nodiscard]] const SocialAccount* find(Network network, std::string_view name) const;
  [[nodiscard]] const SocialAccount* find_by_id(Network network, std::string_view id) const;
};

struct SocialCall {
  const http::Request& request;
  std::string_view path;    // without the prefix of the network
  const std::string& base;  // http://127.0.0.1:PORT
  const SocialOptions& options;
  TimePoint now;
  Random& random;
};

constexpr std::string_view x_prefix = "/x";
constexpr std::string_view bluesky_prefix = "/bluesky";

http::Response answer_x(SocialState& state, const SocialCall& call);
http::Response answer_mastodon(const SocialState& state, const SocialCall& call);
http::Response answer_bluesky(const SocialState& state, const SocialCall& call);
// Feeds, YouTube's among them, and pages that name one.
http::Response answer_feeds(const SocialState& state, const SocialCall& call);

// The path and query of its address on this server.
std::string feed_path(const SocialAccount& account);

// Newest first, those whose time has come.
std::vector<const StoredPost*> visible_posts(const SocialAccount& account, TimePoint now);
// The latest of its posts and changes.
TimePoint last_change(const SocialAccount& account, TimePoint now);
// The text with the link at its end.
std::string text_with(const StoredPost& post, std::string_view link);
// In lower case, without #.
std::vector<std::string> hashtags_of(std::string_view text);
// A whole number in range; anything else counts as absent.
std::size_t number_or(const http::Request& request, std::string_view name, std::size_t otherwise,
                      std::size_t most);

// 304 where the request's condition holds; both validators are set.
http::Response conditional(const http::Request& request, http::Response response,
                           TimePoint changed_at);

http::Response social_json(int status, const boost::json::value& body);

}  // namespace bb::sim

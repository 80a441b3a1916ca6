// The networks and feeds that posts come from, as the bot sees them, on real HTTP: X, a Mastodon
// instance, Bluesky, feeds of the web, a YouTube channel. Time is the Clock's; a post appears when
// its time has come.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "sim/fault.hpp"

namespace bb::sim {

enum class Network { x, mastodon, bluesky, rss, atom, json_feed, youtube };

struct SocialPost {
  std::string text = {};  // words that begin with # are hashtags
  std::string title = {};
  std::string content_warning = {};
  std::string link = {};  // an address at the end of the text, shortened where the network does so
  std::string repost_of = {};  // the name of the author whose post this repeats
  std::size_t pictures = 0;
  bool is_reply = false;
  std::optional<TimePoint> at = std::nullopt;  // now unless given
};

struct SocialOptions {
  std::string x_consumer_key = "simulatedConsumerKey";
  Secret x_consumer_secret{"simulatedConsumerSecret"};
  std::string x_access_token = "77-simulatedAccessToken";
  Secret x_access_token_secret{"simulatedAccessTokenSecret"};
  std::int64_t x_user_limit = 900;  // requests in 15 minutes, of either way to sign in
  std::int64_t x_app_limit = 10'000;
  // Each answer comes this much later in real time, as over a network; up to 100 wait side by side.
  std::chrono::milliseconds latency{0};
};

class Social {
 public:
  static Result<std::unique_ptr<Social>> start(const Clock& clock, Random& random,
                                               SocialOptions options = {});
  ~Social();
  Social(const Social&) = delete;
  Social& operator=(const Social&) = delete;

  [[nodiscard]] std::string x_api_url() const;        // for X_API_URL
  [[nodiscard]] std::string bluesky_api_url() const;  // for BLUESKY_API_URL
  [[nodiscard]] const SocialOptions& options() const;

  // Accounts and feeds are made when first named.

  // What a person types to add it: "@ada", a handle, or an address.
  [[nodiscard]] std::string address(Network network, std::string_view name);
  // Of a page that names the feed in a <link rel="alternate">.
  [[nodiscard]] std::string page_address(Network network, std::string_view name);

  // Returns the post's id at the network: what an Item has as its id. A feed's is its guid.
  std::string add_post(Network network, std::string_view name, SocialPost post);
  // As X does it, an edited post there has a further id.
  void edit_post(Network network, std::string_view name, std::string_view id, std::string text);
  void delete_post(Network network, std::string_view name, std::string_view id);

  // From now on the feed's address answers 301 and names that of `new_name`, which has its posts.
  void move_feed(Network network, std::string_view name, std::string_view new_name);
  void end_feed(Network network, std::string_view name);  // 410
  // Feeds send ETag and Last-Modified, or neither.
  void set_conditional(Network network, std::string_view name, bool is_conditional);

  // Everything of this network answers `status`, until told otherwise.
  void set_outage(Network network, std::optional<int> status);
  // Mastodon's API answers this status to whoever is not signed in (401, 403, 422); its RSS goes
  // on.
  void set_mastodon_refusal(std::optional<int> status);
  void revoke_x_bearers();
  void set_x_credits(std::optional<std::int64_t> post_reads);  // then 402

  // What X charges for: a post counts once a day (UTC).
  [[nodiscard]] std::int64_t x_post_reads() const;
  [[nodiscard]] std::int64_t x_user_reads() const;

  // The next requests of `path` (as in the address, e.g. "/feeds/blog.rss", or "*") meet this.
  void add_fault(const std::string& path, Fault fault);
  void clear_faults();
  // Asked with the path of each request for which no fault was added.
  void draw_faults(FaultSource source);

  [[nodiscard]] std::size_t requests(std::string_view path) const;
  [[nodiscard]] std::size_t total_requests() const;
  [[nodiscard]] std::size_t not_modified() const;  // how many answers were 304
  // How many requests were under way at the same time at most.
  [[nodiscard]] std::size_t most_concurrent() const;

  // Lets go of held requests and ends the server. Idempotent.
  void stop();

 private:
  struct Inner;
  explicit Social(std::unique_ptr<Inner> inner);
  std::unique_ptr<Inner> inner_;
};

}  // namespace bb::sim

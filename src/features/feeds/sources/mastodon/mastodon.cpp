#include "features/feeds/sources/mastodon/mastodon.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <utility>

#include "base/json.hpp"
#include "base/text.hpp"
#include "features/feeds/sources/answer.hpp"
#include "features/feeds/sources/mastodon/payload.hpp"
#include "features/feeds/sources/rss/visit.hpp"
#include "features/feeds/sources/typed_url.hpp"

namespace bb::feeds {
namespace {

constexpr std::string_view service = "the Mastodon instance";
constexpr std::size_t longest_username = 64;
constexpr int most_statuses = 40;
// Where a profile has an address like one of Mastodon.
constexpr std::array other_networks = {
    std::string_view("youtube.com"), std::string_view("medium.com"), std::string_view("tiktok.com"),
    std::string_view("threads.com"), std::string_view("threads.net")};

struct Profile {
  std::string origin;  // "https://example.social"
  std::string username;
};

bool is_username(std::string_view text) {
  return !text.empty() && text.size() <= longest_username && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || std::string_view("_-.").contains(c);
  });
}

// Nothing if that is no account of a Mastodon instance.
std::optional<Profile> profile_of(std::string_view typed) {
  std::string address(trim(typed));
  if (address.starts_with('@')) {
    const std::size_t at = address.find('@', 1);
    if (at == std::string::npos || address.find_first_of("/?#", at) != std::string::npos) {
      return std::nullopt;
    }
    address = "https://" + address.substr(at + 1) + "/" + address.substr(0, at);
  }
  const auto url = parse_typed_url(address);
  if (!url || url->segments.size() != 1 || !url->segments.front().starts_with('@') ||
      std::ranges::find(other_networks, url->host) != other_networks.end()) {
    return std::nullopt;
  }
  Profile profile{.origin = url->origin, .username = to_lower(url->segments.front().substr(1))};
  return is_username(profile.username) ? std::optional(std::move(profile)) : std::nullopt;
}

// Of what a person has to sign in for.
bool is_refused(const Result<http::Response>& response) {
  return response &&
         (response->status == 401 || response->status == 403 || response->status == 422);
}

// The instance itself, not what stands in front of it.
bool says_gone(const Result<http::Response>& response) {
  if (!response || (response->status != 404 && response->status != 410)) {
    return false;
  }
  const auto body = parse_answer(service, response->body);
  return body && json::string(*body, "error").has_value();
}

class Mastodon final : public Source {
 public:
  Mastodon(std::unique_ptr<Source> rss, const Clock& clock) : rss_(std::move(rss)), clock_(clock) {}

  [[nodiscard]] std::string_view name() const override { return "mastodon"; }

  [[nodiscard]] std::optional<Step<Target>> resolve(std::string_view typed) const override {
    const auto profile = profile_of(typed);
    if (!profile) {
      return std::nullopt;
    }
    const std::string address = profile->origin + "/@" + profile->username;
    Target target{.source = std::string(name()),
                  .address = address,
                  .name = fmt::format("@{}@{}", profile->username,
                                      profile->origin.substr(profile->origin.find("://") + 3)),
                  .link = address};
    return Exchange<Target>{
        .request = request_of(target, "accounts/lookup?acct=" + profile->username),
        .then = [this, target](const Result<http::Response>& response) -> Step<Target> {
          if (is_refused(response)) {
            return resolve_from_feed(target);
          }
          const Result<std::string> body = body_of(response);
          const Result<std::string> id = body ? mastodon::parse_account_id(*body) : body;
          if (!id) {
            return Result<Target>(fail(id.error()));
          }
          Target found = target;
          found.account = *id;
          return Result<Target>(std::move(found));
        }};
  }

  [[nodiscard]] Step<Batch> fetch(const Target& target, const Position& position) const override {
    if (!mastodon::is_id(target.account)) {
      return fetch_feed(target, position);
    }
    // Of those after a known one the oldest: what does not fit comes with the next fetch.
    std::string call = fmt::format("accounts/{}/statuses?limit={}", target.account, most_statuses);
    call += mastodon::is_id(position.newest) ? "&min_id=" + position.newest : "";
    return Exchange<Batch>{
        .request = request_of(target, call),
        .then = [this, target, position](const Result<http::Response>& response) -> Step<Batch> {
          if (is_refused(response)) {
            return fetch_feed(target, position);
          }
          return batch_of(target, position, response);
        }};
  }

  [[nodiscard]] Step<std::optional<Item>> look_up(const Target& target,
                                                  const Item& item) const override {
    if (!mastodon::is_id(item.id)) {
      return look_up_in_feed(target, item);
    }
    return Exchange<std::optional<Item>>{
        .request = request_of(target, "statuses/" + item.id),
        .then = [this, target,
                 item](const Result<http::Response>& response) -> Step<std::optional<Item>> {
          if (is_refused(response)) {
            return look_up_in_feed(target, item);
          }
          if (says_gone(response)) {
            return Result<std::optional<Item>>(std::nullopt);
          }
          const Result<std::string> body = body_of(response);
          Result<Item> found = body ? mastodon::parse_status(*body) : fail(body.error());
          return found ? Result<std::optional<Item>>(*std::move(found)) : fail(found.error());
        }};
  }

 private:
  [[nodiscard]] static http::ClientRequest request_of(const Target& target,
                                                      const std::string& call) {
    const std::string origin = target.address.substr(0, target.address.rfind("/@"));
    return {.url = fmt::format("{}/api/v1/{}", origin, call),
            .headers = {{"Accept", "application/json"}},
            .body_bytes = most_answer_bytes};
  }

  [[nodiscard]] Result<std::string> body_of(const Result<http::Response>& response) const {
    if (!response) {
      return fail(response.error());
    }
    if (response->status != 200) {
      return fail(refusal(service, *response, clock_.now()));
    }
    return response->body;
  }

  [[nodiscard]] Result<Batch> batch_of(const Target& target, const Position& position,
                                       const Result<http::Response>& response) const {
    Batch batch{.target = target, .position = position};
    if (response && response->status == 410 && says_gone(response)) {
      batch.is_gone = true;
      return batch;
    }
    const Result<std::string> body = body_of(response);
    Result<std::vector<Item>> items = body ? mastodon::parse_statuses(*body) : fail(body.error());
    if (!items) {
      return fail(items.error());
    }
    batch.items = *std::move(items);
    remember_newest(batch);
    if (response->headers.find("X-RateLimit-Remaining") == "0") {
      batch.wait = wait_of(response->headers, clock_.now());
    }
    return batch;
  }

  static void remember_newest(Batch& batch) {
    for (const Item& item : batch.items) {
      if (mastodon::is_id(item.id) && is_newer(item.id, batch.position.newest)) {
        batch.position.newest = item.id;
      }
    }
  }

  static Target feed_of(const Target& target) {
    return {.source = "rss", .address = target.address + ".rss"};
  }

  [[nodiscard]] Step<Target> resolve_from_feed(const Target& target) const {
    return and_then<Target, Batch>(rss_->fetch(feed_of(target), {}),
                                   [target](Result<Batch> batch) -> Step<Target> {
                                     return batch ? Result<Target>(target) : fail(batch.error());
                                   });
  }

  [[nodiscard]] Step<Batch> fetch_feed(const Target& target, const Position& position) const {
    return and_then<Batch, Batch>(rss_->fetch(feed_of(target), position),
                                  [target, position](Result<Batch> batch) -> Step<Batch> {
                                    if (batch) {
                                      batch->target = target;
                                      batch->position.newest = position.newest;
                                      std::ranges::transform(batch->items, batch->items.begin(),
                                                             &mastodon::from_feed);
                                      remember_newest(*batch);
                                    }
                                    return batch;
                                  });
  }

  // A feed has the latest posts only, and may be an old copy: of others the own page tells.
  [[nodiscard]] Step<std::optional<Item>> look_up_in_feed(const Target& target,
                                                          const Item& item) const {
    using Found = std::optional<Item>;
    return and_then<Found, Batch>(
        fetch_feed(target, {}), [item](Result<Batch> batch) -> Step<Found> {
          if (!batch) {
            return Result<Found>(fail(batch.error()));
          }
          const auto found = std::ranges::find(batch->items, item.id, &Item::id);
          if (found != batch->items.end()) {
            return Result<Found>(*found);
          }
          return item.url.empty() ? Step<Found>(Result<Found>(item)) : ask_page_of(item);
        });
  }

  const std::unique_ptr<Source> rss_;
  const Clock& clock_;
};

}  // namespace

std::unique_ptr<Source> make_mastodon(std::unique_ptr<Source> rss, const Clock& clock) {
  return std::make_unique<Mastodon>(std::move(rss), clock);
}

}  // namespace bb::feeds

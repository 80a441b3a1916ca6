#include "features/feeds/sources/bluesky/bluesky.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "base/time.hpp"
#include "features/feeds/sources/answer.hpp"
#include "features/feeds/sources/bluesky/payload.hpp"
#include "features/feeds/sources/typed_url.hpp"
#include "http/percent_encoding.hpp"

namespace bb::feeds {
namespace {

constexpr std::size_t longest_handle = 253;
constexpr int posts_per_page = 30;
constexpr int most_pages = 10;
// The AppView has many servers, which index posts at nearly the same time in any order.
constexpr std::chrono::hours overlap{1};

// A domain: two labels or more (https://atproto.com/specs/handle).
bool is_handle(std::string_view text) {
  const auto labels = split(text, '.');
  return labels.size() >= 2 && text.size() <= longest_handle &&
         std::ranges::all_of(
             labels,
             [](std::string_view label) {
               return !label.empty() && !label.starts_with('-') && !label.ends_with('-') &&
                      std::ranges::all_of(label, [](char c) {
                        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
                      });
             }) &&
         labels.back().find_first_not_of("0123456789") != std::string_view::npos;
}

// A handle in lower case, or a DID; nothing if that is no account of Bluesky.
std::optional<std::string> actor_of(std::string_view typed) {
  std::string actor(trim(typed));
  if (const auto url = parse_typed_url(typed)) {
    const bool is_profile =
        url->host == "bsky.app" && url->segments.size() == 2 && url->segments.front() == "profile";
    actor = is_profile ? url->segments.back() : "";
  } else if (actor.starts_with('@')) {
    actor.erase(0, 1);
  }
  if (bluesky::is_did(actor)) {
    return actor;
  }
  actor = to_lower(actor);
  return is_handle(actor) ? std::optional(actor) : std::nullopt;
}

class Bluesky final : public Source {
 public:
  Bluesky(std::string api_url, const Clock& clock) : api_url_(std::move(api_url)), clock_(clock) {}

  [[nodiscard]] std::string_view name() const override { return "bluesky"; }

  [[nodiscard]] std::optional<Step<Target>> resolve(std::string_view typed) const override {
    const auto actor = actor_of(typed);
    if (!actor) {
      return std::nullopt;
    }
    if (bluesky::is_did(*actor)) {
      return Result<Target>(target_of(*actor, ""));
    }
    return Exchange<Target>{
        .request =
            request_of("com.atproto.identity.resolveHandle?handle=" + http::percent_encode(*actor)),
        .then = [this, handle = *actor](const Result<http::Response>& response) -> Step<Target> {
          const Result<std::string> body = body_of(response);
          const Result<std::string> did = body ? bluesky::parse_did(*body) : body;
          return did ? Result<Target>(target_of(*did, handle)) : fail(did.error());
        }};
  }

  [[nodiscard]] Step<Batch> fetch(const Target& target, const Position& position) const override {
    if (!bluesky::is_did(target.account)) {
      return Result<Batch>(fail(ErrorCode::invalid_input, "this is not the DID of an account"));
    }
    // Nothing: what the first page has.
    std::optional<TimePoint> since;
    if (const auto newest = parse_rfc3339(position.newest)) {
      since = *newest - overlap;
    }
    return fetch_page({.target = target, .position = position}, since, "", 1);
  }

  [[nodiscard]] Step<std::optional<Item>> look_up(const Target& /*target*/,
                                                  const Item& item) const override {
    std::string_view uri = item.id;
    uri.remove_suffix(uri.ends_with(bluesky::repost_mark) ? bluesky::repost_mark.size() : 0);
    return Exchange<std::optional<Item>>{
        .request = request_of("app.bsky.feed.getPosts?uris=" + http::percent_encode(uri)),
        .then = [this, item](const Result<http::Response>& response) -> Step<std::optional<Item>> {
          const Result<std::string> body = body_of(response);
          auto found = body ? bluesky::parse_post(*body) : fail(body.error());
          if (found && *found && item.is_repost) {
            (*found)->id = item.id;
            (*found)->is_repost = true;
            (*found)->is_reply = false;
            (*found)->published_at = item.published_at;
          }
          return found;
        }};
  }

 private:
  [[nodiscard]] http::ClientRequest request_of(const std::string& call) const {
    return {.url = fmt::format("{}/xrpc/{}", api_url_, call),
            .headers = {{"Accept", "application/json"}},
            .body_bytes = most_answer_bytes};
  }

  [[nodiscard]] Result<std::string> body_of(const Result<http::Response>& response) const {
    if (!response) {
      return fail(response.error());
    }
    if (response->status != 200) {
      return fail(bluesky::refusal(*response, clock_.now()));
    }
    return response->body;
  }

  [[nodiscard]] Target target_of(const std::string& did, const std::string& handle) const {
    return {.source = std::string(name()),
            .address = "https://bsky.app/profile/" + did,  // a handle may change
            .account = did,
            .name = handle.empty() ? did : "@" + handle,
            .link = "https://bsky.app/profile/" + (handle.empty() ? did : handle)};
  }

  // `batch` is what earlier pages gave. There is no way to ask for what is new, so pages are read
  // until one reaches back to what is known.
  [[nodiscard]] Step<Batch> fetch_page(Batch batch, std::optional<TimePoint> since,
                                       const std::string& cursor, int page_number) const {
    std::string call =
        fmt::format("app.bsky.feed.getAuthorFeed?actor={}&filter=posts_no_replies&limit={}",
                    http::percent_encode(batch.target.account), posts_per_page);
    call += cursor.empty() ? "" : "&cursor=" + http::percent_encode(cursor);
    return Exchange<Batch>{
        .request = request_of(call),
        .then = [this, batch = std::move(batch), since,
                 page_number](const Result<http::Response>& response) -> Step<Batch> {
          const Result<std::string> body = body_of(response);
          Result<bluesky::Page> page =
              body ? bluesky::parse_author_feed(*body) : fail(body.error());
          if (!page) {
            return Result<Batch>(fail(page.error()));
          }
          Batch grown = batch;
          const bool reaches_back = add(std::move(page->entries), since, grown);
          if (since && !reaches_back && !page->cursor.empty() && page_number < most_pages) {
            return fetch_page(std::move(grown), since, page->cursor, page_number + 1);
          }
          return Result<Batch>(std::move(grown));
        }};
  }

  // True if some of them were there before `since`.
  [[nodiscard]] bool add(std::vector<bluesky::Entry> entries, std::optional<TimePoint> since,
                         Batch& batch) const {
    bool reaches_back = false;
    for (bluesky::Entry& entry : entries) {
      const Result<TimePoint> indexed = parse_rfc3339(entry.indexed_at);
      if (entry.author == batch.target.account && !entry.handle.empty()) {
        batch.target = target_of(entry.author, entry.handle);
      }
      if (indexed && since && *indexed < *since) {
        reaches_back = true;
        continue;
      }
      const Result<TimePoint> newest = parse_rfc3339(batch.position.newest);
      if (indexed && (!newest || *indexed > *newest)) {
        batch.position.newest = entry.indexed_at;
      }
      batch.items.push_back(std::move(entry.item));
    }
    return reaches_back;
  }

  const std::string api_url_;
  const Clock& clock_;
};

}  // namespace

std::unique_ptr<Source> make_bluesky(std::string api_url, const Clock& clock) {
  return std::make_unique<Bluesky>(std::move(api_url), clock);
}

}  // namespace bb::feeds

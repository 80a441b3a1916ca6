#include "features/feeds/sources/x/x.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "features/feeds/sources/answer.hpp"
#include "features/feeds/sources/typed_url.hpp"
#include "features/feeds/sources/x/authorization.hpp"
#include "features/feeds/sources/x/payload.hpp"
#include "http/percent_encoding.hpp"

namespace bb::feeds {
namespace {

using x::Authorization;

constexpr std::size_t longest_username = 15;
constexpr int first_posts = 5;  // as few as X gives
constexpr int most_posts = 100;
constexpr std::string_view fields =
    "attachments,created_at,edit_history_tweet_ids,entities,note_tweet,possibly_sensitive,"
    "referenced_tweets";

bool is_username(std::string_view text) {
  return !text.empty() && text.size() <= longest_username && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

// Nothing if that is no account of X.
std::optional<std::string> username_of(std::string_view typed) {
  std::string username(trim(typed));
  if (const auto url = parse_typed_url(typed)) {
    const bool is_profile =
        (url->host == "x.com" || url->host == "twitter.com") && url->segments.size() == 1;
    username = is_profile ? "@" + url->segments.front() : "";
  }
  const bool is_account = username.starts_with('@') && is_username(username.substr(1));
  return is_account ? std::optional(username.substr(1)) : std::nullopt;
}

// What to ask for. X gives the newest posts first; of more than fit into one answer, which has to
// be paid for, the older ones come with the next fetches, and those that are newer than all after
// them.
struct Reading {
  std::string since = {};  // empty: the latest few
  std::string until = {};  // of the oldest post of this reading; empty: it begins
  std::string newest = {};
};

// As Position::newest keeps it: NEWEST, or SINCE:UNTIL:NEWEST while older posts are left to read.
Reading reading_of(std::string_view position) {
  const auto ids = split(position, ':');
  if (!std::ranges::all_of(ids, &x::is_id)) {
    return {};
  }
  if (ids.size() == 3) {
    return {
        .since = std::string(ids[0]), .until = std::string(ids[1]), .newest = std::string(ids[2])};
  }
  return {.since = std::string(ids[0]), .newest = std::string(ids[0])};
}

std::string text_of(const Reading& reading) {
  return reading.until.empty()
             ? reading.newest
             : fmt::format("{}:{}:{}", reading.since, reading.until, reading.newest);
}

Reading after(Reading reading, const x::Page& page) {
  const bool is_whole = reading.since.empty() || page.next_token.empty() || page.oldest.empty() ||
                        (!reading.until.empty() && !is_newer(reading.until, page.oldest));
  reading.until = is_whole ? "" : page.oldest;
  reading.newest = is_newer(page.newest, reading.newest) ? page.newest : reading.newest;
  return reading;
}

class X final : public Source {
 public:
  X(XSettings settings, const Clock& clock, Random& random)
      : clock_(clock),
        api_url_(settings.api_url),
        authorization_(clock, random, settings.api_url,
                       {.consumer_key = std::move(settings.consumer_key),
                        .consumer_secret = std::move(settings.consumer_secret),
                        .token = std::move(settings.access_token),
                        .token_secret = std::move(settings.access_token_secret)}) {}

  [[nodiscard]] std::string_view name() const override { return "x"; }

  [[nodiscard]] std::optional<Step<Target>> resolve(std::string_view typed) const override {
    const auto username = username_of(typed);
    if (!username) {
      return std::nullopt;
    }
    return ask<Target>("/2/users/by/username/" + *username,
                       [this](const Result<http::Response>& response) -> Step<Target> {
                         return target_of(response);
                       });
  }

  [[nodiscard]] Step<Batch> fetch(const Target& target, const Position& position) const override {
    if (!x::is_id(target.account)) {
      return Result<Batch>(fail(ErrorCode::invalid_input, "this is not the id of an X account"));
    }
    const Reading reading = reading_of(position.newest);
    std::string path =
        fmt::format("/2/users/{}/tweets?exclude=replies%2Cretweets&max_results={}&tweet.fields={}",
                    target.account, reading.since.empty() ? first_posts : most_posts,
                    http::percent_encode(fields));
    path += reading.since.empty() ? "" : "&since_id=" + reading.since;
    path += reading.until.empty() ? "" : "&until_id=" + reading.until;
    return ask<Batch>(
        path, [this, target, reading](const Result<http::Response>& response) -> Step<Batch> {
          return batch_of(target, reading, response);
        });
  }

  [[nodiscard]] Step<std::optional<Item>> look_up(const Target& target,
                                                  const Item& item) const override {
    return look_up_version(target, item.id);
  }

 private:
  template <class T>
  Step<T> ask(const std::string& path, Authorization::Then<T> then) const {
    if (!authorization_.is_configured()) {
      return Result<T>(fail(ErrorCode::forbidden,
                            "X lets only its customers read posts: set TWITTER_CONSUMER_KEY and "
                            "TWITTER_CONSUMER_SECRET"));
    }
    return authorization_.send<T>({.url = api_url_ + path, .body_bytes = most_answer_bytes},
                                  std::move(then));
  }

  [[nodiscard]] Result<Target> target_of(const Result<http::Response>& response) const {
    const Result<std::string> body = body_of(response);
    const Result<x::User> user = body ? x::parse_user(*body) : fail(body.error());
    if (!user) {
      return fail(user.error());
    }
    // By its id, as an account may be renamed.
    return Target{.source = std::string(name()),
                  .address = "https://x.com/i/user/" + user->id,
                  .account = user->id,
                  .name = "@" + user->username,
                  .link = "https://x.com/" + user->username};
  }

  [[nodiscard]] Result<Batch> batch_of(const Target& target, const Reading& reading,
                                       const Result<http::Response>& response) const {
    const Result<std::string> body = body_of(response);
    Result<x::Page> page = body ? x::parse_page(*body, target.link) : fail(body.error());
    if (!page) {
      return fail(page.error());
    }
    Batch batch{.items = std::move(page->items),
                .target = target,
                .position = {.newest = text_of(after(reading, *page))},
                .billed = page->billed};
    if (response->headers.find("x-rate-limit-remaining") == "0") {
      batch.wait = wait_of(response->headers, clock_.now());
    }
    return batch;
  }

  // Of an edited post the newest version: each has its own id, and names all of them.
  [[nodiscard]] Step<std::optional<Item>> look_up_version(const Target& target,
                                                          const std::string& id) const {
    using Found = std::optional<Item>;
    if (!x::is_id(id)) {
      return Result<Found>(Found());
    }
    return ask<Found>(fmt::format("/2/tweets/{}?tweet.fields={}", id, http::percent_encode(fields)),
                      [this, target, id](const Result<http::Response>& response) -> Step<Found> {
                        if (response && response->status == 404 && x::is_error(response->body)) {
                          return Result<Found>(Found());
                        }
                        const Result<std::string> body = body_of(response);
                        const auto post = body ? x::parse_post(*body, target.link)
                                               : Result<std::optional<x::Post>>(fail(body.error()));
                        if (!post) {
                          return Result<Found>(fail(post.error()));
                        }
                        if (*post && is_newer((*post)->latest, id)) {
                          return look_up_version(target, (*post)->latest);
                        }
                        return Result<Found>(*post ? Found((*post)->item) : Found());
                      });
  }

  [[nodiscard]] Result<std::string> body_of(const Result<http::Response>& response) const {
    if (!response) {
      return fail(response.error());
    }
    if (response->status != 200) {
      return fail(x::refusal(*response, clock_.now()));
    }
    return response->body;
  }

  const Clock& clock_;
  const std::string api_url_;
  const Authorization authorization_;
};

}  // namespace

std::unique_ptr<Source> make_x(XSettings settings, const Clock& clock, Random& random) {
  return std::make_unique<X>(std::move(settings), clock, random);
}

}  // namespace bb::feeds

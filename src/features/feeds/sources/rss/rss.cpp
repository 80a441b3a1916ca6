#include "features/feeds/sources/rss/rss.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "features/feeds/formats/address.hpp"
#include "features/feeds/formats/document.hpp"
#include "features/feeds/formats/html.hpp"
#include "features/feeds/sources/answer.hpp"
#include "features/feeds/sources/rss/typed_address.hpp"
#include "features/feeds/sources/rss/visit.hpp"

namespace bb::feeds {
namespace {

constexpr std::string_view source_name = "rss";
constexpr std::chrono::seconds longest_wait = std::chrono::hours(24);

template <class T>
Step<T> failed(Error error) {
  return Result<T>(fail(std::move(error)));
}

template <class T>
Step<T> failed(ErrorCode code, std::string message) {
  return failed<T>(Error{.code = code, .message = std::move(message)});
}

// What an answer other than 200 means.
Error error_of(const Visit& visit, const http::Response& response, const Clock& clock) {
  return refusal(host_of(visit.request.url), response, clock.now());
}

// The document in an answer; the error names the host.
Result<Document> read_answer(const Visit& visit, const http::Response& response) {
  Result<Document> document = parse_document(response.body, visit.request.url);
  return document ? std::move(document) : fail(document.error().within(host_of(visit.request.url)));
}

Target target_of(const std::string& address, const Document& document) {
  const bool is_named = !document.title.empty();
  return {.source = std::string(source_name),
          .address = address,
          .name = is_named ? document.title : host_of(address),
          .link = document.link};
}

// max-age of Cache-Control (RFC 9111 section 5.2.2.1).
std::optional<std::chrono::seconds> fresh_for(const http::Response& response) {
  const std::string control = to_lower(response.headers.find("Cache-Control").value_or(""));
  constexpr std::string_view name = "max-age=";
  for (std::string_view directive : split(control, ',')) {
    directive = trim(directive);
    if (!directive.starts_with(name)) {
      continue;
    }
    const auto seconds = parse_integer(directive.substr(name.size()));
    if (seconds && *seconds > 0) {
      return std::min(std::chrono::seconds(std::min(*seconds, longest_wait.count())), longest_wait);
    }
  }
  return std::nullopt;
}

// The address of the feed that a page names: the first that is not of comments.
std::string feed_of_page(const Visit& visit, const std::string& html) {
  const Page page = read_page(html);
  const std::string base =
      page.base.empty() ? visit.request.url : resolve_address(visit.request.url, page.base);
  const auto is_of_comments = [](const PageLink& link) {
    return to_lower(link.href + " " + link.title).find("comment") != std::string::npos;
  };
  auto chosen = std::ranges::find_if_not(page.feeds, is_of_comments);
  if (chosen == page.feeds.end()) {
    chosen = page.feeds.begin();
  }
  if (chosen == page.feeds.end()) {
    return youtube_feed(page.canonical);
  }
  return normal_address(resolve_address(base, chosen->href));
}

bool is_in_order(const std::optional<TimePoint>& older, const std::optional<TimePoint>& newer) {
  return older && newer && *older < *newer;
}

// YouTube has a page for every video, also for one that was deleted.
bool has_telling_page(const Item& item) {
  return !item.url.empty() && host_of(item.url) != "www.youtube.com";
}

class Rss final : public Source {
 public:
  explicit Rss(const Clock& clock) : clock_(clock) {}

  [[nodiscard]] std::string_view name() const override { return source_name; }

  [[nodiscard]] std::optional<Step<Target>> resolve(std::string_view typed) const override {
    std::vector<std::string> addresses = typed_addresses(typed);
    if (addresses.empty()) {
      return std::nullopt;
    }
    return resolve_first(std::move(addresses));
  }

  [[nodiscard]] Step<Batch> fetch(const Target& target, const Position& position) const override {
    Visit visit = visit_of(target.address);
    if (!position.etag.empty()) {
      visit.request.headers.set("If-None-Match", position.etag);
    }
    if (!position.last_modified.empty()) {
      visit.request.headers.set("If-Modified-Since", position.last_modified);
    }
    return follow<Batch>(visit, [this, target, position](const Visit& at, const auto& response) {
      return response ? Step<Batch>(batch_of(target, position, at, *response))
                      : failed<Batch>(response.error());
    });
  }

  [[nodiscard]] Step<std::optional<Item>> look_up(const Target& target,
                                                  const Item& item) const override {
    using Found = std::optional<Item>;
    return follow<Found>(
        visit_of(target.address), [this, item](const Visit& at, const auto& response) {
          if (!response) {
            return failed<Found>(response.error());
          }
          if (response->status != 200) {
            return failed<Found>(error_of(at, *response, clock_));
          }
          const Result<Document> document = read_answer(at, *response);
          return document ? look_up(*document, item) : failed<Found>(document.error());
        });
  }

 private:
  // Later addresses are for where nobody answers at the earlier ones.
  Step<Target> resolve_first(std::vector<std::string> addresses) const {
    const Visit visit = visit_of(addresses.front());
    addresses.erase(addresses.begin());
    return follow<Target>(visit, [this, addresses](const Visit& at, const auto& response) {
      if (!response) {
        return response.error().code == ErrorCode::unavailable && !addresses.empty()
                   ? resolve_first(addresses)
                   : failed<Target>(response.error());
      }
      return resolve_answer(at, *response);
    });
  }

  Step<Target> resolve_answer(const Visit& visit, const http::Response& response) const {
    if (response.status != 200) {
      return failed<Target>(error_of(visit, response, clock_));
    }
    if (syntax_of(response.body) != Syntax::html) {
      return resolve_feed(visit, response);
    }
    std::string feed = feed_of_page(visit, response.body);
    if (feed.empty()) {
      return failed<Target>(ErrorCode::not_found,
                            host_of(visit.request.url) +
                                ": this web page names no feed; give the feed's own address");
    }
    return follow<Target>(visit_of(std::move(feed)), [this](const Visit& at, const auto& answer) {
      if (!answer) {
        return failed<Target>(answer.error());
      }
      return answer->status == 200 ? resolve_feed(at, *answer)
                                   : failed<Target>(error_of(at, *answer, clock_));
    });
  }

  static Step<Target> resolve_feed(const Visit& visit, const http::Response& response) {
    const Result<Document> document = read_answer(visit, response);
    return document ? Step<Target>(Result<Target>(target_of(visit.lasting_address, *document)))
                    : failed<Target>(document.error());
  }

  [[nodiscard]] Result<Batch> batch_of(const Target& target, const Position& position,
                                       const Visit& visit, const http::Response& response) const {
    Batch batch{.target = target, .position = position, .wait = fresh_for(response)};
    const auto take_validators = [&](const Position& otherwise) {
      batch.position.etag = response.headers.find("ETag").value_or(otherwise.etag);
      batch.position.last_modified =
          response.headers.find("Last-Modified").value_or(otherwise.last_modified);
    };
    if (response.status == 304) {
      batch.target.address = visit.lasting_address;
      take_validators(position);
      return batch;
    }
    // What a redirect leads to for now says nothing of the feed's own address.
    if (response.status == 410 && visit.is_lasting) {
      batch.is_gone = true;
      return batch;
    }
    if (response.status != 200) {
      return fail(error_of(visit, response, clock_));
    }
    // Only a feed is worth moving to: a site that ended redirects for good to an advertisement.
    Result<Document> document = read_answer(visit, response);
    if (!document) {
      return fail(document.error());
    }
    take_validators({});
    batch.target = target_of(visit.lasting_address, *document);
    batch.items = std::move(document->items);
    batch.format = std::move(document->format);
    return batch;
  }

  static Step<std::optional<Item>> look_up(const Document& document, const Item& item) {
    using Found = std::optional<Item>;
    const auto found = std::ranges::find(document.items, item.id, &Item::id);
    if (found != document.items.end()) {
      return Result<Found>(*found);
    }
    if (has_telling_page(item)) {
      return ask_page_of(item);
    }
    const bool may_have_fallen_off =
        !document.items.empty() && std::ranges::none_of(document.items, [&](const Item& other) {
          return is_in_order(other.published_at, item.published_at);
        });
    return Result<Found>(may_have_fallen_off ? Found(item) : std::nullopt);
  }

  const Clock& clock_;
};

}  // namespace

std::unique_ptr<Source> make_rss(const Clock& clock) {
  return std::make_unique<Rss>(clock);
}

}  // namespace bb::feeds

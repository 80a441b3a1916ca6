#include "features/feeds/sources/x/payload.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <map>
#include <ranges>
#include <utility>

#include "base/json.hpp"
#include "base/text.hpp"
#include "base/time.hpp"
#include "features/feeds/formats/item_limits.hpp"
#include "features/feeds/sources/answer.hpp"

namespace bb::feeds::x {
namespace {

using boost::json::value;

constexpr std::string_view service = "X";
constexpr std::size_t longest_id = 20;
constexpr std::size_t longest_link = 2'000;
constexpr std::size_t most_posts = 500;  // of the largest pages of any call
constexpr std::chrono::hours wait_for_credits{24};

// By the address that stands in the text; empty for one of a picture or film, which is no link.
using Links = std::map<std::string, std::string, std::less<>>;

Links links_of(const value& entities) {
  Links links;
  const auto* urls = json::array(entities, "urls");
  for (const value& url : urls == nullptr ? boost::json::array() : *urls) {
    const auto shown = json::string(url, "url");
    const auto full = json::string(url, "expanded_url");
    if (!shown || !full || full->size() > longest_link ||
        (!full->starts_with("https://") && !full->starts_with("http://"))) {
      continue;
    }
    const std::string display = json::string(url, "display_url").value_or("");
    const bool is_media = display.starts_with("pic.twitter.com/") ||
                          display.starts_with("pic.x.com/") ||
                          json::find(url, "media_key") != nullptr;
    links.insert_or_assign(*shown, is_media ? std::string() : *full);
  }
  return links;
}

// X escapes these three in texts, and nothing else.
std::string unescape(std::string_view text) {
  constexpr std::pair<std::string_view, char> escapes[] = {
      {"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}};
  std::string plain;
  while (!text.empty()) {
    const auto escape = std::ranges::find_if(
        escapes, [&](const auto& known) { return text.starts_with(known.first); });
    if (escape != std::end(escapes)) {
      plain += escape->second;
      text.remove_prefix(escape->first.size());
    } else {
      plain += text.front();
      text.remove_prefix(1);
    }
  }
  return plain;
}

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// The text with full links. The positions that come with them count differently from one kind of
// answer to the next, so short links are found by their form.
std::string with_full_links(std::string_view text, const Links& links) {
  constexpr std::string_view start = "https://t.co/";
  std::string plain;
  while (true) {
    const std::size_t at = text.find(start);
    plain += text.substr(0, at);
    if (at == std::string_view::npos) {
      return std::string(trim(plain));
    }
    std::size_t end = at + start.size();
    while (end < text.size() && is_letter_or_digit(text[end])) {
      ++end;
    }
    const std::string_view shown = text.substr(at, end - at);
    const auto full = links.find(shown);
    plain += full == links.end() ? shown : std::string_view(full->second);
    text.remove_prefix(end);
  }
}

bool refers_as(const value& post, std::string_view kind) {
  const auto* references = json::array(post, "referenced_tweets");
  return references != nullptr && std::ranges::any_of(*references, [&](const value& reference) {
           return json::string(reference, "type") == kind;
         });
}

// The first and the newest version of a post.
std::pair<std::string, std::string> versions_of(const value& post, const std::string& id) {
  std::pair<std::string, std::string> versions{id, id};
  const auto* history = json::array(post, "edit_history_tweet_ids");
  for (const value& entry : history == nullptr ? boost::json::array() : *history) {
    const auto* text = entry.if_string();
    const std::string version(text == nullptr ? "" : std::string_view(*text));
    if (is_id(version)) {
      versions.first = is_newer(versions.first, version) ? version : versions.first;
      versions.second = is_newer(version, versions.second) ? version : versions.second;
    }
  }
  return versions;
}

// Nothing where the required is missing.
std::optional<Post> to_post(const value& post, std::string_view profile) {
  const auto id = json::string(post, "id");
  const value* note = json::find(post, "note_tweet");  // the whole of a long text
  const value& texts = note != nullptr && json::string(*note, "text") ? *note : post;
  const auto text = json::string(texts, "text");
  if (!id || !is_id(*id) || !text) {
    return std::nullopt;
  }
  auto [first, latest] = versions_of(post, *id);
  Item item{.id = std::move(first), .url = fmt::format("{}/status/{}", profile, *id)};
  const value* entities = json::find(texts, "entities");
  item.text = with_full_links(shortened(unescape(*text)),
                              entities == nullptr ? Links() : links_of(*entities));
  if (const auto created = json::string(post, "created_at")) {
    const auto time = parse_rfc3339(*created);
    item.published_at = time ? std::optional(*time) : std::nullopt;
  }
  if (const auto* media = json::array(post, "attachments.media_keys")) {
    item.media = media->size();
  }
  if (json::boolean(post, "possibly_sensitive") == true) {
    item.content_warning = "marked as sensitive on X";
  }
  const auto* tags = json::array(texts, "entities.hashtags");
  for (const value& tag : tags == nullptr ? boost::json::array() : *tags) {
    if (const auto word = json::string(tag, "tag")) {
      add_hashtag(item.hashtags, *word);
    }
  }
  item.is_reply = refers_as(post, "replied_to");
  item.is_repost = refers_as(post, "retweeted");
  return Post{.item = within_limits(std::move(item)), .latest = std::move(latest)};
}

// The first problem in the body of an answer 200.
std::string problem_of(const value& body) {
  const auto* errors = json::array(body, "errors");
  return errors == nullptr || errors->empty() ? std::string()
                                              : json::string(errors->front(), "type").value_or("");
}

// Errors that say that what was asked for is not there for us.
Error absent(const value& body, std::string_view what) {
  const std::string problem = problem_of(body);
  if (problem.ends_with("/resource-not-found")) {
    return {.code = ErrorCode::not_found, .message = fmt::format("X has no such {}", what)};
  }
  if (problem.ends_with("/not-authorized-for-resource")) {
    return {.code = ErrorCode::forbidden,
            .message = fmt::format("X shows this {} only to some", what)};
  }
  return {.code = ErrorCode::bad_response, .message = "X answered without data"};
}

}  // namespace

bool is_id(std::string_view text) {
  return !text.empty() && text.size() <= longest_id &&
         text.find_first_not_of("0123456789") == std::string_view::npos;
}

Result<User> parse_user(std::string_view body) {
  const auto answer = parse_answer(service, body);
  if (!answer) {
    return fail(answer.error());
  }
  if (json::object(*answer, "data") == nullptr) {
    return fail(absent(*answer, "account"));
  }
  const auto id = json::required_string(*answer, "data.id");
  const auto username = json::required_string(*answer, "data.username");
  if (!id || !username) {
    return fail(!id ? id.error() : username.error());
  }
  if (!is_id(*id)) {
    return fail(ErrorCode::bad_response, "'data.id' is not an id of X");
  }
  return User{.id = *id, .username = *username};
}

Result<Page> parse_page(std::string_view body, std::string_view profile) {
  const auto answer = parse_answer(service, body);
  if (!answer) {
    return fail(answer.error());
  }
  const auto* posts = json::array(*answer, "data");
  if (posts == nullptr) {
    return json::integer(*answer, "meta.result_count") == 0
               ? Result<Page>(Page{})
               : Result<Page>(fail(absent(*answer, "account")));
  }
  Page page{.next_token = json::string(*answer, "meta.next_token").value_or(""),
            .billed = posts->size()};
  for (const value& entry : *posts | std::views::take(most_posts)) {
    if (std::optional<Post> post = to_post(entry, profile)) {
      const std::string id = json::string(entry, "id").value_or("");
      page.oldest = page.oldest.empty() || is_newer(page.oldest, id) ? id : page.oldest;
      page.newest = is_newer(post->latest, page.newest) ? post->latest : page.newest;
      page.items.push_back(std::move(post->item));
    }
  }
  return page;
}

Result<std::optional<Post>> parse_post(std::string_view body, std::string_view profile) {
  const auto answer = parse_answer(service, body);
  if (!answer) {
    return fail(answer.error());
  }
  if (const value* data = json::find(*answer, "data")) {
    std::optional<Post> post = to_post(*data, profile);
    return post ? Result<std::optional<Post>>(std::move(post))
                : fail(ErrorCode::bad_response, "'data' is not a post");
  }
  Error error = absent(*answer, "post");
  if (error.code == ErrorCode::bad_response) {
    return fail(std::move(error));
  }
  return std::optional<Post>();
}

Result<std::string> parse_bearer(std::string_view body) {
  const auto answer = parse_answer(service, body);
  return answer ? json::required_string(*answer, "access_token")
                : Result<std::string>(fail(answer.error()));
}

bool is_error(std::string_view body) {
  const auto answer = parse_answer(service, body);
  return answer && (json::string(*answer, "type").has_value() || !problem_of(*answer).empty());
}

Error refusal(const http::Response& response, TimePoint now) {
  Error error = feeds::refusal(service, response, now);
  const auto body = json::parse(response.body);
  const std::string type = body ? json::string(*body, "type").value_or("") : "";
  const auto* errors = body ? json::array(*body, "errors") : nullptr;
  const bool has_no_access =
      errors != nullptr && !errors->empty() && json::integer(errors->front(), "code") == 453;
  if (response.status == 401) {
    error.message =
        "X refused the credentials in TWITTER_CONSUMER_KEY and the other TWITTER_ "
        "variables (HTTP 401)";
  } else if (response.status == 402) {
    error.message = "the X account has no credits left to read posts (HTTP 402)";
    error.retry_after = wait_for_credits;
  } else if (has_no_access || response.status == 453) {
    error.code = ErrorCode::forbidden;
    error.message = "the access level of this X app does not include reading posts (453)";
  } else if (response.status == 403) {
    error.message =
        "X does not let this app read posts: is it part of a project, and the account "
        "public? (HTTP 403)";
  } else if (response.status == 429 && type.ends_with("/usage-capped")) {
    error.message = "the X app has read as many posts as it may this month (HTTP 429)";
    error.retry_after = wait_for_credits;
  }
  return error;
}

}  // namespace bb::feeds::x

#include "features/feeds/sources/bluesky/payload.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <ranges>
#include <utility>

#include "base/json.hpp"
#include "base/text.hpp"
#include "base/time.hpp"
#include "features/feeds/formats/item_limits.hpp"
#include "features/feeds/sources/answer.hpp"
#include "features/feeds/sources/bluesky/rich_text.hpp"

namespace bb::feeds::bluesky {
namespace {

using boost::json::value;

constexpr std::string_view service = "Bluesky";
constexpr std::size_t longest_did = 2'048;
constexpr std::size_t longest_handle = 253;
constexpr std::size_t longest_post_address = 3'000;
constexpr std::size_t most_posts = 100;

// Labels of moderators and authors, and what is shown instead of what they are on
// (https://docs.bsky.app/docs/advanced-guides/moderation).
constexpr std::pair<std::string_view, std::string_view> warnings[] = {
    {"!hide", "hidden by the moderators of Bluesky"},
    {"!warn", "content warning"},
    {"!no-unauthenticated", "shown only to people who are signed in to Bluesky"},
    {"porn", "adult content"},
    {"sexual", "sexually suggestive"},
    {"nudity", "nudity"},
    {"graphic-media", "graphic media"},
    {"gore", "graphic media"},
    {"self-harm", "self-harm"},
    {"sensitive", "sensitive"},
};

void add_warnings(const value& labelled, std::string_view path, std::vector<std::string>& found) {
  const auto* labels = json::array(labelled, path);
  for (const value& label : labels == nullptr ? boost::json::array() : *labels) {
    const auto word = json::string(label, "val");
    const auto warning = std::ranges::find(warnings, word.value_or(""),
                                           &std::pair<std::string_view, std::string_view>::first);
    if (warning != std::end(warnings) && json::boolean(label, "neg") != true &&
        std::ranges::find(found, warning->second) == found.end()) {
      found.emplace_back(warning->second);
    }
  }
}

std::string warning_of(const value& post) {
  std::vector<std::string> found;
  add_warnings(post, "labels", found);
  add_warnings(post, "author.labels", found);
  add_warnings(post, "record.labels.values", found);
  return join_words(found);
}

// A view of an embed, or the one with the media where it is a quotation with media.
std::size_t media_in(const value& embed) {
  const value* media = json::find(embed, "media");
  const value& shown = media == nullptr ? embed : *media;
  if (const auto* images = json::array(shown, "images")) {
    return images->size();
  }
  return json::string(shown, "$type").value_or("").starts_with("app.bsky.embed.video") ? 1 : 0;
}

// The card below a post, unless its text has the link too.
void add_card(const value& post, std::string& text) {
  const auto url = json::string(post, "embed.external.uri");
  if (url && (url->starts_with("https://") || url->starts_with("http://")) &&
      !text.contains(*url)) {
    text += (text.empty() ? "" : "\n") + *url;
  }
}

std::optional<TimePoint> time_at(const value& json, std::string_view path) {
  const auto text = json::string(json, path);
  const auto time = text ? parse_rfc3339(*text) : fail(ErrorCode::not_found, "");
  return time ? std::optional(*time) : std::nullopt;
}

// The time that the author claims, but not one after the AppView saw the post.
std::optional<TimePoint> published_at(const value& post) {
  const auto created = time_at(post, "record.createdAt");
  const auto indexed = time_at(post, "indexedAt");
  return created && indexed ? std::min(created, indexed) : created ? created : indexed;
}

bool consists_of(std::string_view text, std::string_view further) {
  return std::ranges::all_of(text, [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           further.contains(c);
  });
}

// https://atproto.com/specs/at-uri-scheme
bool is_post_address(std::string_view text) {
  return text.starts_with("at://") && text.size() <= longest_post_address &&
         consists_of(text, "._:~%-/");
}

// Empty where it is not valid any more.
std::string handle_of(const value& post) {
  const std::string handle = json::string(post, "author.handle").value_or("");
  const bool is_valid =
      handle != "handle.invalid" && handle.size() <= longest_handle && consists_of(handle, ".-");
  return is_valid ? handle : "";
}

// https://bsky.app/profile/ada.example/post/3kaheyt6vpc22
std::string url_of(const value& post, const std::string& did, std::string_view uri) {
  const std::string handle = handle_of(post);
  return fmt::format("https://bsky.app/profile/{}/post/{}", handle.empty() ? did : handle,
                     uri.substr(uri.rfind('/') + 1));
}

// Nothing where the required is missing.
std::optional<Entry> to_entry(const value& post) {
  const auto uri = json::string(post, "uri");
  const auto did = json::string(post, "author.did");
  const value* record = json::find(post, "record");
  if (!uri || !is_post_address(*uri) || !did || !is_did(*did) || record == nullptr ||
      !record->is_object()) {
    return std::nullopt;
  }
  RichText text = rich_text_of(*record);
  add_card(post, text.text);
  const std::string name = json::string(post, "author.displayName").value_or("");
  Item item{.id = *uri,
            .url = url_of(post, *did, *uri),
            .text = std::move(text.text),
            .author = trim(name).empty() ? handle_of(post) : std::string(trim(name)),
            .published_at = published_at(post),
            .content_warning = warning_of(post),
            .hashtags = std::move(text.hashtags),
            .is_reply = json::object(*record, "reply") != nullptr};
  if (const value* embed = json::find(post, "embed")) {
    item.media = media_in(*embed);
  }
  return Entry{.item = within_limits(std::move(item)),
               .indexed_at = json::string(post, "indexedAt").value_or(""),
               .author = *did,
               .handle = handle_of(post)};
}

// Somebody else's post, or an own one again.
void mark_as_repost(Entry& entry, const value& reason) {
  entry.item.id += repost_mark;
  entry.item.is_repost = true;
  entry.item.is_reply = false;
  entry.indexed_at = json::string(reason, "indexedAt").value_or(entry.indexed_at);
  entry.item.published_at = time_at(reason, "indexedAt");
  entry.author.clear();
  entry.handle.clear();
}

}  // namespace

bool is_did(std::string_view text) {
  return (text.starts_with("did:plc:") || text.starts_with("did:web:")) && text.size() > 8 &&
         text.size() <= longest_did && consists_of(text, "._:%-");
}

Result<std::string> parse_did(std::string_view body) {
  const auto answer = parse_answer(service, body);
  auto did = answer ? json::required_string(*answer, "did") : fail(answer.error());
  if (did && !is_did(*did)) {
    return fail(ErrorCode::bad_response, "'did' is not a DID that Bluesky uses");
  }
  return did;
}

Result<Page> parse_author_feed(std::string_view body) {
  const auto answer = parse_answer(service, body);
  if (!answer) {
    return fail(answer.error());
  }
  const auto* feed = json::array(*answer, "feed");
  if (feed == nullptr) {
    return fail(ErrorCode::bad_response, "'feed' is missing or not an array");
  }
  Page page{.cursor = json::string(*answer, "cursor").value_or("")};
  for (const value& listed : *feed | std::views::take(most_posts)) {
    const value* post = json::find(listed, "post");
    std::optional<Entry> entry = post == nullptr ? std::nullopt : to_entry(*post);
    if (!entry) {
      continue;
    }
    const value* reason = json::find(listed, "reason");
    if (reason != nullptr && json::object(*reason, "by") != nullptr) {
      mark_as_repost(*entry, *reason);
    }
    page.entries.push_back(*std::move(entry));
  }
  return page;
}

Result<std::optional<Item>> parse_post(std::string_view body) {
  const auto answer = parse_answer(service, body);
  if (!answer) {
    return fail(answer.error());
  }
  const auto* posts = json::array(*answer, "posts");
  if (posts == nullptr) {
    return fail(ErrorCode::bad_response, "'posts' is missing or not an array");
  }
  if (posts->empty()) {
    return std::optional<Item>();
  }
  std::optional<Entry> entry = to_entry(posts->front());
  if (!entry) {
    return fail(ErrorCode::bad_response, "'posts' has something that is not a post");
  }
  return std::optional(std::move(entry->item));
}

Error refusal(const http::Response& response, TimePoint now) {
  Error error = feeds::refusal(service, response, now);
  if (response.status != 400) {
    return error;
  }
  // Bluesky says with 400 what others say with 404 and 403.
  const auto body = json::parse(response.body);
  const std::string name = body ? json::string(*body, "error").value_or("") : "";
  const std::string message = body ? json::string(*body, "message").value_or("") : "";
  if (name == "AccountTakedown" || name == "AccountDeactivated" || name == "BlockedActor" ||
      name == "BlockedByActor") {
    return {.code = ErrorCode::forbidden,
            .message = "Bluesky does not show this account (" + name + ")"};
  }
  if (name == "ActorNotFound" || message == "Profile not found" ||
      message == "Unable to resolve handle") {
    return {.code = ErrorCode::not_found, .message = "Bluesky has no such account"};
  }
  return error;
}

}  // namespace bb::feeds::bluesky

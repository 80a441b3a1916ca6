// Bluesky's public AppView (https://docs.bsky.app/docs/api/app-bsky-feed-get-author-feed).
#include <fmt/format.h>

#include <boost/json.hpp>

#include "base/text.hpp"
#include "base/time.hpp"
#include "sim/social_state.hpp"

namespace bb::sim {
namespace {

using boost::json::array;
using boost::json::object;

constexpr std::size_t default_limit = 50;
constexpr std::size_t most_posts = 100;
constexpr std::size_t most_uris = 25;
constexpr std::size_t shown_of_link = 20;

http::Response refusal(std::string_view message) {
  return social_json(400, object{{"error", "InvalidRequest"}, {"message", message}});
}

object author_json(const SocialAccount& account) {
  return {{"did", account.id}, {"handle", account.name}, {"displayName", account.name}};
}

object facet(std::size_t start, std::size_t end, object feature) {
  return {{"index", object{{"byteStart", start}, {"byteEnd", end}}},
          {"features", array{std::move(feature)}}};
}

object record_json(const StoredPost& stored) {
  const SocialPost& post = stored.post;
  array facets;
  std::size_t at = 0;
  for (const std::string_view word : split(post.text, ' ')) {
    if (word.size() > 1 && word.front() == '#') {
      facets.push_back(
          facet(at, at + word.size(),
                object{{"$type", "app.bsky.richtext.facet#tag"}, {"tag", word.substr(1)}}));
    }
    at += word.size() + 1;
  }
  std::string text = post.text;
  if (!post.link.empty()) {
    const std::size_t scheme = post.link.find("://");
    std::string shown = post.link.substr(scheme == std::string::npos ? 0 : scheme + 3);
    if (shown.size() > shown_of_link) {
      shown = shown.substr(0, shown_of_link) + "...";
    }
    text = text_with(stored, shown);
    facets.push_back(facet(text.size() - shown.size(), text.size(),
                           object{{"$type", "app.bsky.richtext.facet#link"}, {"uri", post.link}}));
  }
  object record{{"$type", "app.bsky.feed.post"},
                {"createdAt", format_rfc3339(stored.at)},
                {"text", text},
                {"facets", std::move(facets)}};
  if (post.is_reply) {
    const object parent{{"uri", "at://did:plc:elsewhere/app.bsky.feed.post/3aaaaaaaaaa22"},
                        {"cid", "bafyreply"}};
    record["reply"] = object{{"root", parent}, {"parent", parent}};
  }
  return record;
}

object post_json(const SocialAccount& account, const StoredPost& stored) {
  const SocialPost& post = stored.post;
  array labels;
  if (!post.content_warning.empty()) {
    labels.push_back(object{{"src", account.id}, {"uri", stored.id}, {"val", "graphic-media"}});
  }
  object json{{"uri", stored.id},
              {"cid", "bafyrei"},
              {"author", author_json(account)},
              {"record", record_json(stored)},
              {"indexedAt", format_rfc3339(stored.at)},
              {"labels", std::move(labels)}};
  if (post.pictures > 0) {
    array images;
    for (std::size_t i = 0; i < post.pictures; ++i) {
      images.push_back(object{{"fullsize", fmt::format("https://cdn.example/{}.jpg", i)}});
    }
    json["embed"] = object{{"$type", "app.bsky.embed.images#view"}, {"images", std::move(images)}};
  }
  if (!post.repost_of.empty()) {
    json["author"] = object{{"did", "did:plc:" + std::string(24, 'r')},
                            {"handle", post.repost_of},
                            {"displayName", post.repost_of}};
  }
  return json;
}

http::Response author_feed(const SocialState& state, const SocialCall& call) {
  const http::Parameters& query = call.request.query;
  const std::string actor = query.find("actor").value_or("");
  const SocialAccount* account = state.find_by_id(Network::bluesky, actor);
  account = account == nullptr ? state.find(Network::bluesky, actor) : account;
  if (account == nullptr) {
    return refusal("Profile not found");
  }
  std::vector<const StoredPost*> found;
  for (const StoredPost* post : visible_posts(*account, call.now)) {
    if (!post->post.is_reply || query.find("filter") != "posts_no_replies") {
      found.push_back(post);
    }
  }
  const auto cursor = parse_integer(query.find("cursor").value_or("0")).value_or(0);
  const std::size_t first =
      std::min(static_cast<std::size_t>(std::max<std::int64_t>(cursor, 0)), found.size());
  const std::size_t end =
      std::min(first + number_or(call.request, "limit", default_limit, most_posts), found.size());
  array feed;
  for (std::size_t i = first; i < end; ++i) {
    object entry{{"post", post_json(*account, *found[i])}};
    if (!found[i]->post.repost_of.empty()) {
      entry["reason"] = object{{"$type", "app.bsky.feed.defs#reasonRepost"},
                               {"by", author_json(*account)},
                               {"indexedAt", format_rfc3339(found[i]->at)}};
    }
    feed.push_back(std::move(entry));
  }
  object body{{"feed", std::move(feed)}};
  if (end < found.size()) {
    body["cursor"] = std::to_string(end);
  }
  return social_json(200, body);
}

http::Response posts(const SocialState& state, const SocialCall& call) {
  constexpr std::string_view name = "uris=";
  array found;
  std::size_t asked = 0;
  const std::string query = call.request.query.encode();
  for (const std::string_view pair : split(query, '&')) {
    const auto uri =
        pair.starts_with(name) ? http::percent_decode(pair.substr(name.size())) : std::nullopt;
    if (!uri) {
      continue;
    }
    if (++asked > most_uris) {
      return refusal("Error: uris must not have more than 25 elements");
    }
    for (const auto& [key, account] : state.accounts) {
      if (account.network != Network::bluesky) {
        continue;
      }
      for (const StoredPost* post : visible_posts(account, call.now)) {
        if (post->id == *uri) {
          found.push_back(post_json(account, *post));
        }
      }
    }
  }
  return social_json(200, object{{"posts", std::move(found)}});
}

}  // namespace

http::Response answer_bluesky(const SocialState& state, const SocialCall& call) {
  if (call.path == "/xrpc/com.atproto.identity.resolveHandle") {
    const SocialAccount* account =
        state.find(Network::bluesky, call.request.query.find("handle").value_or(""));
    return account == nullptr ? refusal("Unable to resolve handle")
                              : social_json(200, object{{"did", account->id}});
  }
  if (call.path == "/xrpc/app.bsky.feed.getAuthorFeed") {
    return author_feed(state, call);
  }
  if (call.path == "/xrpc/app.bsky.feed.getPosts") {
    return posts(state, call);
  }
  return social_json(404, object{{"error", "XRPCNotSupported"}, {"message", "XRPCNotSupported"}});
}

}  // namespace bb::sim

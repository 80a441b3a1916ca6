// Answers of Bluesky's AppView as values, without I/O (https://bsky.network/docs).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "features/feeds/item.hpp"
#include "http/client.hpp"

namespace bb::feeds::bluesky {

struct Entry {
  Item item;
  std::string indexed_at;   // as the AppView says it
  std::string author = {};  // DID
  std::string handle = {};  // empty where it is not valid any more

  bool operator==(const Entry&) const = default;
};

struct Page {
  std::vector<Entry> entries = {};
  std::string cursor = {};  // empty: this is the last page

  bool operator==(const Page&) const = default;
};

// "did:plc:..." and "did:web:...".
bool is_did(std::string_view text);

Result<std::string> parse_did(std::string_view body);   // of resolveHandle
Result<Page> parse_author_feed(std::string_view body);  // of getAuthorFeed
// Of getPosts with one address; nothing if the post is no more.
Result<std::optional<Item>> parse_post(std::string_view body);

// A repost has the id of the post and this.
constexpr std::string_view repost_mark = "#repost";

// What an answer other than 200 means.
Error refusal(const http::Response& response, TimePoint now);

}  // namespace bb::feeds::bluesky

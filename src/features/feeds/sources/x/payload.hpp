// Answers of X's API v2 as values, without I/O (https://docs.x.com/x-api).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "features/feeds/item.hpp"
#include "http/message.hpp"

namespace bb::feeds::x {

struct User {
  std::string id;
  std::string username;

  bool operator==(const User&) const = default;
};

struct Page {
  std::vector<Item> items = {};
  std::string newest = {};      // the greatest id, of any version
  std::string oldest = {};      // the least id of those listed
  std::string next_token = {};  // empty: this is the last page
  std::size_t billed = 0;

  bool operator==(const Page&) const = default;
};

struct Post {
  Item item;
  std::string latest;  // the id of the newest version

  bool operator==(const Post&) const = default;
};

// An id as X makes them: digits.
bool is_id(std::string_view text);

// `profile` is the address that the links to posts begin with. An item's id is that of the first
// version of a post: each edit has its own.
Result<User> parse_user(std::string_view body);
Result<Page> parse_page(std::string_view body, std::string_view profile);
// Nothing if there is no such post, or it is hidden from us.
Result<std::optional<Post>> parse_post(std::string_view body, std::string_view profile);
Result<std::string> parse_bearer(std::string_view body);

// An error as the API itself writes it, not what stands in front of it.
bool is_error(std::string_view body);

// What an answer other than 200 means.
Error refusal(const http::Response& response, TimePoint now);

}  // namespace bb::feeds::x

#include "features/feeds/sources/mastodon/payload.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <optional>
#include <ranges>
#include <utility>

#include "base/json.hpp"
#include "base/text.hpp"
#include "base/time.hpp"
#include "features/feeds/formats/address.hpp"
#include "features/feeds/formats/html.hpp"
#include "features/feeds/formats/item_limits.hpp"
#include "features/feeds/sources/answer.hpp"

namespace bb::feeds::mastodon {
namespace {

using boost::json::value;

constexpr std::string_view service = "the Mastodon instance";
constexpr std::size_t longest_id = 64;
constexpr std::size_t most_statuses = 80;

std::string text_at(const value& json, std::string_view path) {
  return std::string(trim(json::string(json, path).value_or("")));
}

std::string name_of(const value& status) {
  const std::string name = text_at(status, "account.display_name");
  return name.empty() ? text_at(status, "account.username") : name;
}

// What is said, of the status itself or of the one that it repeats.
void read_content(const value& status, Item& item) {
  item.url = resolve_address("", text_at(status, "url"));
  item.text = html_to_text(json::string(status, "content").value_or("")).text;
  item.author = name_of(status);
  const auto* media = json::array(status, "media_attachments");
  item.media = media == nullptr ? 0 : media->size();
  item.content_warning = text_at(status, "spoiler_text");
  if (item.content_warning.empty() && item.media > 0 &&
      json::boolean(status, "sensitive") == true) {
    item.content_warning = "sensitive media";
  }
  const auto* tags = json::array(status, "tags");
  for (const value& tag : tags == nullptr ? boost::json::array() : *tags) {
    if (const auto name = json::string(tag, "name")) {
      add_hashtag(item.hashtags, *name);
    }
  }
}

Result<Item> to_item(const value& status) {
  auto id = json::required_string(status, "id");
  if (!id) {
    return fail(id.error());
  }
  if (!is_id(*id)) {
    return fail(ErrorCode::bad_response, "'id' is not the id of a status");
  }
  Item item{.id = *std::move(id)};
  if (const auto time = parse_rfc3339(text_at(status, "created_at"))) {
    item.published_at = *time;
  }
  const value* reblog = json::find(status, "reblog");
  item.is_repost = reblog != nullptr && reblog->is_object();
  read_content(item.is_repost ? *reblog : status, item);
  if (item.is_repost) {
    item.author += fmt::format(" (@{})", text_at(*reblog, "account.acct"));
  }
  item.is_reply = json::string(status, "in_reply_to_id").has_value();
  return within_limits(std::move(item));
}

bool is_for_everyone(const value& status) {
  const std::string visibility = json::string(status, "visibility").value_or("public");
  return visibility == "public" || visibility == "unlisted";
}

}  // namespace

bool is_id(std::string_view text) {
  return !text.empty() && text.size() <= longest_id && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  });
}

Result<std::string> parse_account_id(std::string_view body) {
  const auto answer = parse_answer(service, body);
  auto id = answer ? json::required_string(*answer, "id") : fail(answer.error());
  if (id && !is_id(*id)) {
    return fail(ErrorCode::bad_response, "'id' is not the id of an account");
  }
  return id;
}

Result<std::vector<Item>> parse_statuses(std::string_view body) {
  const auto answer = parse_answer(service, body);
  if (!answer) {
    return fail(answer.error());
  }
  if (!answer->is_array()) {
    return fail(ErrorCode::bad_response, "the Mastodon instance answered with no list of statuses");
  }
  std::vector<Item> items;
  for (const value& status : answer->get_array() | std::views::take(most_statuses)) {
    Result<Item> item = to_item(status);
    if (item && is_for_everyone(status)) {
      items.push_back(*std::move(item));
    }
  }
  return items;
}

Result<Item> parse_status(std::string_view body) {
  const auto answer = parse_answer(service, body);
  return answer ? to_item(*answer) : Result<Item>(fail(answer.error()));
}

Item from_feed(Item item) {
  // https://example.social/@ada/117020583223442465
  const std::string_view last = std::string_view(item.url).substr(item.url.rfind('/') + 1);
  if (is_id(last)) {
    item.id = last;
  }
  // The title, where there is one, is the beginning of the text.
  item.title.clear();
  constexpr std::string_view mark = "Content warning:";
  if (item.text.starts_with(mark)) {
    const std::size_t end = std::min(item.text.find('\n'), item.text.size());
    item.content_warning = trim(std::string_view(item.text).substr(mark.size(), end - mark.size()));
    item.text = trim(std::string_view(item.text).substr(end));
  }
  return item;
}

}  // namespace bb::feeds::mastodon

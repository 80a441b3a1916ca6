// JSON Feed 1.0 and 1.1 (https://jsonfeed.org).
#include <algorithm>
#include <boost/json.hpp>

#include "base/json.hpp"
#include "base/text.hpp"
#include "features/feeds/formats/address.hpp"
#include "features/feeds/formats/date.hpp"
#include "features/feeds/formats/html.hpp"
#include "features/feeds/formats/item_limits.hpp"
#include "features/feeds/formats/readers.hpp"

namespace bb::feeds {
namespace {

using boost::json::value;

std::string text_at(const value& from, std::string_view path) {
  return json::string(from, path).value_or("");
}

// An id should be text, and is a number in some feeds.
std::string id_of(const value& item) {
  if (const auto number = json::integer(item, "id")) {
    return std::to_string(*number);
  }
  return std::string(trim(text_at(item, "id")));
}

std::string author_of(const value& item) {
  std::vector<std::string> names;
  if (const auto* authors = json::array(item, "authors")) {
    for (const value& author : *authors) {
      if (std::string name = one_line(text_at(author, "name")); !name.empty()) {
        names.push_back(std::move(name));
      }
    }
  }
  return names.empty() ? one_line(text_at(item, "author.name")) : join_words(names);
}

std::vector<std::string> hashtags_of(const value& item) {
  std::vector<std::string> tags;
  if (const auto* written = json::array(item, "tags")) {
    for (const value& tag : *written) {
      if (tag.is_string()) {
        add_hashtag(tags, tag.as_string());
      }
    }
  }
  return tags;
}

std::size_t attached_media(const value& item) {
  const auto* attachments = json::array(item, "attachments");
  if (attachments == nullptr) {
    return 0;
  }
  return static_cast<std::size_t>(std::ranges::count_if(
      *attachments, [](const value& one) { return is_media_type(text_at(one, "mime_type")); }));
}

Entry read_item(const value& written, const std::string& base) {
  std::string link = text_at(written, "url");
  if (trim(link).empty()) {
    link = text_at(written, "external_url");
  }
  Entry entry{.id = id_of(written), .link = std::move(link)};
  Item& item = entry.item;
  item.url = resolve_address(base, entry.link);
  item.title = one_line(text_at(written, "title"));
  const PlainText content = html_to_text(text_at(written, "content_html"));
  for (const std::string& text :
       {text_at(written, "summary"), text_at(written, "content_text"), content.text}) {
    if (item.text.empty()) {
      item.text = shortened(text);
    }
  }
  item.author = author_of(written);
  item.published_at = parse_date(text_at(written, "date_published"));
  if (!item.published_at) {
    item.published_at = parse_date(text_at(written, "date_modified"));
  }
  const std::size_t picture = text_at(written, "image").empty() ? 0 : 1;
  item.media = std::max({attached_media(written), content.media, picture});
  item.hashtags = hashtags_of(written);
  return entry;
}

}  // namespace

Result<Reading> read_json_feed(std::string_view text, const std::string& address) {
  boost::json::monotonic_resource memory;
  const Result<value> parsed = json::parse(text, &memory);
  if (!parsed) {
    return fail(ErrorCode::bad_response, parsed.error().message);
  }
  const std::string version = to_lower(text_at(*parsed, "version"));
  const auto* items = json::array(*parsed, "items");
  if (version.find("://jsonfeed.org/version/") == version.npos || items == nullptr) {
    return fail(
        ErrorCode::bad_response,
        "this is JSON, but not a JSON Feed: it has no version of jsonfeed.org, or no items");
  }
  if (items->size() > most_entries) {
    return fail(ErrorCode::bad_response,
                "the feed has more than " + std::to_string(most_entries) + " items");
  }
  const std::string page = resolve_address(address, text_at(*parsed, "home_page_url"));
  Reading reading{.document = {.format = "JSON Feed",
                               .title = one_line(text_at(*parsed, "title")),
                               .link = page}};
  for (const value& item : *items) {
    reading.entries.push_back(read_item(item, address));
  }
  return reading;
}

}  // namespace bb::feeds

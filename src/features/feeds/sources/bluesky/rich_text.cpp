#include "features/feeds/sources/bluesky/rich_text.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <cstdint>
#include <string_view>

#include "base/json.hpp"
#include "features/feeds/formats/item_limits.hpp"

namespace bb::feeds::bluesky {
namespace {

using boost::json::value;

struct Link {
  std::size_t start = 0;  // octets
  std::size_t end = 0;
  std::string url;
};

bool is_boundary(std::string_view text, std::size_t at) {
  return at == text.size() || (static_cast<unsigned char>(text[at]) & 0xC0U) != 0x80U;
}

// "example.org/lo..." for https://example.org/long.
bool is_short_for(std::string_view shown, std::string_view url) {
  for (const std::string_view cut : {"...", "…"}) {
    shown.remove_suffix(shown.ends_with(cut) ? cut.size() : 0);
  }
  const std::size_t scheme = url.find("://");
  const std::string_view rest = url.substr(scheme == std::string_view::npos ? 0 : scheme + 3);
  return url.starts_with(shown) || rest.starts_with(shown) ||
         (rest.starts_with("www.") && rest.substr(4).starts_with(shown));
}

std::string with_full_links(std::string_view text, std::vector<Link> links) {
  std::ranges::stable_sort(links, {}, &Link::start);
  std::string full;
  std::size_t done = 0;
  for (const Link& link : links) {
    if (link.start < done) {
      continue;
    }
    const std::string_view shown = text.substr(link.start, link.end - link.start);
    full += text.substr(done, link.start - done);
    full += is_short_for(shown, link.url) ? link.url : std::string(shown) + " (" + link.url + ")";
    done = link.end;
  }
  full += text.substr(done);
  return full;
}

}  // namespace

RichText rich_text_of(const value& record) {
  const std::string text = json::string(record, "text").value_or("");
  RichText result;
  std::vector<Link> links;
  const auto* facets = json::array(record, "facets");
  for (const value& facet : facets == nullptr ? boost::json::array() : *facets) {
    const auto start = json::integer(facet, "index.byteStart").value_or(-1);
    const auto end = json::integer(facet, "index.byteEnd").value_or(-1);
    const bool is_inside = start >= 0 && end > start &&
                           end <= static_cast<std::int64_t>(text.size()) &&
                           is_boundary(text, static_cast<std::size_t>(start)) &&
                           is_boundary(text, static_cast<std::size_t>(end));
    const auto* features = json::array(facet, "features");
    for (const value& feature : features == nullptr ? boost::json::array() : *features) {
      const auto url = json::string(feature, "uri");
      if (const auto tag = json::string(feature, "tag")) {
        add_hashtag(result.hashtags, *tag);
      } else if (is_inside && url &&
                 (url->starts_with("https://") || url->starts_with("http://"))) {
        links.push_back({.start = static_cast<std::size_t>(start),
                         .end = static_cast<std::size_t>(end),
                         .url = *url});
      }
    }
  }
  const auto* tags = json::array(record, "tags");
  for (const value& tag : tags == nullptr ? boost::json::array() : *tags) {
    if (const auto* word = tag.if_string()) {
      add_hashtag(result.hashtags, std::string_view(*word));
    }
  }
  result.text = with_full_links(text, std::move(links));
  return result;
}

}  // namespace bb::feeds::bluesky

// One function per format. Each gives a document without items and its entries.
#pragma once

#include <boost/json/fwd.hpp>
#include <pugixml.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "features/feeds/formats/document.hpp"
#include "features/feeds/formats/entry.hpp"

namespace bb::feeds {

// At most so many are read; a feed with more is refused.
constexpr std::size_t most_entries = 10'000;

struct Reading {
  Document document;
  std::vector<Entry> entries = {};
};

// `root` is <rss>, <rdf:RDF> or what has their children.
Result<Reading> read_rss(pugi::xml_node root, const std::string& address);

// `root` is <feed>.
Result<Reading> read_atom(pugi::xml_node root, const std::string& address);

Result<Reading> read_json_feed(std::string_view text, const std::string& address);

// "video/mp4", "image/png"
bool is_media_type(std::string_view type);

}  // namespace bb::feeds
